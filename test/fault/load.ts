import { createHash, createPrivateKey, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CompactSign, type JWK } from 'jose';
import {
  type ApiKey,
  clientFetch,
  newPrivateJwk,
  phoneFetch,
  readKey,
  signStatement,
} from '#libs/api-client';
import { signCertificate } from '#libs/certificate';
import { canonicalize, creditCodeCheck, utf8Bytes } from '#libs/kernel';
import { inventPeople, type Person } from '../demo/people.js';

type Send = (request: Request) => Promise<Response>;
interface Holder {
  readonly person: Person;
  readonly key: ApiKey;
  readonly send: Send;
}
interface RecordPlace {
  readonly stream: string;
  readonly version: number;
  readonly hash: string;
}

/** What the ledger acknowledged: it must be there afterwards, whatever was killed. */
export interface Acknowledged {
  /** Records whose place and hash were told. */
  readonly records: RecordPlace[];
  /** Facts that were acknowledged without a place: event type and the id that its data carry. */
  readonly facts: { readonly type: string; readonly member: string; readonly id: string }[];
}

/** Answers that say: nothing is known to have happened, send the same again. */
const again = new Set([0, 429, 500, 502, 503, 504]);

/**
 * Clients that do the main job over and over, as a city's windows do. A request without a good answer is sent again under the same
 * Idempotency-Key until it gets one; what is acknowledged is noted down.
 */
export class Load {
  readonly acknowledged: Acknowledged = { records: [], facts: [] };
  readonly outcomes = new Map<string, number>();
  #stopping = false;
  #workers: Promise<void>[] = [];

  private constructor(
    private readonly baseUrl: string,
    private readonly authority: {
      readonly send: Send;
      readonly key: ApiKey;
      readonly jwk: JWK;
      readonly code: string;
    },
    private readonly windows: readonly Send[],
    private readonly holders: readonly Holder[],
  ) {}

  /** Registers windows and an authority, and enrols holders' phones, through the door. */
  static async prepare(
    baseUrl: string,
    dataDir: string,
    windows: number,
    holders: number,
  ): Promise<Load> {
    const administrator = clientFetch({
      baseUrl,
      client: 'administrator',
      key: await readKey(
        JSON.parse(await readFile(join(dataDir, 'keys', 'administrator.jwk'), 'utf8')) as JWK,
      ),
      scopes: ['clients:manage'],
    });
    const register = async (registration: Record<string, unknown>) => {
      const jwk = await newPrivateJwk();
      const key = await readKey(jwk);
      const { client, scopes } = await must<{ client: string; scopes: string[] }>(
        post(administrator, `${baseUrl}/v1/clients`, { ...registration, keys: [key.publicJwk] }),
      );
      return { key, jwk, send: clientFetch({ baseUrl, client, key, scopes }) };
    };
    const first17 = '11990000DEMA00001';
    const code = first17 + (creditCodeCheck(first17) ?? '');
    const name = '演示公安机关（虚构）';
    const authority = {
      code,
      ...(await register({
        kind: 'issuing-authority',
        name,
        department: '公安',
        authority: { creditCode: code, name, types: ['ZZ001'] },
      })),
    };
    const terminals = [];
    for (let n = 0; n < windows; n++)
      terminals.push(
        await register({
          kind: 'terminal',
          name: `演示窗口${n}（虚构）`,
          department: '人社',
          window: `fault-${n}`,
        }),
      );
    const [first] = terminals;
    if (first === undefined) throw new RangeError('at least one window');
    const enrolled: Holder[] = [];
    for (const person of inventPeople(holders)) enrolled.push(await enrol(baseUrl, first, person));
    const load = new Load(
      baseUrl,
      authority,
      terminals.map(({ send }) => send),
      enrolled,
    );
    for (const { person } of enrolled) await load.issue(person);
    return load;
  }

  start(workers: number): void {
    for (let n = 0; n < workers; n++) this.#workers.push(this.#work(n));
  }

  /** Lets every worker end what it began. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all(this.#workers);
  }

  async #work(n: number): Promise<void> {
    const window = this.windows[n % this.windows.length];
    for (let turn = n; !this.#stopping; turn += 7) {
      const holder = this.holders[turn % this.holders.length];
      if (window === undefined || holder === undefined) return;
      if (turn % 5 === 0) await this.issue(holder.person);
      await this.#oneCase(window, holder);
    }
  }

  async issue({ name, number, address }: Person): Promise<void> {
    const day = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
    const until = `${Number(day.slice(0, 4)) + 10}-01-31`;
    const sdJwt = await signCertificate(
      {
        authority: this.authority.code,
        type: 'ZZ001',
        validFrom: day,
        validUntil: until,
        holders: [{ role: 'holder', kind: '111', number }],
        fields: {
          姓名: name,
          性别: '女',
          民族: '汉',
          出生日期: `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`,
          住址: address,
          公民身份号码: number,
          签发机关: '演示公安机关（虚构）',
          有效期限: `${day}至${until}`,
        },
      },
      {
        kid: this.authority.key.jkt,
        alg: this.authority.key.alg,
        key: createPrivateKey({ key: this.authority.jwk, format: 'jwk' }),
      },
    );
    const answer = await this.#insist(this.authority.send, '/v1/certificates', { sdJwt });
    if (answer !== null) this.acknowledged.records.push((answer as { record: RecordPlace }).record);
  }

  /** One case from its opening to its end. */
  async #oneCase(window: Send, { person, key, send }: Holder): Promise<void> {
    const opened = (await this.#insist(window, '/v1/cases', {
      matter: 'SX0047',
      participants: [{ role: 'applicant', identifier: { kind: '111', number: person.number } }],
    })) as { case: string } | null;
    if (opened === null) return;
    const { facts, records } = this.acknowledged;
    facts.push({ type: 'CaseOpened', member: 'case', id: opened.case });
    const asked = (await this.#insist(window, `/v1/cases/${opened.case}/consents`, {
      role: 'applicant',
      materials: ['ZZ001'],
    })) as { consent: string } | null;
    if (asked === null) return;
    const { consent } = asked;
    facts.push({ type: 'ConsentRequested', member: 'consent', id: consent });
    if (!(await this.#grant(send, key, consent))) return;
    facts.push({ type: 'ConsentGranted', member: 'consent', id: consent });
    const minted = (await this.#insist(
      window,
      `/v1/cases/${opened.case}/consents/${consent}/token`,
      {},
    )) as {
      token: string;
    } | null;
    if (minted === null) return;
    const release = (await this.#insist(window, '/v1/releases', { token: minted.token })) as {
      record: RecordPlace;
    } | null;
    if (release !== null) records.push(release.record);
    await this.#insist(window, `/v1/cases/${opened.case}/close`, { outcome: 'accepted' });
  }

  async #grant(send: Send, key: ApiKey, consent: string): Promise<boolean> {
    const shown = await this.#tried('show', () =>
      send(new Request(`${this.baseUrl}/v1/phone/consents/${consent}`)),
    );
    if (shown === null) return false;
    const { case: atCase, notice } = shown as { case: string; notice: { hash: string } };
    const idempotencyKey = randomUUID();
    const granted = await this.#tried('grant', async () => {
      const payload = {
        answer: 'grant',
        capacity: 'self',
        case: atCase,
        consent,
        iat: Math.floor(Date.now() / 1000),
        noticeHash: notice.hash,
      };
      const jws = await new CompactSign(utf8Bytes(canonicalize(payload)))
        .setProtectedHeader({ alg: key.alg, typ: 'consent-grant+jws', kid: key.jkt })
        .sign(key.privateKey);
      return post(
        send,
        `${this.baseUrl}/v1/phone/consents/${consent}/grant`,
        { jws },
        idempotencyKey,
      );
    });
    return granted !== null;
  }

  #insist(send: Send, path: string, body: unknown): Promise<unknown> {
    const idempotencyKey = randomUUID();
    const what = path.split('/').at(-1) ?? path;
    return this.#tried(what, () => post(send, this.baseUrl + path, body, idempotencyKey));
  }

  /** The answer, or null where it is a refusal. Sends again for two minutes at most. */
  async #tried(what: string, send: () => Promise<Response>): Promise<unknown> {
    const until = Date.now() + 120_000;
    while (Date.now() < until) {
      const response = await send().catch(() => null);
      const text = await response?.text().catch(() => null);
      const status = typeof text === 'string' ? (response?.status ?? 0) : 0;
      if (again.has(status)) {
        this.#note(`${what}: sent again`);
        await wait(100);
        continue;
      }
      const value: unknown = JSON.parse(text ?? 'null');
      if (response?.ok === true) {
        this.#note(`${what}: done`);
        return value;
      }
      this.#note(`${what}: ${String(status)} ${(value as { code?: string } | null)?.code ?? ''}`);
      return null;
    }
    this.#note(`${what}: given up`);
    return null;
  }

  #note(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }
}

const post = (send: Send, url: string, body: unknown, idempotencyKey: string = randomUUID()) =>
  send(
    new Request(url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    }),
  );

async function must<T>(sent: Promise<Response>): Promise<T> {
  const response = await sent;
  if (!response.ok) throw new TypeError(`the preparation was refused: ${await response.text()}`);
  return (await response.json()) as T;
}

async function enrol(
  baseUrl: string,
  terminal: { send: Send; key: ApiKey },
  person: Person,
): Promise<Holder> {
  const identifier = { kind: '111', number: person.number };
  const key = await readKey(await newPrivateJwk('ES256'));
  const { send } = terminal;
  await must(post(send, `${baseUrl}/v1/subjects/identify`, { identifier, basis: 'document' }));
  const { enrolment, code } = await must<{ enrolment: string; code: string }>(
    post(send, `${baseUrl}/v1/enrolments`, { identifier }),
  );
  const iat = Math.floor(Date.now() / 1000);
  const codeHash = createHash('sha256').update(code).digest('base64url');
  const proof = await signStatement(key, 'phone-key+jws', { codeHash, jkt: key.jkt, iat });
  await must(
    post(phoneFetch(key), `${baseUrl}/v1/enrolments/offer`, { code, jwk: key.publicJwk, proof }),
  );
  const { subject } = await must<{ subject: string }>(
    send(new Request(`${baseUrl}/v1/enrolments/${enrolment}`)),
  );
  const statement = await signStatement(terminal.key, 'enrolment+jws', {
    sub: subject,
    enrolment,
    jkt: key.jkt,
    iat,
  });
  await must(post(send, `${baseUrl}/v1/enrolments/${enrolment}/confirm`, { statement }));
  return { person, key, send: phoneFetch(key) };
}
