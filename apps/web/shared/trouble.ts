/**
 * Why a request came to nothing: a problem of the city's by its code, or that the city was not
 * reached.
 */
export interface Trouble {
  /** A code of contracts/codes.json, or `offline`. */
  readonly code: string;
  /** Finds the log line; null where nothing was answered. */
  readonly request: string | null;
  readonly facts: Readonly<Record<string, unknown>>;
}

/** What openapi-fetch gives as `error`: an RFC 9457 problem. */
export function troubleOf(error: unknown): Trouble {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    const { code, request, facts } = error as Record<string, unknown>;
    return {
      code: String(code),
      request: typeof request === 'string' ? request : null,
      facts: typeof facts === 'object' && facts !== null ? { ...facts } : {},
    };
  }
  return { code: 'offline', request: null, facts: {} };
}

/** Thrown by `answered`; pages catch it where they show it. */
export class RequestFailed extends Error {
  constructor(readonly trouble: Trouble) {
    super(trouble.code);
  }
}

/** The answer of an openapi-fetch call. @throws RequestFailed */
export async function answered<Data>(
  call: Promise<{ readonly data?: Data; readonly error?: unknown }>,
): Promise<Data> {
  const { data, error } = await call.catch((cause: unknown) => {
    // The client's own errors (no token) have a code, too; what has none never reached the city.
    throw new RequestFailed(troubleOf(cause));
  });
  if (error !== undefined) throw new RequestFailed(troubleOf(error));
  return data as Data;
}

/** Any thrown value, as pages show it. */
export const troubleFrom = (thrown: unknown): Trouble =>
  thrown instanceof RequestFailed ? thrown.trouble : troubleOf(thrown);
