import type { OpenAPIObject } from '@nestjs/swagger';
import { allScopes, clientKinds, type Scope, scopesOf } from '#libs/identity';

type Paths = OpenAPIObject['paths'];
type Operation = NonNullable<Paths[string]['get']>;

/**
 * What no controller describes: which clients hold a scope, the purpose of a group of routes, and
 * routes without a controller.
 */

const meanings: Readonly<Record<Scope, string>> = {
  'clients:manage': 'register clients, give them keys, shut them out',
  'catalogue:manage': 'import types, matters and rules',
  'certificates:issue': 'issue, amend, suspend and revoke the own certificates',
  'subjects:identify': 'identify people who stand at a window, enrol their phones',
  'subjects:erase': 'ask for and approve an erasure',
  'cases:open': 'open cases at the own window, ask for consents',
  'releases:pull': 'pull what a consent of an own case grants',
  'matters:read': 'read the catalogue and what is exemptible',
  'statistics:read': 'read the figures',
  'ledger:audit': 'read whole streams and entry bundles',
  'ledger:exclude': 'ask for and approve that foreign events are left out of the ledger',
};

const kindsWith = (scope: Scope): string =>
  clientKinds.filter((kind) => scopesOf(kind).includes(scope)).join(', ');

/** Each scope with what it is for and which kinds of clients may hold it. */
export const scopeMeanings: Readonly<Record<string, string>> = Object.fromEntries(
  allScopes.map((scope) => [scope, `${meanings[scope]}; for clients of kind ${kindsWith(scope)}`]),
);

/** The clients that may call an operation, in prose. */
export const callersOf = (scope: Scope): string =>
  `For clients with the scope \`${scope}\` (${kindsWith(scope)}).`;

export const tags = [
  ['health', 'Whether a process runs, and whether requests may be sent to it.'],
  [
    'identity',
    'Access tokens: OAuth 2 client credentials, and the code flow for operators; private_key_jwt, DPoP.',
  ],
  [
    'clients',
    'Registration of callers: windows, departments, authorities, auditors, administrators.',
  ],
  ['terminals', 'Browsers that become terminals: their offers, which an administrator answers.'],
  ['operators', 'People of staff, with their roles, who sign in at terminals by passkey.'],
  ['catalogue', 'Certificate types, matters, and exemption rules.'],
  ['certificates', 'Certificates of issuing authorities, with their versions.'],
  ['subjects', 'People as windows identify them, and the phones that are enrolled for them.'],
  ['cases', 'An application for one matter at one window.'],
  ['consents', 'Requesting a holder’s consent, and exchanging the granted consent for a token.'],
  ['releases', 'The only way in which certificate data are released.'],
  ['events', 'Server-sent events: what happens to what is the caller’s.'],
  ['phone', 'Reads and answers of a holder’s phone.'],
  ['log', 'The sealed log: checkpoints, tiles, keys, receipts (C2SP).'],
  ['ledger', 'Whole streams, for auditors; and foreign events that were excluded from the ledger.'],
  ['statistics', 'Statistics without personal data.'],
  ['erasure', 'Erasure of a person’s data by two administrators.'],
].map(([name = '', description = '']) => ({ name, description }));

/** The issuer’s routes, as RFC 6749, 7517 and 8414 have them, and the tiles of C2SP tlog-tiles. */
export const pathsBeside: Paths = {
  '/identity/token': {
    post: {
      operationId: 'identityToken',
      tags: ['identity'],
      summary: 'Get an access token',
      description: [
        'OAuth 2 client credentials with private_key_jwt (RFC 7523) and a DPoP proof (RFC 9449) by the same key.',
        'The assertion’s `aud` is the issuer’s URL (`issuer` of the discovery document), exactly and alone: not the token endpoint, not a list.',
        '`iss` and `sub` are the client id; `exp` is at most 60 seconds after `iat`; `jti` has 16 to 256 letters and is new each time.',
        '`scope` left out asks for all scopes of the client; one that does not exist, or that is not the client’s, is refused.',
        'An operator signs in at a terminal by the authorization code flow: PKCE with S256, `dpop_jkt`, `state` and `nonce` are required; endpoints are in the discovery document.',
        'The token lives 300 seconds and is bound to the key of the proof. Why a token was refused is in the operator’s log (`token_refused`), by code.',
      ].join(' '),
      security: [],
      parameters: [
        {
          name: 'DPoP',
          in: 'header',
          required: true,
          description: 'A proof for this request: `htm` POST, `htu` the URL of this route.',
          schema: { type: 'string' },
          example: 'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl',
        },
      ],
      requestBody: {
        required: true,
        content: {
          'application/x-www-form-urlencoded': {
            schema: {
              type: 'object',
              required: ['grant_type', 'client_assertion_type', 'client_assertion'],
              properties: {
                grant_type: {
                  type: 'string',
                  enum: ['client_credentials', 'authorization_code', 'refresh_token'],
                },
                client_assertion_type: {
                  type: 'string',
                  enum: ['urn:ietf:params:oauth:client-assertion-type:jwt-bearer'],
                },
                client_assertion: {
                  type: 'string',
                  description: 'A compact JWS, EdDSA or ES256.',
                  example: 'eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl',
                },
                scope: {
                  type: 'string',
                  description: 'Separated by spaces; if left out, all scopes of the client.',
                  example: 'cases:open releases:pull',
                },
                code: { type: 'string', description: 'Of an operator’s sign-in at a terminal.' },
                code_verifier: { type: 'string', description: 'RFC 7636, S256.' },
                redirect_uri: { type: 'string', format: 'uri' },
                refresh_token: {
                  type: 'string',
                  description: 'Used once: each reply has a new one.',
                },
              },
            },
          },
        },
      },
      responses: {
        '200': {
          description: 'The token',
          content: {
            'application/json': {
              schema: {
                type: 'object',
                required: ['access_token', 'token_type', 'expires_in', 'scope'],
                properties: {
                  access_token: { type: 'string', description: 'A JWT (RFC 9068).' },
                  token_type: { type: 'string', enum: ['DPoP'] },
                  expires_in: { type: 'integer', example: 300 },
                  scope: { type: 'string', example: 'cases:open releases:pull' },
                  refresh_token: { type: 'string', description: 'Of an operator’s sign-in.' },
                  id_token: { type: 'string', description: 'Of an operator’s sign-in.' },
                },
              },
            },
          },
        },
        '400': refused(
          'The request is refused: `invalid_request`, `invalid_scope`, `invalid_dpop_proof`',
        ),
        '401': refused('The client is not authenticated: `invalid_client`'),
        '429': refused('Too many requests: `temporarily_unavailable`, with Retry-After'),
        '503': refused(
          'The event store is unavailable: `temporarily_unavailable`, with Retry-After; nothing was done',
        ),
      },
    },
  },
  '/identity/jwks': {
    get: json('identityJwks', 'The keys that verify access tokens (RFC 7517)', {
      'application/jwk-set+json': {
        schema: {
          type: 'object',
          required: ['keys'],
          properties: { keys: { type: 'array', items: { type: 'object' } } },
        },
      },
    }),
  },
  '/identity/.well-known/openid-configuration': {
    get: json('identityConfiguration', 'Metadata of the issuer (RFC 8414)', {
      'application/json': {
        schema: {
          type: 'object',
          required: ['issuer', 'token_endpoint', 'jwks_uri'],
          properties: {
            issuer: { type: 'string' },
            token_endpoint: { type: 'string' },
            jwks_uri: { type: 'string' },
            operators_issuer: {
              type: 'string',
              description: 'At which operators sign in; absent where they do so with passkeys.',
            },
          },
        },
      },
    }),
  },
  '/log/tile/{level}/{index}': {
    get: tile('logTile', 'A full tile of 256 hashes (C2SP tlog-tiles); immutable', false),
  },
  '/log/tile/{level}/{index}.p/{width}': {
    get: tile('logPartialTile', 'A partial tile with `width` hashes', true),
  },
};

function refused(description: string): Operation['responses'][string] {
  return {
    description,
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['error'],
          properties: {
            error: { type: 'string', example: 'invalid_client' },
            error_description: { type: 'string' },
          },
        },
      },
    },
  };
}

function json(
  operationId: string,
  summary: string,
  content: NonNullable<Extract<Operation['responses'][string], { description: string }>['content']>,
): Operation {
  return {
    operationId,
    tags: ['identity'],
    summary,
    description: 'Needs no credentials. It changes only when a key is rotated.',
    security: [],
    parameters: [],
    responses: {
      '200': { description: summary, content },
      '429': { $ref: '#/components/responses/TooMany' },
      '503': { $ref: '#/components/responses/Unavailable' },
    },
  };
}

function tile(operationId: string, summary: string, partial: boolean): Operation {
  const number = (name: string, description: string, example: string) => ({
    name,
    in: 'path' as const,
    required: true,
    description,
    schema: { type: 'string' as const },
    example,
  });
  return {
    operationId,
    tags: ['log'],
    summary,
    description:
      'Covers the latest checkpoint. Entry bundles (`entries` as level) hold the records themselves and need the scope `ledger:audit`.',
    security: [],
    parameters: [
      number('level', '0 to 63, or `entries`', '0'),
      number(
        'index',
        'In groups of three digits, all but the last prefixed with x: 1234067 is `x001/x234/067`; slashes are not escaped',
        '000',
      ),
      ...(partial ? [number('width', '1 to 255', '17')] : []),
    ],
    responses: {
      '200': {
        description: 'Hashes of 32 bytes each, or entries each prefixed with a length of two bytes',
        content: {
          'application/octet-stream': { schema: { type: 'string', format: 'binary' } },
        },
      },
      '404': { $ref: '#/components/responses/Absent' },
      '429': { $ref: '#/components/responses/TooMany' },
      '503': { $ref: '#/components/responses/Unavailable' },
    },
  };
}
