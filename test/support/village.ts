import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { CertificateContent } from '#libs/certificate';
import { signCertificate, type SigningKey } from '#libs/department-client';
import { inventedCreditCode } from './authority.js';
import { register, TestClient } from './client.js';
import { TestKey } from './keys.js';
import { type CityDoor, done, type Town } from './town.js';

/** The matter by which ZM020 is issued, in one of the district's villages. */
export const hardship = { matter: 'SX0006.9031', basic: 'SX0006', name: '经济困难证明' } as const;
const place = '示例村931';
const department = '乡镇（街道）村（社区）';

/** A village office of a district: its window, its matter, and papers of people who live there. */
export class Village<City extends CityDoor> {
  private constructor(
    private readonly town: Town<City>,
    readonly office: TestClient,
    private readonly authority: {
      readonly http: TestClient;
      readonly creditCode: string;
      readonly key: SigningKey;
    },
  ) {}

  static async of<City extends CityDoor>(town: Town<City>): Promise<Village<City>> {
    const { admin } = town.city;
    const header =
      'code\tname_zh\tname_en\tdepartment_zh\tdepartment_en\tlevel\taudience\tmaterial_codes\tmaterials_zh\tmaterials_en\tscenario_zh\tplace_zh';
    const cells = [
      hardship.matter,
      hardship.name,
      'Issue of economic hardship proof',
      department,
      'Township (Subdistrict) and Village (Community)',
      'village',
      'natural',
      'ZZ001;ZZ002;ZZ018',
      '居民身份证;居民户口簿;居民最低生活保障证',
      'Resident Identity Card;Household Register;Subsistence Allowance Certificate',
      '社会救助',
      place,
    ];
    done(await admin.post('/v1/catalogue/import', { content: `${header}\n${cells.join('\t')}\n` }));
    const office = await register(admin, {
      kind: 'terminal',
      department,
      window: 'village-1',
      town: '示例镇',
    });
    const village = new Village(town, office, await authorityOf(town.city));
    await town.city.caughtUp();
    return village;
  }

  /** All three papers that the matter asks for. */
  async papersOf(number: string): Promise<void> {
    await this.town.idCard(number);
    const { creditCode, http, key } = this.authority;
    const own = { 公民身份号码: number };
    const papers: readonly Pick<CertificateContent, 'type' | 'fields' | 'validUntil'>[] = [
      {
        type: 'ZZ002',
        validUntil: null,
        fields: {
          ...own,
          户号: `9${number.slice(-8, -1)}`,
          户主姓名: '刘示例',
          与户主关系: '户主',
          姓名: '刘示例',
          户籍地址: '示例市示例村931号',
          婚姻状况: '未婚',
        },
      },
      {
        type: 'ZZ018',
        validUntil: '2040-01-01',
        fields: {
          ...own,
          户主姓名: '刘示例',
          保障人数: 1,
          保障金额: 600,
          证号: `D${number.slice(-9, -1)}`,
        },
      },
    ];
    for (const paper of papers) {
      const sdJwt = await signCertificate(
        {
          authority: creditCode,
          validFrom: '2020-01-01',
          holders: [{ role: 'holder', kind: '111', number }],
          ...paper,
        },
        key,
      );
      done(await http.post('/v1/certificates', { sdJwt }));
    }
    await this.town.city.caughtUp();
  }
}

async function authorityOf(city: CityDoor) {
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const key = new TestKey(jwk);
  const creditCode = inventedCreditCode();
  const details = {
    kind: 'issuing-authority',
    name: '示例镇颁发机构',
    department: '民政',
    authority: { creditCode, name: '示例镇颁发机构', types: ['ZZ002', 'ZZ018'] },
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
    key: {
      kid: key.jkt,
      alg: 'EdDSA' as const,
      key: createPrivateKey({ key: jwk, format: 'jwk' }),
    },
  };
}
