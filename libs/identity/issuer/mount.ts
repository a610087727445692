import type { IncomingMessage, ServerResponse } from 'node:http';
import { type IssuerOptions, makeProvider } from './provider.js';
import { publicJwks } from './signing-keys.js';

export interface MountOptions extends IssuerOptions {
  /** What the issuer did not expect: for the log. */
  readonly onFault?: (error: Error) => void;
  /** Told the OAuth error code of each token that is refused. */
  readonly onRefused?: (code: string) => void;
}

export interface MountedIdentity {
  /** Serves every path below the issuer's own; the caller routes them here. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  readonly issuer: string;
  /** Every path that is open. */
  readonly paths: readonly string[];
  /** Public keys under which access tokens verify. */
  readonly jwks: { readonly keys: Record<string, unknown>[] };
}

/** What is open, below the issuer's path. */
const open = new Map([
  ['/token', 'POST'],
  ['/jwks', 'GET'],
  ['/.well-known/openid-configuration', 'GET'],
  ['/.well-known/oauth-authorization-server', 'GET'],
]);

/**
 * The identity service as a handler of plain HTTP. It believes nothing of a request about where it came in: host and scheme are the
 * issuer's own, so that neither the Host header nor a forwarded one turns up in what it publishes or checks.
 */
export function mountIdentity(options: MountOptions): MountedIdentity {
  const provider = makeProvider(options);
  const { onFault, onRefused } = options;
  if (onRefused !== undefined)
    provider.on('grant.error', (_ctx: unknown, { error }: { readonly error: string }) => {
      onRefused(error);
    });
  if (onFault !== undefined)
    provider.on('server_error', (_ctx: unknown, error: Error) => {
      onFault(error);
    });
  const serve = provider.callback();
  const { host, protocol, pathname } = new URL(options.issuer);
  const prefix = pathname === '/' ? '' : pathname;

  const handler = (
    request: IncomingMessage & { originalUrl?: string },
    response: ServerResponse,
  ) => {
    const url = request.url ?? '/';
    const path = url.slice(prefix.length).split('?', 1)[0] ?? '';
    if (!url.startsWith(prefix) || open.get(path) !== request.method) {
      refuse(response, open.has(path) && url.startsWith(prefix) ? 405 : 404);
      return;
    }
    for (const name of Object.keys(request.headers))
      if (name.startsWith('x-forwarded-') || name === 'forwarded')
        request.headers[name] = undefined;
    request.headers['host'] = host;
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
    request.headers['accept'] = 'application/json';
    request.originalUrl = prefix + path;
    request.url = path; // no route here has a query
    void serve(request, response);
  };
  const paths = [...open.keys()].map((path) => prefix + path);
  return { handler, issuer: options.issuer, paths, jwks: publicJwks(options.signingKeys) };
}

function refuse(response: ServerResponse, status: 404 | 405): void {
  const code = status === 404 ? 'route_unknown' : 'method_not_allowed';
  response
    .writeHead(status, { 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
    .end(
      JSON.stringify({
        type: `/problems/${code}`,
        title: status === 404 ? 'There is no such route' : 'This route does not take this method',
        status,
        code,
      }),
    );
}
