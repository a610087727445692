import type { JWK } from 'jose';
import {
  type ApiKey,
  type ClientDetails,
  createClient,
  type LedgerClient,
  newPrivateJwk,
  proveClientKey,
  readKey,
} from '#libs/api-client';
import { isObject, parseJson } from '#libs/kernel';
import { readSecretFile } from '#libs/platform';
import { answered, answeredOrNone } from './answered.js';
import { authorities, type Authority } from './authorities.js';
import { Choices, creditCode } from './population/numbers.js';
import { recordedTypes } from './population/proof-records.js';
import { TrialRefused, TrialStateUnusable } from './refusals.js';
import type { TrialSettings } from './settings.js';
import type { KeptClient, TrialState } from './state.js';

/** A client that the city knows, and the key with which it acts. */
export interface OwnClient {
  readonly details: ClientDetails;
  readonly client: string;
  readonly scopes: readonly string[];
  readonly privateJwk: JWK;
  readonly key: ApiKey;
  readonly api: LedgerClient;
}

/** The administrator whose key the city made at its first start. @throws TrialStateUnusable */
export async function administratorOf({ url, administratorKey: file }: TrialSettings) {
  const text = await readSecretFile(file);
  const jwk = text === null ? null : parseJson(text);
  if (!isObject(jwk))
    throw new TrialStateUnusable(
      'trial_state_unusable',
      `the administrator's key is not at ${file}`,
      { file },
      { hint: "Run it where the city runs, with the city's own DATA_DIR or KEYS_DIR." },
    );
  const key = await readKey({ ...jwk });
  return createClient({ baseUrl: url, client: 'administrator', key, scopes: ['clients:manage'] });
}

/** Where people's identity is checked in a trial, so that their phones can be enrolled. */
const reception: ClientDetails = {
  kind: 'terminal',
  name: '示例接待台',
  department: '政务服务',
  window: 'trial-reception',
  town: '示例镇',
};

/** Plays the departments whose services make e-proofs: one key of its own for all of them. */
const source = {
  kind: 'issuing-authority',
  name: '示例市证明数据源（试运行）',
  department: '政务服务',
} as const;

/** Registers what is not registered yet. */
export class Registrar {
  constructor(
    private readonly url: string,
    private readonly administrator: LedgerClient,
    private readonly state: TrialState,
  ) {}

  reception(): Promise<OwnClient> {
    return this.#registered('reception', () => reception);
  }

  source(): Promise<OwnClient> {
    const choices = new Choices(this.state.kept.seed);
    return this.#registered('proof-source', () => ({
      ...source,
      authority: {
        creditCode: creditCode('12', 0, choices),
        name: source.name,
        types: recordedTypes,
      },
    }));
  }

  async authorities(): Promise<readonly (OwnClient & { readonly is: Authority })[]> {
    const choices = new Choices(this.state.kept.seed);
    const all: (OwnClient & { readonly is: Authority })[] = [];
    for (const [n, is] of authorities.entries()) {
      const { department, name, types } = is;
      const own = await this.#registered(department, () => ({
        kind: 'issuing-authority',
        name,
        department,
        authority: { creditCode: creditCode('11', n, choices), name, types },
      }));
      all.push({ ...own, is });
    }
    return all;
  }

  async #registered(name: string, details: () => ClientDetails): Promise<OwnClient> {
    const kept = await this.state.client(name, async () => {
      const privateJwk = await newPrivateJwk();
      const key = await readKey(privateJwk);
      const { proof } = await proveClientKey(key, this.state.kept.city, details());
      return { details: details(), privateJwk, proof };
    });
    if (kept.client === null) await this.#register(kept);
    else await this.#mustBeKnown(kept.client);
    const { client, scopes, privateJwk } = kept;
    const key = await readKey(privateJwk);
    const api = createClient({ baseUrl: this.url, client: client ?? '', key, scopes });
    return { details: kept.details, client: client ?? '', scopes, privateJwk, key, api };
  }

  async #register(kept: KeptClient): Promise<void> {
    const { publicJwk } = await readKey(kept.privateJwk);
    const { client, scopes } = await answered(
      this.administrator.POST('/v1/clients', {
        params: { header: { 'Idempotency-Key': kept.idempotencyKey } },
        body: { ...kept.details, keys: [{ jwk: { ...publicJwk }, proof: kept.proof }] } as never,
      }),
    );
    kept.client = client;
    kept.scopes = scopes;
    await this.state.save();
  }

  /** @throws TrialRefused where the ledger is another one than that of the state */
  async #mustBeKnown(client: string): Promise<void> {
    const found = await answeredOrNone(
      this.administrator.GET('/v1/clients/{client}', { params: { path: { client } } }),
    );
    if (found === null)
      throw new TrialRefused(
        'trial_of_other_ledger',
        'the trial hall was made in another ledger than this city has now',
        {},
        { hint: 'Move the folder `trial` of DATA_DIR away: the next start makes a new one.' },
      );
  }
}
