import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientFetch, readKey } from '#libs/api-client';
import type { SigningKey } from '#libs/department-client';
import { START } from '#libs/event-store';
import { inventedCreditCode, inventedResidentId } from './authority.js';
import { startCity, type TestCity } from './city.js';
import { called } from './command.js';
import { TestKey } from './keys.js';

export const permitHeader =
  'type,holder_kind,holder_number,role,valid_from,valid_until,姓名,公民身份号码,居住地住址,签发机关,签注有效期';

/** A line of a file of residence permits, of an invented person. */
export function permit(number = inventedResidentId(), change: Record<string, string> = {}): string {
  const cells = {
    type: 'ZZ003',
    kind: '111',
    number,
    role: '',
    from: '2026-01-01',
    until: '',
    name: '"测试甲"',
    id: number,
    address: '"示例市,示例路"',
    by: '示例市公安局',
    period: '一年',
    ...change,
  };
  return Object.values(cells).join(',');
}

/** A city, an authority registered in it, and a folder for its files. */
export class ImportingAuthority {
  private constructor(
    readonly city: TestCity,
    readonly folder: string,
    readonly creditCode: string,
    readonly client: string,
    readonly send: (request: Request) => Promise<Response>,
    readonly key: SigningKey,
    readonly keyFile: string,
  ) {}

  static async start(types: readonly string[]): Promise<ImportingAuthority> {
    const city = await startCity();
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-import-'));
    const creditCode = inventedCreditCode();
    const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
    const details = {
      kind: 'issuing-authority',
      name: '示例颁发机构',
      department: '示例部门',
      authority: { creditCode, name: '示例颁发机构', types },
    };
    const { body } = await city.admin.post('/v1/clients', {
      ...details,
      keys: [await new TestKey(jwk).proved(details)],
    });
    const client = body.client as string;
    const apiKey = await readKey({ ...jwk });
    const send = clientFetch({
      baseUrl: city.baseUrl,
      client,
      key: apiKey,
      scopes: ['certificates:issue', 'matters:read'],
    });
    const key: SigningKey = {
      kid: apiKey.jkt,
      alg: 'EdDSA',
      key: createPrivateKey({ key: jwk, format: 'jwk' }),
    };
    const keyFile = join(folder, 'authority.jwk');
    await writeFile(keyFile, JSON.stringify(jwk), { mode: 0o600 });
    return new ImportingAuthority(city, folder, creditCode, client, send, key, keyFile);
  }

  async stop(): Promise<void> {
    await this.city.stop();
    await rm(this.folder, { recursive: true });
  }

  /** Records of certificates in the ledger. */
  async recorded() {
    const all = await this.city.city.house.services.store.readAll(START, 1_000_000);
    return all.filter(({ body }) => body.type === 'CertificateIssued');
  }

  async write(name: string, content: string | Uint8Array | readonly string[], ending = '\n') {
    const file = join(this.folder, name);
    const text =
      typeof content === 'string' || content instanceof Uint8Array
        ? content
        : content.map((line) => line + ending).join('');
    await writeFile(file, text);
    return file;
  }

  /** Runs the command: its output, its exit code, and the code of its error. */
  async command(file: string, ...options: readonly string[]) {
    const { out, err, exitCode, error } = await called(
      ...['import', 'certificates', file, '--key', this.keyFile, '--client', this.client],
      ...['--authority', this.creditCode, '--url', this.city.baseUrl],
      ...options,
    );
    return { out, err, words: out + err, exitCode, error };
  }
}
