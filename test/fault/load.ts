import { createPrivateKey, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CompactSign, type JWK } from 'jose';
import {
  type ApiKey,
  cityOf,
  type ClientDetails,
  clientFetch,
  newPrivateJwk,
  proveClientKey,
  readKey,
} from '#libs/api-client';
import { signCertificate } from '#libs/department-client';
import { canonicalize, creditCodeCheck, utf8Bytes } from '#libs/kernel';
import { inventPeople, type Person } from '../demo/people.js';
import { enrol, type Holder, must, post, type Send } from './enrolling.js';

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

type Release = { readonly record: RecordPlace } | null;

/** Answers that say: nothing is known to have happened, send the same again. 0 stands for none. */
const again = new Set([0, 429, 500, 502, 503, 504]);
/**
 * Longer than any answer takes; who is silent as long may be frozen, and another process will
 * answer.
 */
const answerWithinMs = 8000;
/** Every so many requests, one is sent once more after it was answered. */
const onceMoreEvery = 5;

/**
 * Clients that do the main job over and over, as a city's windows do. A request without a good
 * answer is sent again under the same Idempotency-Key until it gets one; what is acknowledged is
 * noted down.
 */
export class Load {
  readonly acknowledged: Acknowledged = { records: [], facts: [] };
  readonly outcomes = new Map<string, number>();
  /**
   * Refusals that no retry can heal, and requests that never had an answer; none of them may come
   * of a process that ended.
   */
  readonly unhealed: string[] = [];
  /**
   * How many requests were sent once more under their Idempotency-Key when they had their answer,
   * and what was then answered otherwise.
   */
  readonly onceMore = { sent: 0, otherwise: [] as string[] };
  #requests = 0;
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
    const city = await cityOf(baseUrl);
    const register = async (registration: ClientDetails) => {
      const jwk = await newPrivateJwk();
      const key = await readKey(jwk);
      const proved = await proveClientKey(key, city, registration);
      const { client, scopes } = await must<{ client: string; scopes: string[] }>(() =>
        post(administrator, `${baseUrl}/v1/clients`, { ...registration, keys: [proved] }),
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

  /**
   * Requests that had to be sent more than once, or healed another way, before they had their
   * answer.
   */
  get healed(): number {
    return [...this.outcomes].reduce(
      (sum, [outcome, times]) => sum + (outcome.includes(': done after') ? times : 0),
      0,
    );
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
          性别: Number(number.charAt(16)) % 2 === 1 ? '男' : '女',
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
    })) as { consent: string; number: string | null } | null;
    if (asked === null) return;
    const { consent, number } = asked;
    facts.push({ type: 'ConsentRequested', member: 'consent', id: consent });
    if (!(await this.#grant(send, key, consent, number))) return;
    facts.push({ type: 'ConsentGranted', member: 'consent', id: consent });
    const release = await this.#release(window, `/v1/cases/${opened.case}/consents/${consent}`);
    if (release !== null) records.push(release.record);
    await this.#insist(window, `/v1/cases/${opened.case}/close`, { outcome: 'accepted' });
  }

  /**
   * Where the answer to a release was lost, the consent is spent: the same terminal reads the same
   * again. A token that grew old meanwhile is followed by another.
   */
  async #release(window: Send, at: string): Promise<Release> {
    for (;;) {
      const minted = (await this.#insist(window, `${at}/token`, {})) as { token: string } | null;
      if (minted === null) return null;
      const release = await this.#insist(window, '/v1/releases', { token: minted.token });
      if (release === spent) return (await this.#insist(window, `${at}/read-again`, {})) as Release;
      if (release !== tooLate) return release as Release;
    }
  }

  async #grant(send: Send, key: ApiKey, consent: string, digits: string | null): Promise<boolean> {
    const shown = await this.#tried('show', () =>
      send(new Request(`${this.baseUrl}/v1/phone/consents/${consent}`)),
    );
    if (shown === null) return false;
    const { case: atCase, notice } = shown as { case: string; notice: { hash: string } };
    const idempotencyKey = randomUUID();
    const payload = {
      answer: 'grant',
      capacity: 'self',
      case: atCase,
      consent,
      digits,
      iat: Math.floor(Date.now() / 1000),
      noticeHash: notice.hash,
    };
    // Signed once: what is sent again under one Idempotency-Key is the same.
    const jws = await new CompactSign(utf8Bytes(canonicalize(payload)))
      .setProtectedHeader({ alg: key.alg, typ: 'consent-grant+jws', kid: key.jkt })
      .sign(key.privateKey);
    const path = `${this.baseUrl}/v1/phone/consents/${consent}/grant`;
    const granted = await this.#tried('grant', () => post(send, path, { jws }, idempotencyKey));
    return granted !== null;
  }

  async #insist(send: Send, path: string, body: unknown): Promise<unknown> {
    const idempotencyKey = randomUUID();
    const what = path.split('/').at(-1) ?? path;
    const sent = () => post(send, this.baseUrl + path, body, idempotencyKey);
    const answer = await this.#tried(what, sent);
    if (answer !== null && !handsOver.test(path) && this.#requests++ % onceMoreEvery === 0) {
      const second = await this.#tried(`${what} once more`, sent);
      this.onceMore.sent++;
      if (JSON.stringify(second) !== JSON.stringify(answer))
        this.onceMore.otherwise.push(
          `${path}: ${JSON.stringify(answer)} and then ${JSON.stringify(second)}`,
        );
    }
    return answer;
  }

  /** The answer, or null where it is a refusal. Sends again for two minutes at most. */
  async #tried(what: string, send: () => Promise<Response>): Promise<unknown> {
    const until = Date.now() + 120_000;
    const met = new Set<number>();
    while (Date.now() < until) {
      const { status, value } = await answerOf(send);
      if (again.has(status)) {
        met.add(status);
        this.#note(`${what}: sent again after ${status === 0 ? 'no answer' : status}`);
        await wait(100);
        continue;
      }
      if (status < 300) {
        this.#note(`${what}: done${met.size === 0 ? '' : ` after ${[...met].sort().join(', ')}`}`);
        return value;
      }
      const code = (value as { code?: string } | null)?.code ?? '';
      this.#note(`${what}: ${status} ${code}`);
      if (code === 'consent_spent' && met.size > 0) return spent;
      if (code === 'token_expired' && met.size > 0) return tooLate;
      this.unhealed.push(`${what}: ${status} ${code}`);
      return null;
    }
    this.#note(`${what}: given up`);
    this.unhealed.push(`${what}: given up`);
    return null;
  }

  #note(outcome: string): void {
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
  }
}

/**
 * A release whose first response was lost: the data are not released twice for one consent, but can
 * be read again.
 */
const spent = Symbol('spent');
/** A release that was not made within the minute of its token. */
const tooLate = Symbol('too late');
/** Responses with data, or with a token that lives for a minute, differ each time. */
const handsOver = /\/(releases|token|read-again)$/;

/** What came back; status 0 where nothing did. */
async function answerOf(
  send: () => Promise<Response>,
): Promise<{ readonly status: number; readonly value: unknown }> {
  const silent = wait(answerWithinMs, null, { ref: false });
  const response = await Promise.race([send().catch(() => null), silent]);
  const text = await Promise.race([response?.text().catch(() => null), silent]);
  if (response === null || typeof text !== 'string') return { status: 0, value: null };
  return { status: response.status, value: JSON.parse(text === '' ? 'null' : text) };
}
