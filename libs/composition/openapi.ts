import { type INestApplication, RequestMethod } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type { Access } from '#libs/identity/http';
import { ACCESS, families, type Problem } from '#libs/platform';
import { callersOf, pathsBeside, scopeMeanings, tags } from './openapi-beside.js';
import { addExamples } from './openapi-examples.js';
import { apiDescription } from './openapi-texts.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Responses = Operation['responses'];

/**
 * The contract of the API, from the routes and DTOs themselves: OpenAPI 3.1, each operation with
 * its callers and its failures.
 * @param publicUrl the origin under which clients reach the city
 * @param codes the possible codes of a problem
 */
export function openapiDocument(
  app: INestApplication,
  publicUrl: string,
  codes: readonly string[],
): OpenAPIObject {
  const config = new DocumentBuilder()
    .setTitle('mianzheng 免证')
    .setDescription(apiDescription)
    .setVersion('1')
    .setOpenAPIVersion('3.1.0')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => operationId(controller, method),
  });
  document.components = {
    ...document.components,
    schemas: {
      ...document.components?.schemas,
      Problem: problemSchema,
      ProblemCode: codeSchema(codes),
    },
    responses: problemResponses,
    securitySchemes: {
      client: {
        type: 'oauth2',
        description:
          'A registered client: access token by private_key_jwt (RFC 7523) for the audience of this API’s public URL, DPoP-bound (RFC 9449), sent as `Authorization: DPoP`. Each operation names the one scope that it needs.',
        flows: {
          clientCredentials: {
            tokenUrl: '/identity/token',
            scopes: { ...scopeMeanings },
          },
        },
      },
      proof: {
        type: 'apiKey',
        in: 'header',
        name: 'DPoP',
        description:
          'A DPoP proof for this request; with an access token it carries `ath`. Phones send it alone, with `bh`, the base64url SHA-256 of the body’s bytes, for every body that is not empty.',
      },
    },
  };
  document.servers = [{ url: publicUrl, description: 'This city, at its PUBLIC_URL.' }];
  document.tags = tags;
  // In an order of their own, so that moving a room moves nothing in the contract.
  document.paths = inOrder(document.paths);
  document.components.schemas = inOrder(document.components.schemas ?? {});
  const access = accessOfRoutes(app);
  for (const [path, item] of Object.entries(document.paths))
    for (const method of ['get', 'post'] as const) {
      const operation = item[method];
      const known = access.get(`${method} ${path}`);
      if (operation !== undefined && known !== undefined) describe(operation, method, path, known);
    }
  document.paths = inOrder({ ...document.paths, ...structuredClone(pathsBeside) });
  addExamples(document);
  return modern(document) as OpenAPIObject;
}

const operationId = (controller: string, method: string): string => {
  const room = controller.replace(/Controller$/, '');
  return (
    room.charAt(0).toLowerCase() + room.slice(1) + method.charAt(0).toUpperCase() + method.slice(1)
  );
};

function describe(operation: Operation, method: 'get' | 'post', path: string, access: Access) {
  operation.security = securityOf(access);
  operation.description = [operation.description, whoCalls(access)].filter(Boolean).join(' ');
  const command = method === 'post';
  if (operation.requestBody !== undefined && 'content' in operation.requestBody)
    ownExamples(operation.requestBody.content);
  // OpenAPI ignores a parameter named Content-Type: the request body describes it.
  operation.parameters = (operation.parameters ?? []).filter(
    (parameter) => !('name' in parameter && parameter.name.toLowerCase() === 'content-type'),
  );
  if (command && !operation.parameters.some((one) => 'name' in one && one.name === keyHeader.name))
    operation.parameters.push(keyHeader);
  const failures: string[] = [
    'Unavailable',
    ...(operation.parameters.length > 0 || command ? ['Invalid'] : []),
    ...(access.for === 'anyone' ? [] : ['Unauthenticated']),
    'TooMany',
    ...(access.for === 'client' || command ? ['Refused'] : []),
    // A body can name what there is not, as a path can.
    ...(path.includes('{') || command ? ['Absent'] : []),
    ...(command ? ['Conflict', 'TooLarge', 'ContentType'] : []),
  ];
  const responses: Responses = operation.responses;
  // Health is not counted as a caller's; what is no HTTP request is refused there, too.
  const possible = path.startsWith('/health') ? ['Invalid'] : failures;
  for (const name of possible)
    responses[problemStatus[name] ?? '500'] ??= { $ref: `#/components/responses/${name}` };
  for (const [status, response] of Object.entries(responses))
    if (response !== undefined && !('$ref' in response)) tell(response, status, operation.summary);
}

type Response = Exclude<Responses[string], { readonly $ref: string } | undefined>;

/**
 * A response gets a description, and text a text media type: generated clients parse anything else
 * as JSON.
 */
function tell(response: Response, status: string, summary = ''): void {
  if (response.description === '') response.description = status === '200' ? summary : 'Done';
  if (response.content === undefined) return;
  response.content = Object.fromEntries(
    Object.entries(response.content).map(([type, media]) => {
      if (!type.startsWith('text/')) return [type, media];
      // Its charset is for the wire: a client compares the type alone.
      const [plain = type] = type.split(';');
      return [plain, { ...media, schema: media.schema ?? { type: 'string' } }];
    }),
  );
}

/**
 * A body that comes in several types has one list of examples, by type; each type keeps its own.
 */
function ownExamples(content: Response['content'] & object): void {
  for (const [type, media] of Object.entries(content)) {
    const own = media.examples?.[type];
    if (own === undefined || !('value' in own)) continue;
    delete media.examples;
    content[type] = { ...media, example: own.value as unknown };
  }
}

function whoCalls(access: Access): string {
  switch (access.for) {
    case 'client':
      return callersOf(access.scope);
    case 'phone':
      return 'For a holder’s phone, whose enrolled key signs the DPoP proof.';
    case 'anyone':
      return 'Needs no credentials.';
  }
}

const keyHeader = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: true,
  description: 'A random value for this request; the same for each retry of it.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{16,128}$' },
  example: '6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10',
};

function securityOf(access: Access): Record<string, string[]>[] {
  switch (access.for) {
    case 'client':
      return [{ client: [access.scope], proof: [] }];
    case 'phone':
      return [{ proof: [] }];
    case 'anyone':
      return [];
  }
}

/** A route of a program. `path` is as the router writes it: `/v1/cases/:id`. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly access: Access;
}

/**
 * Every route of an application's controllers with access metadata: all of them, because others are
 * refused at start.
 */
export function routesOf(app: INestApplication): readonly Route[] {
  return [...app.get(ModulesContainer).values()]
    .flatMap(({ controllers }) => [...controllers.values()])
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? routesIn(metatype) : []));
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- a controller is any class
function routesIn(controller: Function): readonly Route[] {
  const prefix = (metadata('path', controller) as string | undefined) ?? '';
  const prototype = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(prototype).flatMap((name) => {
    const handler = prototype[name];
    if (typeof handler !== 'function') return [];
    const path = metadata('path', handler) as string | undefined;
    const access = (metadata(ACCESS, handler) ?? metadata(ACCESS, controller)) as
      Access | undefined;
    const method = metadata('method', handler) as RequestMethod | undefined;
    if (path === undefined || access === undefined || method === undefined) return [];
    const full = `/${prefix}/${path}`.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
    return [{ method: RequestMethod[method], path: full, access }];
  });
}

/** The callers of each route, by `method path` as the document writes them. */
const accessOfRoutes = (app: INestApplication): ReadonlyMap<string, Access> =>
  new Map(
    routesOf(app).map(({ method, path, access }) => [
      `${method.toLowerCase()} ${path.replace(/:(\w+)/g, '{$1}')}`,
      access,
    ]),
  );

const metadata = (key: string, of: object): unknown => Reflect.getMetadata(key, of);

const problemSchema = {
  type: 'object' as const,
  description: 'RFC 9457. Programs switch on `code`, which is stable; texts may change.',
  required: ['type', 'title', 'status', 'code', 'detail', 'request'],
  properties: {
    type: { type: 'string', format: 'uri-reference', example: '/problems/consent_spent' },
    title: { type: 'string', example: 'The current state does not allow this' },
    status: { type: 'integer', example: 409 },
    code: { $ref: '#/components/schemas/ProblemCode' },
    detail: { type: 'string', example: 'this consent has been used' },
    hint: { type: 'string', description: 'What to do.' },
    facts: {
      type: 'object',
      description: 'Ids and codes that identify what happened; no personal data.',
      additionalProperties: true,
    },
    request: { type: 'string', description: 'The id under which the request is logged.' },
  },
};

const codeSchema = (codes: readonly string[]) => ({
  type: 'string' as const,
  description:
    'What happened, for programs. contracts/codes.json has the family, the texts in Chinese and English, and what to do. Later releases add codes: treat an unknown one by its status.',
  enum: [...codes],
  example: 'consent_spent',
});

const refusals: readonly (readonly [string, keyof typeof families, string, number?])[] = [
  ['Invalid', 'invalid', 'request_invalid'],
  ['Unauthenticated', 'unauthenticated', 'token_missing'],
  ['Refused', 'refused', 'scope_missing'],
  ['Absent', 'absent', 'case_absent'],
  ['Conflict', 'conflict', 'idempotency_key_reused'],
  ['TooLarge', 'too-large', 'body_too_large'],
  ['ContentType', 'invalid', 'content_type_unsupported', 415],
  ['TooMany', 'too-many', 'rate_exceeded'],
  ['Unavailable', 'unavailable', 'database_unavailable'],
];

const problemStatus: Readonly<Record<string, string>> = Object.fromEntries(
  refusals.map(([name, family, , status]) => [name, String(status ?? families[family].status)]),
);

const retryAfter = {
  'Retry-After': {
    description:
      'Seconds after which to send it again, under the same Idempotency-Key (RFC 9110, section 10.2.3).',
    schema: { type: 'integer', minimum: 1 },
    example: 2,
  },
};

const problemResponses = Object.fromEntries(
  refusals.map(([name, family, code, status]) => [
    name,
    {
      description: families[family].title,
      ...(name === 'TooMany' || name === 'Unavailable' ? { headers: retryAfter } : {}),
      content: {
        'application/problem+json': {
          schema: { $ref: '#/components/schemas/Problem' },
          example: {
            type: `/problems/${code}`,
            title: families[family].title,
            status: status ?? families[family].status,
            code,
            detail: families[family].title,
            request: 'q3Yw0pXn7dRk',
          } satisfies Problem,
        },
      },
    },
  ]),
);

const inOrder = <Value>(of: Record<string, Value>): Record<string, Value> =>
  Object.fromEntries(Object.entries(of).sort(([a], [b]) => (a < b ? -1 : 1)));

/** OpenAPI 3.1 has JSON Schema's `null` type; the generator still writes `nullable` of 3.0. */
function modern(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(modern);
  if (typeof value !== 'object' || value === null) return value;
  const { nullable, ...members } = value as Record<string, unknown>;
  const rest = Object.fromEntries(
    Object.entries(members).map(([name, member]) => [name, modern(member)]),
  );
  // An object without a description may hold anything; type generators take it for an empty one.
  if (rest['type'] === 'object' && rest['properties'] === undefined)
    rest['additionalProperties'] ??= true;
  if (nullable !== true) return nullable === undefined || nullable === false ? rest : value;
  if (typeof rest['type'] === 'string') {
    const choices = rest['enum'];
    return {
      ...rest,
      type: [rest['type'], 'null'],
      ...(Array.isArray(choices) ? { enum: [...(choices as unknown[]), null] } : {}),
    };
  }
  return { oneOf: [rest, { type: 'null' }] };
}
