import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { TokenUnavailable } from '#libs/api-client';
import type { HandInFlag } from '#libs/certificate';
import { knownKind, type TypeDefinition, type TypeField } from '#libs/catalogue';
import {
  type Facts,
  isObject,
  type JsonObject,
  type JsonValue,
  parseJson,
  RefusedError,
  UnavailableError,
} from '#libs/kernel';

/** The city refused; `facts.problem` is its code, `facts.status` the HTTP status. */
export class CityRefused extends RefusedError<'city_refused'> {}
/**
 * The city did not answer. Submitted lines stay; the import continues from there when it is run
 * again.
 */
class CityUnreachable extends UnavailableError<'city_unreachable'> {}

/** A stored file, as the city answered. */
export interface StoredFile {
  readonly blob: string;
  readonly key: string;
  readonly sha256: string;
  readonly mediaType: string;
}

/** The city's answer to one line of a batch. */
export type LineAnswer =
  | {
      readonly line: number;
      readonly state: 'recorded' | 'unchanged';
      readonly certificate: string;
      readonly version: number;
      /** Leaf hash of the record that holds it. */
      readonly record: string;
      /**
       * Remarks for the authority, as in `POST /v1/certificates`; none of them refuses the line.
       */
      readonly flags: readonly HandInFlag[];
    }
  | {
      readonly line: number;
      readonly state: 'refused';
      readonly code: string;
      readonly detail: string;
      /** What to do, in English and in Chinese. */
      readonly hint?: string;
      readonly hintZh?: string;
      readonly facts: Facts;
    };

const attempts = 8;
const retried = new Set([408, 429, 500, 502, 503, 504]);

/** What the authority that imports is registered as. */
export interface RegisteredIssuer {
  readonly creditCode: string;
  /** Codes of the types that it may issue. */
  readonly types: readonly string[];
}

/**
 * The routes of a city that an import needs, with patience: every request may be sent again under
 * its Idempotency-Key.
 */
export class ImportingCity {
  readonly #types = new Map<string, Promise<TypeDefinition | null>>();
  #fields: Promise<ReadonlySet<string>> | undefined;
  #issuer: Promise<RegisteredIssuer> | undefined;

  constructor(
    private readonly origin: string,
    private readonly send: (request: Request) => Promise<Response>,
    private readonly pause: (ms: number) => Promise<unknown> = wait,
  ) {}

  /** Null where the catalogue has no such type. */
  type(code: string): Promise<TypeDefinition | null> {
    const known = this.#types.get(code) ?? this.#fetchType(code);
    this.#types.set(code, known);
    return known;
  }

  async #fetchType(code: string): Promise<TypeDefinition | null> {
    if (!/^[A-Z]{2}\d{3}$/.test(code)) return null;
    const response = await this.#request(`/v1/types/${code}`, {});
    if (response.status === 404) return null;
    return jsonOf(response) as unknown as TypeDefinition;
  }

  /**
   * As what the caller is registered; asked once. @throws CityRefused where it is no issuing
   * authority
   */
  issuer(): Promise<RegisteredIssuer> {
    this.#issuer ??= this.#request('/v1/certificates/issuer', {}).then(
      (answer) => jsonOf(answer) as unknown as RegisteredIssuer,
    );
    return this.#issuer;
  }

  /** Whether any type of the catalogue has a field of this name. */
  async isField(name: string): Promise<boolean> {
    if (knownKind(name) !== null) return true;
    this.#fields ??= this.#fetchFields();
    return (await this.#fields).has(name);
  }

  async #fetchFields(): Promise<ReadonlySet<string>> {
    const { types } = jsonOf(await this.#request('/v1/types', {}));
    const summaries = types as unknown as readonly { readonly fields: readonly TypeField[] }[];
    return new Set(summaries.flatMap(({ fields }) => fields.map(({ key }) => key)));
  }

  /** Whether a field of a type may hold a text of several lines. */
  async isOfLines(code: string, field: string): Promise<boolean> {
    const type = await this.type(code);
    return type?.fields.some(({ key, kind }) => key === field && kind === 'lines') ?? false;
  }

  async storeFile(mediaType: string, bytes: Uint8Array<ArrayBuffer>): Promise<StoredFile> {
    const response = await this.#request('/v1/files', post(mediaType, bytes));
    return jsonOf(response) as unknown as StoredFile;
  }

  /**
   * The answers are in the order of the lines that were sent; their `line` counts from 1 within
   * this batch.
   */
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
        const isLater = cause instanceof TokenUnavailable;
        if (!isLater && !connectionFailed(cause)) throw cause;
        if (isLater && attempt >= attempts) throw cause;
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
  let body: JsonValue;
  try {
    body = parseJson(answer.text);
  } catch {
    throw refusedWith(answer);
  }
  if (!isObject(body)) throw refusedWith(answer);
  return body;
}

function refusedWith({ status, text }: Answer): CityRefused {
  const problem = problemOf(text);
  return new CityRefused('city_refused', `the city refused: ${problem}`, { status, problem });
}

/**
 * Made once for all tries of a request. A later run makes another, and learns what came in before.
 */
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
