/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type JsonWebKey,
  randomBytes,
  randomUUID,
} from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type CertificateContent, formatIdentifier } from '#libs/certificate';
import { signCertificate, type SigningKey } from '#libs/department-client';
import { canonicalize, type JsonObject } from '#libs/kernel';
import { grantChallenge } from '#libs/verify';
import { SoftwareAuthenticator, type WrongAnswer } from './authenticator.js';
import { birthOf, inventedCreditCode, inventedResidentId, sexOf } from './authority.js';
import { startCity, type TestCity } from './city.js';
import { type Answer, register, TestClient, TestPhone } from './client.js';
import { TestKey } from './keys.js';

export const epochNow = (): number => Math.floor(Date.now() / 1000);

export interface Holder {
  readonly number: string;
  readonly phone: TestPhone;
}

/** A consent that a holder with an ID card granted, and everything around it. */
export interface GrantedConsent extends Holder {
  readonly certificate: string;
  readonly case: string;
  readonly consent: string;
  /** Path of the consent at the window. */
  readonly at: string;
  readonly token: string;
}

/** What a town needs to know of its city, wherever that runs. */
export type CityDoor = Pick<TestCity, 'baseUrl' | 'admin' | 'dataDir' | 'caughtUp' | 'stop'> & {
  /** Of its log, where that is not the one that tests have by default. */
  readonly logOrigin?: string;
};

/** Name that all holders of a town bear: no problem, header or log line may hold it. */
export const holderName = '测试甲';

/**
 * A running city with two windows of one department, an issuing authority, and people: everything
 * goes through the door. Its log is kept at the finest level, for tests that look for what must not
 * be in it.
 */
export class Town<City extends CityDoor = TestCity> {
  readonly #logFile: string;
  /** What the windows of this town show, by consent: their holders stand before them. */
  readonly #numbers = new Map<string, string | null>();

  private constructor(
    readonly city: City,
    readonly terminal: TestClient,
    /** Another window of the same department. */
    readonly elsewhere: TestClient,
    readonly authority: {
      readonly http: TestClient;
      readonly creditCode: string;
      readonly key: SigningKey;
    },
  ) {
    this.#logFile = join(city.dataDir, 'city.log');
  }

  static async start(env: Readonly<Record<string, string>> = {}): Promise<Town> {
    return Town.around(await startCity({ LOG_LEVEL: 'trace', ...env }));
  }

  /** People and clients in a city that runs already. */
  static async around<City extends CityDoor>(city: City): Promise<Town<City>> {
    const at = { kind: 'terminal', department: '人社', town: '示例镇' } as const;
    return new Town(
      city,
      await register(city.admin, { ...at, window: 'hall-1-03' }, 'Ed25519', city.logOrigin),
      await register(city.admin, { ...at, window: 'hall-1-04' }, 'Ed25519', city.logOrigin),
      await newAuthority(city),
    );
  }

  stop(): Promise<void> {
    return this.city.stop();
  }

  get url(): string {
    return this.city.baseUrl;
  }

  /** Bytes that the city logged so far. */
  async logged(): Promise<number> {
    return (await stat(this.#logFile)).size;
  }

  /** What it logged since. */
  async logSince(from: number): Promise<string> {
    const file = await open(this.#logFile);
    try {
      const { buffer, bytesRead } = await file.read({
        position: from,
        buffer: Buffer.alloc(65_536),
      });
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  /** The private key by which the city signs consent tokens, as it lies in the folder of keys. */
  async ledgerKey(): Promise<JsonWebKey & { readonly kid: string }> {
    const text = await readFile(join(this.city.dataDir, 'keys', 'ledger.jwks'), 'utf8');
    return JSON.parse(text).keys[0];
  }

  /** An identified person with an enrolled phone. */
  async holder(terminal = this.terminal): Promise<Holder> {
    const number = inventedResidentId();
    const phone = new TestPhone(this.url);
    await this.enrol(number, phone, terminal);
    return { number, phone };
  }

  async enrol(number: string, phone: TestPhone, terminal = this.terminal): Promise<void> {
    const identifier = { kind: '111', number };
    const found = done(
      await terminal.post('/v1/subjects/identify', { identifier, basis: 'document' }),
    );
    const opened = done(await terminal.post('/v1/enrolments', { identifier }));
    const proof = phone.sign('phone-key+jws', {
      codeHash: createHash('sha256').update(opened.code).digest('base64url'),
      jkt: phone.key.jkt,
      iat: epochNow(),
    });
    await fetch(`${this.url}/v1/enrolments/offer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body: JSON.stringify({ code: opened.code, jwk: phone.key.jwk, proof }),
    });
    const statement = terminal.key.sign(
      { typ: 'enrolment+jws', kid: terminal.key.jkt },
      {
        sub: found.subject,
        enrolment: opened.enrolment,
        jkt: phone.key.jkt,
        iat: epochNow(),
      },
    );
    done(await terminal.post(`/v1/enrolments/${opened.enrolment}/confirm`, { statement }));
  }

  /** An ID card; answers its id when it is in the wallet. */
  async idCard(number: string, change: Partial<CertificateContent> = {}): Promise<string> {
    const sdJwt = await signCertificate(this.card(number, change), this.authority.key);
    const { certificate } = done(await this.authority.http.post('/v1/certificates', { sdJwt }));
    await this.city.caughtUp();
    return certificate;
  }

  /** A company's licence, from an authority that issues nothing else. */
  async licence(number: string): Promise<void> {
    const { creditCode, key, http } = await newAuthority(this.city, ['ZZ046']);
    const sdJwt = await signCertificate(
      {
        authority: creditCode,
        type: 'ZZ046',
        validFrom: '2020-01-01',
        validUntil: '2040-01-01',
        holders: [{ role: 'holder', kind: '001', number }],
        fields: {
          统一社会信用代码: number,
          名称: '示例有限公司',
          类型: '有限责任公司',
          法定代表人: holderName,
          注册资本: '壹佰万元',
          成立日期: '2020-01-01',
          住所: '示例市示例路1号',
          经营范围: '示例',
          登记机关: '示例市市场监管局',
        },
      },
      key,
    );
    done(await http.post('/v1/certificates', { sdJwt }));
    await this.city.caughtUp();
  }

  card(number: string, change: Partial<CertificateContent> = {}): CertificateContent {
    const identifier = formatIdentifier({
      type: '11100000000013127D001',
      authority: this.authority.creditCode,
      serial: number.slice(6, 17),
      version: 1,
    });
    return {
      authority: this.authority.creditCode,
      type: 'ZZ001',
      ...(identifier !== null && { identifier }),
      validFrom: '2020-01-01',
      validUntil: '2040-01-01',
      holders: [{ role: 'holder', kind: '111', number }],
      fields: {
        姓名: holderName,
        性别: sexOf(number),
        民族: '汉',
        出生日期: birthOf(number),
        住址: '示例市示例路1号',
        公民身份号码: number,
        签发机关: '示例市公安局',
        有效期限: '2020.01.01-2040.01.01',
      },
      ...change,
    };
  }

  /** A case for 灵活就业人员参保登记: it asks for an ID card (ZZ001), and for ZZ019. */
  openCase(number: string, at = this.terminal): Promise<Answer> {
    return at.post('/v1/cases', {
      matter: 'SX0001',
      participants: [{ role: 'applicant', identifier: { kind: '111', number } }],
    });
  }

  /**
   * An online case for 灵活就业人员参保登记, or another matter; `wrong` replaces members of what is
   * signed.
   */
  async apply({ phone }: Holder, matter = 'SX0001', wrong: JsonObject = {}): Promise<Answer> {
    const shown = done(await phone.get(`/v1/phone/matters/${matter}`));
    const jws = phone.sign('case-application+jws', {
      act: 'open',
      capacity: 'self',
      case: `_${randomBytes(16).toString('base64url').slice(1)}`,
      department: shown.department,
      iat: epochNow(),
      matter,
      matterName: shown.nameZh,
      ...wrong,
    });
    return phone.post('/v1/phone/cases', { jws });
  }

  async ask(atCase: string, materials = ['ZZ001'], at = this.terminal): Promise<Answer> {
    const answer = await at.post(`/v1/cases/${atCase}/consents`, { role: 'applicant', materials });
    this.#numbers.set(answer.body.consent, answer.body.number);
    return answer;
  }

  /**
   * A holder's yes, with the number that the window shows; `wrong` replaces members of what is
   * signed.
   */
  async grant(
    { phone }: Holder,
    consent: string,
    wrong: JsonObject = {},
    signer = phone,
  ): Promise<Answer> {
    const shown = done(await phone.get(`/v1/phone/consents/${consent}`));
    const jws = signer.key.sign(
      { typ: 'consent-grant+jws', kid: signer.key.jkt },
      canonicalize({
        answer: 'grant',
        capacity: 'self',
        case: shown.case,
        consent,
        digits: this.#numbers.get(consent) ?? null,
        iat: epochNow(),
        noticeHash: shown.notice.hash,
        ...wrong,
      }),
    );
    return phone.post(`/v1/phone/consents/${consent}/grant`, { jws });
  }

  /** A passkey that the holder's phone makes and adds; `wrong` is of its browser. */
  async addPasskey(
    { phone }: Holder,
    passkey = new SoftwareAuthenticator(this.url),
    wrong: WrongAnswer & { readonly signed?: JsonObject } = {},
  ): Promise<Answer> {
    const { publicKey } = done(await phone.post('/v1/phone/passkeys/options'));
    const credential = passkey.create(publicKey, wrong);
    const statement = phone.sign('passkey+jws', {
      credential: credential['id'],
      jkt: passkey.jkt,
      rpId: publicKey.rp.id,
      iat: epochNow(),
      ...wrong.signed,
    });
    return phone.post('/v1/phone/passkeys', { credential, statement });
  }

  /** A holder's yes by passkey, with the number that the window shows. */
  async grantByPasskey(
    { phone }: Holder,
    consent: string,
    passkey: SoftwareAuthenticator,
    {
      digits = this.#numbers.get(consent) ?? null,
      ...wrong
    }: WrongAnswer & {
      readonly digits?: string | null;
    } = {},
  ): Promise<Answer> {
    const shown = done(await phone.get(`/v1/phone/consents/${consent}`));
    const terms = { capacity: 'self', case: shown.case, consent, noticeHash: shown.notice.hash };
    const request = { challenge: grantChallenge({ ...terms, digits }), rpId: 'localhost' };
    const answer = { passkey: passkey.grant(request, digits, wrong) };
    return phone.post(`/v1/phone/consents/${consent}/grant`, answer);
  }

  /** Two digits that the window does not show for a consent. */
  wrongNumber(consent: string): string {
    return String((Number(this.#numbers.get(consent)) + 1) % 100).padStart(2, '0');
  }

  /** A case in which a holder was asked, and has not answered. */
  async asked(holder?: Holder) {
    const who = holder ?? (await this.holder());
    const { case: atCase } = done(await this.openCase(who.number));
    const { consent } = done(await this.ask(atCase));
    return {
      ...who,
      case: atCase as string,
      consent: consent as string,
      at: `/v1/cases/${atCase}/consents/${consent}`,
    };
  }

  async granted(change: Partial<CertificateContent> = {}): Promise<GrantedConsent> {
    const holder = await this.holder();
    const certificate = await this.idCard(holder.number, change);
    const asked = await this.asked(holder);
    done(await this.grant(asked, asked.consent));
    return { ...asked, certificate, token: await this.token(asked.at) };
  }

  async token(at: string): Promise<string> {
    return done(await this.terminal.post(`${at}/token`)).token;
  }

  pull(token: unknown, at = this.terminal): Promise<Answer> {
    return at.post('/v1/releases', { token });
  }
}

/**
 * The body of an answer that is a success; tests that prepare something do not go on without it.
 */
export function done(answer: Answer): any {
  if (answer.status >= 300)
    throw new Error(`${String(answer.status)} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

async function newAuthority(
  city: CityDoor,
  types = ['ZZ001', 'ZZ002'],
): Promise<Town['authority']> {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const key = new TestKey(jwk);
  const creditCode = inventedCreditCode();
  const details = {
    kind: 'issuing-authority',
    name: '示例颁发机构',
    department: '公安',
    authority: { creditCode, name: '示例颁发机构', types },
  };
  const body = done(
    await city.admin.post('/v1/clients', {
      ...details,
      keys: [await key.proved(details, city.logOrigin)],
    }),
  );
  return {
    http: new TestClient(city.baseUrl, body.client, key, body.scopes),
    creditCode,
    key: { kid: key.jkt, alg: 'EdDSA', key: createPrivateKey({ key: jwk, format: 'jwk' }) },
  };
}
