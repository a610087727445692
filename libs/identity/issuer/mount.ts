import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KoaContextWithOIDC } from 'oidc-provider';
import { isObject } from '#libs/kernel';
import { type IssuerOptions, makeProvider } from './provider.js';
import type { Passkeys } from '../operators/passkeys/passkeys.js';
import { AccountSignIn, type AccountSignInOptions } from './account-sign-in.js';
import { SignInInteraction } from './interaction.js';
import { hintOf, type OAuthError, refusalOf, type TokenRefusal } from './refusals.js';
import { publicJwks } from './signing-keys.js';

export interface MountOptions extends Omit<IssuerOptions, 'operatorsIssuer'> {
  readonly passkeys: Passkeys;
  /** Where an issuer elsewhere says who the operators are. */
  readonly accounts: AccountSignInOptions | null;
  /** What the issuer did not expect: for the log. */
  readonly onFault?: (error: Error) => void;
  /** Told why each token was refused that is. */
  readonly onRefused?: (refusal: TokenRefusal) => void;
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
  ['/token/revocation', 'POST'],
  ['/auth', 'GET'],
  ['/jwks', 'GET'],
  ['/.well-known/openid-configuration', 'GET'],
  ['/.well-known/oauth-authorization-server', 'GET'],
]);

/** Where a sign-in goes on, once a passkey was proved. */
const resumed = /^\/auth\/[\w-]{1,64}$/;

/**
 * What the issuer reads of a request. No origin: it would be given the answers of one that no page
 * of the city is.
 */
const passed = new Set(['authorization', 'content-length', 'content-type', 'dpop']);

/**
 * The identity service as a handler of plain HTTP. It believes nothing of a request about where it
 * came in: host and scheme are the issuer's own, so that neither the Host header nor a forwarded
 * one turns up in what it publishes or checks.
 */
export function mountIdentity(options: MountOptions): MountedIdentity {
  const accounts = options.accounts === null ? null : new AccountSignIn(options.accounts, options);
  const provider = makeProvider({ ...options, operatorsIssuer: accounts?.issuer ?? null });
  const { onFault, onRefused } = options;
  provider.on('grant.error', (ctx: KoaContextWithOIDC, error: Error & OAuthError) => {
    const hint = hintOf(error);
    const said = isObject(ctx.body) ? ctx.body['error_description'] : undefined;
    if (hint !== undefined && isObject(ctx.body) && typeof said === 'string')
      ctx.body = { ...ctx.body, error_description: `${said}: ${hint}` };
    if (ctx.status === 503) ctx.set('Retry-After', '2');
    if (onRefused !== undefined) void refusalOf(ctx, error, options.clients).then(onRefused);
  });
  if (onFault !== undefined)
    provider.on('server_error', (_ctx: unknown, error: Error) => {
      onFault(error);
    });
  const interaction = new SignInInteraction(provider, { ...options, accounts });
  const serve = provider.callback();
  const jwks = publicJwks(options.signingKeys);
  const published = JSON.stringify(jwks);
  const { host, protocol, pathname } = new URL(options.issuer);
  const prefix = pathname === '/' ? '' : pathname;

  const pin = (request: IncomingMessage) => {
    request.headers['host'] = host;
    request.headers['x-forwarded-proto'] = protocol.slice(0, -1);
  };

  const handler = (
    request: IncomingMessage & { originalUrl?: string },
    response: ServerResponse,
  ) => {
    const url = request.url ?? '/';
    const [path = '', query] = url.slice(prefix.length).split('?', 2);
    const byBrowser = path === '/auth' || resumed.test(path);
    if (url.startsWith(prefix) && interaction.takes(path, request.method)) {
      pin(request);
      void interaction.serve(path, request, response);
      return;
    }
    const method = resumed.test(path) ? 'GET' : open.get(path);
    if (!url.startsWith(prefix) || method !== request.method) {
      refuse(response, method !== undefined && url.startsWith(prefix) ? 405 : 404);
      return;
    }
    response.setHeader('x-content-type-options', 'nosniff');
    // A reply of the issuer that a browser shows runs nothing: pages' keys lie in this origin.
    response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    if (path === '/jwks') {
      // oidc-provider publishes no key whose private half it does not have.
      response
        .writeHead(200, {
          'content-type': 'application/jwk-set+json; charset=utf-8',
        })
        .end(published);
      return;
    }
    for (const name of Object.keys(request.headers))
      if (!passed.has(name) && !(byBrowser && name === 'cookie')) request.headers[name] = undefined;
    pin(request);
    request.headers['accept'] = 'application/json';
    // No other route has a query.
    request.url = path === '/auth' && query !== undefined ? `${path}?${query}` : path;
    request.originalUrl = prefix + request.url;
    void serve(request, response);
  };
  const paths = [...open.keys()].map((path) => prefix + path);
  return { handler, issuer: options.issuer, paths, jwks };
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
