import { newPrivateJwk, type ApiKey, newCommand, readKey } from '#libs/api-client';
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

/** The body of a good answer; a problem becomes an error that the stage is told of. */
export async function told<T>(
  call: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  const { code, detail, title } = isObject(error) ? error : {};
  throw new Refused(
    response.status,
    typeof code === 'string' ? code : 'no_code',
    typeof detail === 'string' ? detail : typeof title === 'string' ? title : '',
  );
}

/** What the stage is told of an error in a client's program. */
export function explain(error: unknown): Answer {
  if (error instanceof Refused)
    return { ok: false, status: error.status, code: error.code, detail: error.message };
  if (error instanceof ProductError)
    return { ok: false, status: 0, code: String(error.code), detail: JSON.stringify(error.facts) };
  return { ok: false, status: 0, code: 'client_failed', detail: String(error) };
}

/** The parameters of a command without others, and of one on something by its id. */
export const command = () => ({ header: newCommand() });
export const commandOn = <Path extends Record<string, string>>(path: Path) => ({
  header: newCommand(),
  path,
});

/** A new key that lives and dies with this process. */
export const newKey = async (alg?: ApiKey['alg']): Promise<ApiKey> =>
  readKey(await newPrivateJwk(alg));

/** The ledger's origin, as the stage handed it over. */
export const baseUrl = process.argv[2] ?? 'http://localhost:8080';

export const nowSeconds = (): number => Math.floor(Date.now() / 1000);
