import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { clientFetch } from '#libs/api-client';
import { readClientKey } from '#libs/department-client/client-key';
import { InvalidError, isObject, type JsonObject, RefusedError } from '#libs/kernel';
import { cityUrl } from './city-url.js';
import { reachedCity } from './reached-city.js';

export interface OwnCertificatesOptions {
  readonly url: string;
  readonly client: string;
  readonly key: string;
  readonly type?: string;
  readonly serialFromFile?: string;
}

/** What was asked for cannot be read, or names no certificate. */
class CertificatesInvalid extends InvalidError<
  'file_unreadable' | 'certificate_unnamed' | 'certificate_unknown' | 'certificate_ambiguous'
> {}
/** The city refused; `facts.problem` is its code. */
class CertificatesRefused extends RefusedError<'city_refused'> {}

/**
 * What every command takes that works on certificates of the own authority. Numbers come in files:
 * a command line is seen by others.
 */
export const ownCertificates = (command: Command): Command =>
  command
    .requiredOption('--key <file>', "the authority's private key (JWK); it is not sent")
    .requiredOption('--client <id>', 'the client that the key is registered for')
    .option('--url <origin>', 'URL of the city', cityUrl())
    .option('--serial-from-file <file>', 'a file that holds only the number of the certificate')
    .option('--type <code>', 'only of this type, for example ZZ020');

export async function soughtBy({
  serialFromFile,
  type,
}: OwnCertificatesOptions): Promise<JsonObject> {
  return {
    ...(serialFromFile !== undefined && { serial: (await textIn(serialFromFile)).trim() }),
    ...(type !== undefined && { type }),
  };
}

export const listOf = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? (value as readonly JsonObject[]) : [];
export const word = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '–';

/** The city as an issuing authority calls it. */
export class OwnCertificates {
  private constructor(
    private readonly url: string,
    private readonly send: (request: Request) => Promise<Response>,
  ) {}

  static async open({ url, client, key: file }: OwnCertificatesOptions): Promise<OwnCertificates> {
    const { apiKey: key } = await readClientKey(file);
    return new OwnCertificates(
      url,
      clientFetch({ baseUrl: url, client, key, scopes: ['certificates:issue'] }),
    );
  }

  /**
   * The path of the certificate that is meant. @throws CertificatesInvalid where none or several
   * are
   */
  async named(id: string | undefined, options: OwnCertificatesOptions): Promise<string> {
    if (id !== undefined) return `/v1/certificates/${encodeURIComponent(id)}`;
    if (options.serialFromFile === undefined)
      throw new CertificatesInvalid(
        'certificate_unnamed',
        '请写证照的标识，或用 --serial-from-file / name a certificate by its id, or by --serial-from-file',
      );
    const answer = await this.post('/v1/certificates/search', await soughtBy(options));
    const [one, ...others] = listOf(answer['certificates']);
    if (one === undefined)
      throw new CertificatesInvalid(
        'certificate_unknown',
        '本机构没有这个编号的证照 / no certificate of yours has this number',
        {},
        {
          hint: '请核对文件中的编号和 --type；刚送入的证照片刻后才能查到 / compare the number in the file, and --type; what was handed in this moment is found a moment later',
        },
      );
    if (others.length > 0)
      throw new CertificatesInvalid(
        'certificate_ambiguous',
        '几份证照都有这个编号；请写 --type 或证照标识 / several certificates have this number: name the type, or one by its id',
        { found: 1 + others.length },
      );
    return `/v1/certificates/${word(one['certificate'])}`;
  }

  get(path: string): Promise<JsonObject> {
    return this.answer(new Request(this.url + path));
  }

  post(path: string, body: JsonObject): Promise<JsonObject> {
    return this.answer(
      new Request(this.url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify(body),
      }),
    );
  }

  private async answer(request: Request): Promise<JsonObject> {
    const response = await reachedCity(this.url, () => this.send(request));
    const answer: unknown = await response.json().catch(() => null);
    const body = isObject(answer) ? answer : {};
    if (response.ok) return body;
    throw new CertificatesRefused(
      'city_refused',
      `the city refused: ${word(body['detail'])} [${word(body['code'])}]`,
      { status: response.status, problem: word(body['code']) },
      { ...(typeof body['hint'] === 'string' && { hint: body['hint'] }) },
    );
  }
}

/** What a file holds. @throws CertificatesInvalid */
export async function textIn(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CertificatesInvalid('file_unreadable', `${file} cannot be read`, { file }, { cause });
  }
}
