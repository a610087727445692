import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { TypeField } from '#libs/catalogue';
import { isObject, type JsonObject, parseJson, RefusedError, UnavailableError } from '#libs/kernel';
import type { ImportedType } from './contents.js';

/** The city said no; `facts.problem` is its code. */
class CityRefused extends RefusedError<'city_refused'> {}
/** The city did not answer. What came in before stays; the import goes on from there when it is run again. */
class CityUnreachable extends UnavailableError<'city_unreachable'> {}

/** A stored file, as the city answered. */
export interface StoredFile {
  readonly blob: string;
  readonly key: string;
  readonly sha256: string;
  readonly mediaType: string;
}

/** What the city said of one line of a batch. */
export type LineAnswer =
  | { readonly line: number; readonly state: 'recorded' | 'unchanged' }
  | {
      readonly line: number;
      readonly state: 'refused';
      readonly code: string;
      readonly detail: string;
    };

const attempts = 8;
const retried = new Set([408, 429, 500, 502, 503, 504]);

/** The routes of a city that an import needs, with patience: every request may be sent again under its Idempotency-Key. */
export class ImportingCity {
  readonly #types = new Map<string, Promise<ImportedType | null>>();

  constructor(
    private readonly origin: string,
    private readonly send: (request: Request) => Promise<Response>,
    private readonly pause: (ms: number) => Promise<unknown> = wait,
  ) {}

  /** Null where the catalogue has no such type. */
  type(code: string): Promise<ImportedType | null> {
    const known = this.#types.get(code) ?? this.#fetchType(code);
    this.#types.set(code, known);
    return known;
  }

  async #fetchType(code: string): Promise<ImportedType | null> {
    if (!/^[A-Z]{2}\d{3}$/.test(code)) return null;
    const response = await this.#request(`/v1/types/${code}`, {});
    if (response.status === 404) return null;
    const body = jsonOf(response);
    return {
      code,
      validity: typeof body['validity'] === 'string' ? body['validity'] : null,
      nationalTypeCode:
        typeof body['nationalTypeCode'] === 'string' ? body['nationalTypeCode'] : null,
      fields: body['fields'] as unknown as readonly TypeField[],
    };
  }

  async storeFile(mediaType: string, bytes: Uint8Array<ArrayBuffer>): Promise<StoredFile> {
    const response = await this.#request('/v1/files', post(mediaType, bytes));
    return jsonOf(response) as unknown as StoredFile;
  }

  /** The answers are in the order of the lines that were sent; their `line` counts from 1 within this batch. */
  async issue(body: string): Promise<readonly LineAnswer[]> {
    const bytes = new TextEncoder().encode(body);
    const response = await this.#request(
      '/v1/certificates/batch',
      post('application/x-ndjson', bytes),
    );
    if (response.status !== 200) throw refusedWith(response);
    return response.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LineAnswer);
  }

  async #request(path: string, init: RequestInit): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      let after = 250 * 2 ** attempt;
      try {
        const response = await this.send(new Request(this.origin + path, init));
        const text = await response.text();
        if (!retried.has(response.status) || attempt >= attempts)
          return { status: response.status, text };
        after = Number(response.headers.get('retry-after') ?? 0) * 1000 || after;
      } catch (cause) {
        if (!connectionFailed(cause)) throw cause;
        if (attempt >= attempts)
          throw new CityUnreachable(
            'city_unreachable',
            'the city does not answer',
            { path },
            { cause, hint: 'Run the same import again later: it goes on where it stopped.' },
          );
      }
      await this.pause(Math.min(after, 10_000));
    }
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** What `fetch` throws where no connection came about, or one broke while the answer was read. */
const connectionFailed = (error: unknown): boolean =>
  error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message);

function jsonOf(answer: Answer): JsonObject {
  if (answer.status >= 300) throw refusedWith(answer);
  const body = parseJson(answer.text);
  if (!isObject(body)) throw refusedWith(answer);
  return body;
}

function refusedWith({ status, text }: Answer): CityRefused {
  const problem = problemOf(text);
  return new CityRefused('city_refused', `the city refused: ${problem}`, { status, problem });
}

/** Made once for all tries of a request. A later run makes another, and learns what came in before. */
const post = (mediaType: string, body: Uint8Array<ArrayBuffer>): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': mediaType, 'idempotency-key': randomUUID() },
  body,
});

function problemOf(text: string): string {
  try {
    const body = parseJson(text);
    return isObject(body) && typeof body['code'] === 'string' ? body['code'] : 'unknown';
  } catch {
    return 'unknown';
  }
}
