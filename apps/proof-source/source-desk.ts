import { readFile } from 'node:fs/promises';
import type { TypeDefinition } from '#libs/catalogue';
import {
  saltSecretOf,
  repeatableSalts,
  signCertificate,
  type SigningKey,
} from '#libs/department-client';
import type { Jwk } from '#libs/identity';
import { type Clock, epochSeconds } from '#libs/kernel';
import { isTrialOrigin } from '#libs/log';
import { digestOf, readRequest, signAnswer } from '#libs/proof/source';
import { identifierKey } from '#libs/subject';
import { openStatementKeys, parsePolicy, type Policy } from '#libs/verify';
import type { Journal } from './journal.js';
import { contentOf, type Records } from './records.js';
import { SourceRefused } from './refusals.js';

/** Longest that the city's keys are waited for, in milliseconds. */
const patienceMs = 3000;

/** What the body of an answer is. */
export interface Answered {
  readonly answer: string;
  readonly sdJwt?: string;
}

/** The city whose requests are answered: a trial, by the origin of its log. */
export class RequestingCity {
  #keys = new Map<string, Jwk>();

  private constructor(
    private readonly url: string,
    private readonly policy: Policy,
    readonly origin: string,
  ) {}

  /** @throws SourceRefused where it is no trial */
  static async of(url: string, policyFile: string): Promise<RequestingCity> {
    const policy = parsePolicy(await readFile(policyFile));
    const origin = policy.logs[0]?.key.name ?? '';
    if (!isTrialOrigin(origin))
      throw new SourceRefused(
        'city_not_trial',
        `${origin} is no trial, and this source makes statements up out of a file`,
        { city: origin },
        { hint: 'A real city names the services of its departments (docs/operations).' },
      );
    return new RequestingCity(url, policy, origin);
  }

  /** The key of this id: one that the city's log vouches for. It may be newer than this process. */
  async keyOf(kid: string): Promise<Jwk | null> {
    const known = this.#keys.get(kid);
    if (known !== undefined) return known;
    const response = await fetch(`${this.url}/log/statement-keys`, {
      signal: AbortSignal.timeout(patienceMs),
    });
    const note = new Uint8Array(await response.arrayBuffer());
    const { keys } = openStatementKeys(note, this.policy);
    this.#keys = new Map(
      keys.map(({ kid: id, publicKey }) => [
        id,
        { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') },
      ]),
    );
    return this.#keys.get(kid) ?? null;
  }
}

/** Answers requests out of the records, each request with the same statement whenever it comes. */
export class SourceDesk {
  readonly #salts;

  constructor(
    private readonly city: RequestingCity,
    private readonly is: { readonly client: string; readonly creditCode: string },
    private readonly key: SigningKey,
    private readonly types: ReadonlyMap<string, TypeDefinition>,
    private readonly records: Records,
    private readonly journal: Journal,
    private readonly clock: Clock,
  ) {
    this.#salts = saltSecretOf(key.key);
  }

  /** @throws JwsRefused, RequestReused */
  async answer(jws: string): Promise<Answered> {
    const now = this.clock.now();
    const kid = kidIn(jws);
    const jwk = kid === null ? null : await this.city.keyOf(kid);
    const { client: aud, creditCode } = this.is;
    const request = readRequest(jws, () => jwk, { iss: this.city.origin, aud, now });
    const type = this.types.get(request.type);
    const record = this.records.find(request.type, request.holder);
    const signer = { ...this.key };
    const answered = { request: digestOf(jws), iat: epochSeconds(now) };
    if (record === null || type === undefined)
      return { answer: signAnswer({ ...answered, outcome: 'none', sdJwt: null }, signer) };
    const what = digestOf(`${request.type} ${identifierKey(request.holder)}`);
    const madeAt = await this.journal.madeAt(request.request, what, now);
    const content = contentOf(record, type, request.request, { creditCode, now: madeAt });
    const sdJwt = await signCertificate(content, this.key, repeatableSalts(this.#salts, content));
    return {
      answer: signAnswer({ ...answered, outcome: 'made', sdJwt: digestOf(sdJwt) }, signer),
      sdJwt,
    };
  }
}

function kidIn(jws: string): string | null {
  try {
    const [header = ''] = jws.split('.');
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as {
      kid?: unknown;
    };
    return typeof kid === 'string' ? kid : null;
  } catch {
    return null;
  }
}
