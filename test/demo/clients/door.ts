import { type ApiKey, KeyUnusable, newPrivateJwk, readKey, TokenNotGiven } from '#libs/api-client';
import { isObject, ProductError } from '#libs/kernel';
import type { Answer } from '../stage.js';

/** A problem (RFC 9457) that the ledger answered with. */
class Refused extends TypeError {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/** How a client's program speaks with the ledger: JSON in, JSON out, problems as refusals. */
export class Door {
  constructor(
    readonly baseUrl: string,
    private readonly send: (request: Request) => Promise<Response>,
  ) {}

  get(path: string): Promise<unknown> {
    return this.answer(new Request(this.baseUrl + path));
  }

  post(path: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<unknown> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return this.answer(
      new Request(this.baseUrl + path, {
        method: 'POST',
        body: text,
        headers: { 'content-type': 'application/json', ...headers },
      }),
    );
  }

  private async answer(request: Request): Promise<unknown> {
    const response = await this.send(request);
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    if (!response.ok) throw refusalOf(response.status, text);
    if (type.includes('ndjson'))
      return text
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
    return text === '' ? null : JSON.parse(text);
  }
}

function refusalOf(status: number, text: string): Refused {
  let problem: unknown = null;
  try {
    problem = JSON.parse(text);
  } catch {
    // Not a problem document: the status says all there is.
  }
  const { code, detail, title } = isObject(problem) ? problem : {};
  return new Refused(
    status,
    typeof code === 'string' ? code : 'no_code',
    typeof detail === 'string' ? detail : typeof title === 'string' ? title : '',
  );
}

/** What the stage is told of an error in a client's program. */
export function explain(error: unknown): Answer {
  if (error instanceof Refused)
    return { ok: false, status: error.status, code: error.code, detail: error.message };
  if (
    error instanceof TokenNotGiven ||
    error instanceof KeyUnusable ||
    error instanceof ProductError
  )
    return { ok: false, status: 0, code: String(error.code), detail: JSON.stringify(error.facts) };
  return { ok: false, status: 0, code: 'client_failed', detail: String(error) };
}

/** A new key that lives and dies with this process. */
export const newKey = async (alg?: ApiKey['alg']): Promise<ApiKey> =>
  readKey(await newPrivateJwk(alg));

/** The ledger's origin, as the stage handed it over. */
export const baseUrl = process.argv[2] ?? 'http://127.0.0.1:8080';

/** A body's member, where it must be a text. */
export function text(value: unknown, member: string): string {
  const found = isObject(value) ? value[member] : undefined;
  if (typeof found !== 'string') throw new TypeError(`the answer has no ${member}`);
  return found;
}

export const nowSeconds = (): number => Math.floor(Date.now() / 1000);
