import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import type { TypeDefinition } from '#libs/catalogue';
import { type CertificateContent, formatIdentifier, type Salts } from '#libs/certificate';
import { signCertificate, type SigningKey } from '#libs/department-client';
import type { CommandContext } from '#libs/event-store';
import {
  type ClientCaller,
  ClientDirectory,
  readPublicKey,
  type RegisteredClient,
} from '#libs/identity';
import { creditCodeCheck, residentIdCheck, residentIdFacts } from '#libs/kernel';

/** A resident id number that belongs to no person: no area code begins with 99. */
export function inventedResidentId(): string {
  const digits = (count: number) => String(randomInt(0, 10 ** count)).padStart(count, '0');
  const day = `19${randomInt(40, 99)}${String(randomInt(1, 13)).padStart(2, '0')}${String(randomInt(1, 29)).padStart(2, '0')}`;
  const first17 = `99${digits(4)}${day}${digits(3)}`;
  return first17 + (residentIdCheck(first17) ?? '');
}

/** The sex that a certificate prints for the number's owner. */
export const sexOf = (number: string): string =>
  residentIdFacts(number)?.sex === 'male' ? '男' : '女';
export const birthOf = (number: string): string => residentIdFacts(number)?.birth ?? '';

/** A valid credit code of no organisation. */
export function inventedCreditCode(): string {
  const first17 = `1199${String(randomInt(0, 10 ** 13)).padStart(13, '0')}`;
  return first17 + (creditCodeCheck(first17) ?? '');
}

export const aCommand = (
  client: string,
  now = '2026-11-22T08:00:00.000Z',
  key = randomBytes(16).toString('hex'),
): CommandContext => ({
  actor: { client },
  idempotencyKey: key,
  seed: randomBytes(32).toString('hex'),
  now,
});

/** Keys as an authority makes them for itself: what it keeps, and what it registers. */
export function newAuthorityKey(alg: 'EdDSA' | 'ES256' = 'EdDSA') {
  const { privateKey, publicKey } =
    alg === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { jkt, jwk } = readPublicKey(publicKey.export({ format: 'jwk' }));
  const signing: SigningKey = { kid: jkt, alg, key: privateKey };
  return { signing, registered: { kid: jkt, alg, jwk } };
}

/** An issuing authority with its key, its registration, and certificates of invented people. */
export class TestAuthority {
  readonly creditCode = inventedCreditCode();
  readonly keys: ReturnType<typeof newAuthorityKey>;
  readonly client = `authority-${randomBytes(6).toString('hex')}`;

  constructor(
    readonly types: readonly string[],
    alg: 'EdDSA' | 'ES256' = 'EdDSA',
  ) {
    this.keys = newAuthorityKey(alg);
  }

  get registration(): RegisteredClient {
    return {
      client: this.client,
      kind: 'issuing-authority',
      name: '示例颁发机构',
      department: '示例部门',
      window: null,
      town: null,
      authority: { creditCode: this.creditCode, name: '示例颁发机构', types: this.types },
      scopes: ['certificates:issue'],
      signIn: 'client',
      keys: [this.keys.registered],
      enabled: true,
    };
  }

  get caller(): ClientCaller {
    const { keys, scopes, enabled, ...rest } = this.registration;
    return {
      is: 'client',
      ...rest,
      scopes: new Set(enabled ? scopes : []),
      jkt: keys[0]?.kid ?? '',
    };
  }

  /** An identity card of an invented person; `change` replaces what a test wants different. */
  content(change: Partial<CertificateContent> = {}): CertificateContent {
    const number =
      change.holders?.find(({ kind }) => kind === '111')?.number ?? inventedResidentId();
    const identifier = formatIdentifier({
      type: '11100000000013127D001',
      authority: this.creditCode,
      serial: String(randomInt(1, 10 ** 11)),
      version: change.version ?? 1,
    });
    return {
      authority: this.creditCode,
      type: 'ZZ001',
      ...(identifier !== null && { identifier }),
      validFrom: '2026-01-01',
      validUntil: '2046-01-01',
      holders: [{ role: 'holder', kind: '111', number }],
      fields: { 姓名: '测试甲', 公民身份号码: number, 住址: '示例市示例路1号' },
      ...change,
    };
  }

  sign(content: CertificateContent = this.content(), salts?: Salts): Promise<string> {
    return signCertificate(content, this.keys.signing, salts);
  }
}

/** The register, for tests that play the authorities themselves. */
export class TestClients extends ClientDirectory {
  readonly #clients: Map<string, RegisteredClient>;
  constructor(registrations: readonly RegisteredClient[]) {
    super();
    this.#clients = new Map(registrations.map((each) => [each.client, each]));
  }
  find(client: string): Promise<RegisteredClient | null> {
    return Promise.resolve(this.#clients.get(client) ?? null);
  }
  forget(): void {
    // nothing is remembered
  }
}

/** A type with three text fields, of which the first two are required. */
export const aType = (change: Partial<TypeDefinition> = {}): TypeDefinition => ({
  code: 'ZZ001',
  category: 'certificate',
  nameZh: '居民身份证',
  nameEn: 'Resident Identity Card',
  department: '公安',
  holder: 'natural',
  validity: 'P20Y',
  nationalTypeCode: '11100000000013127D001',
  number: null,
  fields: [
    { key: '姓名', kind: 'text' },
    { key: '公民身份号码', kind: 'code', person: { says: 'number', whose: 'holder' } },
    { key: '住址', kind: 'text' },
  ],
  schema: {
    type: 'object',
    properties: {
      姓名: { type: 'string', minLength: 1 },
      公民身份号码: { type: 'string', pattern: '^\\d{17}[\\dX]$' },
      住址: { type: 'string' },
    },
    required: ['姓名', '公民身份号码'],
    additionalProperties: false,
  },
  ...change,
});
