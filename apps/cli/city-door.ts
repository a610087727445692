import { setTimeout as wait } from 'node:timers/promises';
import { TokenNotGiven, TokenUnavailable } from '#libs/api-client';
import type { LedgerDoor } from '#libs/audit/ledger-check';
import { InvalidError, isObject, RefusedError, UnavailableError } from '#libs/kernel';

/**
 * The city does not let this client read; `facts.problem` is its code, `facts.status` the HTTP
 * status.
 */
export class CityRefused extends RefusedError<'city_refused'> {}
/** The city did not answer, or not with what was asked for, for as long as it was asked again. */
export class CityUnreachable extends UnavailableError<'city_unreachable'> {}
/** The city sends a visitor on to another origin. */
export class CityElsewhere extends RefusedError<'city_elsewhere'> {}
/** `--url` is no address of a city. */
export class CityUrlWrong extends InvalidError<'url_wrong'> {}

type Send = (request: Request) => Promise<Response>;

/** How often a request is sent that gets no answer, or one of 5xx. */
const attempts = 6;
/** Seconds that are waited for one answer altogether, where the city says when to come back. */
const patience = 600;
/** Milliseconds. */
const maxAnswerMs = 60_000;
const isPassing = (status: number) => status === 408 || status === 425 || status >= 500;

/**
 * Reads what a city shows, with patience: after 429 and 503 it comes back when the city says
 * (`Retry-After`, RFC 9110, section 10.2.3), and a broken connection is tried again.
 */
export class CityDoor implements LedgerDoor {
  readonly origin: string;

  /**
   * @param asClient authenticates requests to paths that are not public
   * @throws CityUrlWrong
   */
  constructor(
    url: string,
    private readonly asClient: Send,
    private readonly pause: (ms: number) => Promise<unknown> = wait,
  ) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new CityUrlWrong('url_wrong', '--url takes the address of a city: https://…');
    this.origin = url.replace(/\/+$/, '');
  }

  /** @throws CityRefused, CityUnreachable */
  async read(path: string, most: number, isForAuditors: boolean): Promise<Buffer | null> {
    const send = isForAuditors ? this.asClient : anonymous;
    let waited = 0;
    for (let attempt = 1; ; attempt++) {
      const { answer, later } = await this.#ask(send, path, most);
      if (answer !== undefined) return answer;
      const seconds = later.after ?? Math.min(2 ** (attempt - 1) / 2, 10);
      waited += seconds;
      const isEnough = later.after === null ? attempt >= attempts : waited > patience;
      if (isEnough)
        throw new CityUnreachable(
          'city_unreachable',
          `the city does not show ${path}: ${later.why}`,
          { path, after: later.after },
          { ...later.options, hint: 'Is it running, and does --url lead to it?' },
        );
      await this.pause(seconds * 1000);
    }
  }

  async #ask(send: Send, path: string, most: number): Promise<Asked> {
    try {
      const signal = AbortSignal.timeout(maxAnswerMs);
      const response = await send(new Request(this.origin + path, { signal }));
      const { status } = response;
      if (response.ok) return { answer: await bytesOf(response, most) };
      if (status === 404 || status === 410) {
        await response.body?.cancel();
        return { answer: null };
      }
      if (status !== 429 && !isPassing(status)) throw await refusal(response, path);
      await response.body?.cancel();
      return { later: { why: `it answers ${status}`, after: retryAfter(response), options: {} } };
    } catch (cause) {
      const why = passingFault(cause);
      if (why === null) throw withoutToken(cause);
      return { later: { why, after: null, options: { cause } } };
    }
  }
}

/** `after`: seconds, where the city says so. */
interface Later {
  readonly why: string;
  readonly after: number | null;
  readonly options: ErrorOptions;
}
type Asked =
  | { readonly answer: Buffer | null; readonly later?: never }
  | { readonly answer?: never; readonly later: Later };

/** Redirects that are followed for one answer. */
const maxRedirects = 5;

/**
 * Follows redirects (RFC 9110, section 15.4) within the city's origin alone: what another origin
 * answers is not the city's. @throws CityElsewhere
 */
async function anonymous({ url, signal }: Request): Promise<Response> {
  let at = url;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await fetch(at, { signal, redirect: 'manual' });
    const to = response.status >= 300 && response.status < 400 && response.headers.get('location');
    if (typeof to !== 'string') return response;
    await response.body?.cancel();
    const next = URL.canParse(to, at) ? new URL(to, at) : null;
    if (next?.origin !== new URL(url).origin)
      throw new CityElsewhere(
        'city_elsewhere',
        `the city sends ${new URL(at).pathname} on to another origin`,
        { origin: next?.origin ?? null },
        { hint: 'Name the address at which the city itself answers.' },
      );
    at = next.href;
  }
  throw new CityElsewhere('city_elsewhere', `the city sends ${new URL(url).pathname} in circles`);
}

/** No more of an answer than is asked for, and a byte that shows that there was more. */
async function bytesOf(response: Response, most: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    length += chunk.length;
    // Leaving the loop lets go of the connection.
    if (length > most) break;
  }
  return Buffer.concat(chunks).subarray(0, most + 1);
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function retryAfter({ headers }: Response): number | null {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, (date - Date.now()) / 1000);
}

/** Why a request that brought no answer may bring one later; null where it will not. */
function passingFault(error: unknown): string | null {
  if (error instanceof TokenUnavailable) return error.message;
  if (error instanceof TypeError) return 'the connection fails';
  if (error instanceof DOMException) return 'no answer in time';
  return null;
}

function withoutToken(error: unknown): unknown {
  if (!(error instanceof TokenNotGiven)) return error;
  const { status = null, error: problem = null } = error.facts;
  return new CityRefused(
    'city_refused',
    error.message,
    { status, problem },
    { cause: error, ...(error.hint !== undefined && { hint: error.hint }) },
  );
}

async function refusal(response: Response, path: string): Promise<CityRefused> {
  const answer: unknown = await response.json().catch(() => null);
  const code = isObject(answer) ? answer['code'] : null;
  const problem = typeof code === 'string' && /^[a-z0-9_]{1,60}$/.test(code) ? code : 'unknown';
  return new CityRefused(
    'city_refused',
    `the city does not show ${path}: ${problem} (${response.status})`,
    { path, status: response.status, problem },
    response.status === 403
      ? { hint: 'Entry bundles are for clients with the scope ledger:audit.' }
      : {},
  );
}
