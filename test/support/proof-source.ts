import { createHash, createPrivateKey, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLog, programSettings } from '#libs/platform';
import { signCertificate } from '#libs/department-client';
import { canonicalize, type JsonValue, shanghaiTime } from '#libs/kernel';
import { digestOf, signAnswer } from '#libs/proof/source';
import { type RunningSource, startSource } from '../../apps/proof-source/source.js';
import { catalogueFolder } from './catalogue.js';
import { inventedCreditCode, inventedResidentId } from './authority.js';
import type { TestCity } from './city.js';
import { type Answer, register, type TestClient, TestPhone } from './client.js';
import { TestKey } from './keys.js';

const seconds = () => Math.floor(Date.now() / 1000);

/** A record that the trial's source answers from. */
export interface SourceRecordLine {
  readonly type: string;
  readonly holder: { readonly kind: string; readonly number: string };
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a provident fund's records say of an invented person. */
export const fundRecord = (number: string): SourceRecordLine => ({
  type: 'ZM001',
  holder: { kind: '111', number },
  fields: {
    姓名: '测试甲',
    证件号码: number,
    个人账号: '000123456789',
    缴存单位: '示例单位',
    缴存基数: 8000,
    月缴存额: 1920,
    缴至年月: '2026-10',
    账户余额: 45678.9,
    账户状态: '正常',
  },
});

/** What a dishonest department, or somebody on the way, would do to an answer. */
export interface Tamper {
  readonly signsWith?: 'another';
  readonly request?: 'another';
  readonly sdJwt?: 'another';
  readonly holder?: 'another';
  readonly type?: string;
  readonly asOf?: 'old' | null;
  readonly field?: 'more' | 'less';
  readonly body?: string;
}

/**
 * The trial's source of e-proofs beside a city, as its own program starts it, with an authority of
 * its own; it can be stopped and started again, and told of other records.
 */
export class TestSource {
  #running: RunningSource | null = null;
  #between: Server | null = null;
  /** How often it was asked since it was started. */
  asked = 0;
  /** What a test does while the department answers; once. */
  whileAnswering: (() => Promise<void>) | null = null;
  /** What is done to answers on the way. */
  tamper: Tamper | null = null;

  private constructor(
    private readonly city: TestCity,
    private readonly folder: string,
    readonly key: TestKey,
    readonly client: string,
    readonly creditCode: string,
    readonly types: readonly string[],
  ) {}

  static async beside(
    city: TestCity,
    types: readonly string[] = ['ZM001', 'ZM007'],
  ): Promise<TestSource> {
    const key = new TestKey('Ed25519');
    const creditCode = inventedCreditCode();
    const details = {
      kind: 'issuing-authority',
      name: '示例证明机构',
      department: '住房公积金',
      authority: { creditCode, name: '示例证明机构', types },
    };
    const { status, body } = await city.admin.post('/v1/clients', {
      ...details,
      keys: [await key.proved(details)],
    });
    if (status !== 201) throw new Error(`no authority: ${JSON.stringify(body)}`);
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-source-'));
    await writeFile(join(folder, 'source.jwk'), JSON.stringify(key.exported()), { mode: 0o600 });
    return new TestSource(city, folder, key, body.client as string, creditCode, types);
  }

  /** Starts it, or starts it anew, on these records. */
  async start(records: readonly SourceRecordLine[] | null = null): Promise<void> {
    await this.stop();
    const file = join(this.folder, 'import.ndjson');
    if (records !== null)
      await writeFile(file, records.map((line) => `${JSON.stringify(line)}\n`).join(''));
    const { city } = this.city;
    this.#running = await startSource(
      {
        ...programSettings({ PORT: '0', DATA_DIR: this.folder }, this.folder, 'proof-source', {
          usual: 8090,
          least: 0,
        }),
        cityUrl: this.city.baseUrl,
        logPolicy: city.house.sealed.policyFile,
        client: this.client,
        creditCode: this.creditCode,
        keyFile: join(this.folder, 'source.jwk'),
        catalogueDir: catalogueFolder.pathname,
        records: records === null ? null : file,
      },
      openLog(process.env['TEST_LOG_LEVEL'] ?? 'silent'),
    );
    this.asked = 0;
    await this.tell(await this.#listenBetween());
  }

  /** The city reaches the source through here, so that a test sees and changes what passes. */
  async #listenBetween(): Promise<string> {
    const between = createServer((request, response) => {
      void this.#pass(request).then(
        ({ status, body }) => response.writeHead(status).end(body),
        () => response.destroy(),
      );
    });
    between.listen(0, '127.0.0.1');
    await once(between, 'listening');
    this.#between = between;
    return `http://127.0.0.1:${(between.address() as AddressInfo).port}`;
  }

  async #pass(request: IncomingMessage): Promise<{ status: number; body: string }> {
    this.asked++;
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const jws = Buffer.concat(chunks).toString('utf8');
    const answer = await fetch(`${this.#running?.url ?? ''}${request.url ?? ''}`, {
      method: 'POST',
      body: jws,
    });
    const meanwhile = this.whileAnswering;
    this.whileAnswering = null;
    await meanwhile?.();
    const text = await answer.text();
    if (this.tamper === null) return { status: answer.status, body: text };
    return { status: 200, body: this.tamper.body ?? (await this.#changed(jws, this.tamper)) };
  }

  /** An answer that this authority signed, or another one, with something wrong in it. */
  async #changed(jws: string, tamper: Tamper): Promise<string> {
    const asked = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString());
    const number = tamper.holder === undefined ? asked.holder.number : inventedResidentId();
    const { 缴存单位: employer, ...fields } = fundRecord(number).fields;
    const now = shanghaiTime(new Date().toISOString());
    const old = shanghaiTime(new Date(Date.now() - 7200_000).toISOString());
    const unemployed = {
      姓名: '测试甲',
      公民身份号码: number,
      登记日期: now.slice(0, 10),
      登记机构: '示例机构',
    };
    const signing = {
      kid: this.key.jkt,
      alg: 'EdDSA' as const,
      key: createPrivateKey({ key: this.key.exported(), format: 'jwk' }),
    };
    const sign = () =>
      signCertificate(
        {
          authority: this.creditCode,
          type: tamper.type ?? 'ZM001',
          validFrom: now.slice(0, 10),
          validUntil: null,
          ...(tamper.asOf !== null && { asOf: tamper.asOf === 'old' ? old : now }),
          holders: [{ role: 'holder', kind: '111', number }],
          fields: (tamper.type === undefined
            ? {
                ...fields,
                出具日期: now.slice(0, 10),
                ...(tamper.field !== 'less' && { 缴存单位: employer }),
                ...(tamper.field === 'more' && { 爱好: '示例' }),
              }
            : unemployed) as Record<string, JsonValue>,
        },
        signing,
      );
    const sdJwt = await sign();
    const another = new TestKey('Ed25519');
    const answer = signAnswer(
      {
        request: tamper.request === undefined ? digestOf(jws) : digestOf('another'),
        outcome: 'made',
        sdJwt: digestOf(sdJwt),
        iat: seconds(),
      },
      tamper.signsWith === undefined
        ? signing
        : {
            kid: another.jkt,
            alg: 'EdDSA',
            key: createPrivateKey({ key: another.exported(), format: 'jwk' }),
          },
    );
    return JSON.stringify({ answer, sdJwt: tamper.sdJwt === undefined ? sdJwt : await sign() });
  }

  /** Writes the city's file of sources. */
  async tell(url: string): Promise<void> {
    await writeFile(
      join(this.city.dataDir, 'proof-sources.json'),
      JSON.stringify([{ client: this.client, url, types: this.types }]),
    );
  }

  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
    this.#between?.closeAllConnections();
    this.#between?.close();
    this.#between = null;
    this.tamper = null;
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A person with an enrolled phone. */
export interface Holder {
  readonly number: string;
  readonly phone: TestPhone;
}

/** A kiosk, a window that enrols, and people, on a running city. */
export class PrintScene {
  private constructor(
    readonly city: TestCity,
    readonly kiosk: TestClient,
    readonly otherKiosk: TestClient,
    readonly window: TestClient,
  ) {}

  static async on(city: TestCity): Promise<PrintScene> {
    const { admin } = city;
    const at = { department: '政务服务', town: '示例镇' } as const;
    return new PrintScene(
      city,
      await register(admin, { ...at, kind: 'kiosk', window: 'kiosk-1' }),
      await register(admin, { ...at, kind: 'kiosk', window: 'kiosk-2' }),
      await register(admin, { ...at, kind: 'terminal', window: 'hall-1-03' }),
    );
  }

  async holder(number = inventedResidentId()): Promise<Holder> {
    const identifier = { kind: '111', number };
    const phone = new TestPhone(this.city.baseUrl);
    const { window } = this;
    const { body: found } = await window.post('/v1/subjects/identify', {
      identifier,
      basis: 'document',
    });
    const { body: opened } = await window.post('/v1/enrolments', { identifier });
    const proof = phone.sign('phone-key+jws', {
      codeHash: createHash('sha256').update(opened.code).digest('base64url'),
      jkt: phone.key.jkt,
      iat: seconds(),
    });
    await fetch(`${this.city.baseUrl}/v1/enrolments/offer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ code: opened.code, jwk: phone.key.jwk, proof }),
    });
    const { status } = await window.post(`/v1/enrolments/${opened.enrolment}/confirm`, {
      statement: window.key.sign(
        { typ: 'enrolment+jws', kid: window.key.jkt },
        { sub: found.subject, enrolment: opened.enrolment, jkt: phone.key.jkt, iat: seconds() },
      ),
    });
    if (status !== 200) throw new Error('not enrolled');
    return { number, phone };
  }

  /** A terminal of the kiosks' department at a window of this name. */
  terminalAt(window: string): Promise<TestClient> {
    return register(this.city.admin, { kind: 'terminal', department: '政务服务', window });
  }

  /** A case at a kiosk, for a document that its reader read. */
  open(number: string, matter = 'DY0001', at = this.kiosk, more: object = {}): Promise<Answer> {
    return at.post('/v1/cases', {
      matter,
      participants: [{ role: 'applicant', identifier: { kind: '111', number } }],
      ...more,
    });
  }

  ask(atCase: string, materials = ['ZM001'], at = this.kiosk, action = 'print'): Promise<Answer> {
    return at.post(`/v1/cases/${atCase}/consents`, { role: 'applicant', materials, action });
  }

  async grant({ phone }: Holder, consent: string, digits: string | null): Promise<Answer> {
    const { body: shown } = await phone.get(`/v1/phone/consents/${consent}`);
    const jws = phone.key.sign(
      { typ: 'consent-grant+jws', kid: phone.key.jkt },
      canonicalize({
        answer: 'grant',
        capacity: 'self',
        case: shown.case,
        consent,
        digits,
        iat: seconds(),
        noticeHash: shown.notice.hash,
      }),
    );
    return phone.post(`/v1/phone/consents/${consent}/grant`, { jws });
  }

  /** A case of a print to which the holder agreed, and the path of the consent. */
  async granted(holder: Holder, matter = 'DY0001', materials = ['ZM001'], more: object = {}) {
    const { body: opened } = await this.open(holder.number, matter, this.kiosk, more);
    const { body: asked } = await this.ask(opened.case, materials);
    const { status } = await this.grant(holder, asked.consent, asked.number);
    if (status !== 200) throw new Error(`not granted: ${status}`);
    const atCase = opened.case as string;
    const consent = asked.consent as string;
    return { atCase, consent, at: `/v1/cases/${atCase}/consents/${consent}` };
  }

  async token(at: string, by = this.kiosk): Promise<string> {
    const { body } = await by.post(`${at}/token`);
    return body.token as string;
  }

  /** Pulls the print, as a kiosk that read the holder's document where `number` is given. */
  async pull(at: string, number: string | null, more: object = {}): Promise<Answer> {
    return this.kiosk.post('/v1/releases', {
      token: await this.token(at),
      action: 'print',
      ...(number !== null && { identifier: { kind: '111', number } }),
      ...more,
    });
  }
}
