import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Scope } from '#libs/identity';
import { type Answer, register, type TestClient } from '../support/client.js';
import { type Holder, Town } from '../support/town.js';

jest.setTimeout(120_000);

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly example?: string;
  readonly schema: { readonly example?: string | number };
}
interface Operation {
  readonly security: readonly (
    { readonly client: readonly [Scope] } | { readonly proof: readonly [] }
  )[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly example?: unknown }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: { readonly ProblemCode: { readonly enum: readonly string[] } };
  };
}

interface Asked {
  readonly path: string;
  readonly method: string;
  readonly operation: Operation;
  readonly type: string | null;
  readonly example: unknown;
}

const document = JSON.parse(
  await readFile(new URL('../../contracts/openapi.json', import.meta.url), 'utf8'),
) as Document;
const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).flatMap(([method, operation]): readonly Asked[] => {
    const contents = Object.entries(operation.requestBody?.content ?? {});
    const of = { path, method, operation };
    if (contents.length === 0) return [{ ...of, type: null, example: undefined }];
    return contents.map(([type, { example }]) => ({ ...of, type, example }));
  }),
);
const exampleOf = ({ example, schema, name }: Parameter): string => {
  const value = example ?? schema.example;
  if (value === undefined) throw new Error(`there is no example of ${name}`);
  return String(value);
};
const isFile = (type: string | null) => type !== null && /^image\/|\/(pdf|ofd)$/.test(type);
/**
 * Codes by which a request is refused for its form, or because the caller is not one of the
 * operation's.
 */
const ofForm =
  /^(token_(missing|scheme)|proof_|scope_|caller_unknown|rate_|request_|route_|json_|body_|idempotency_key_|content_type_|method_|batch_|whom_ambiguous|participant_)/;

describe('the examples of the contract', () => {
  let town: Town;
  let holder: Holder;
  let callers: readonly TestClient[];
  beforeAll(async () => {
    town = await Town.start();
    holder = await town.holder();
    const auditor = await register(town.city.admin, { kind: 'auditor', department: '审计' });
    callers = [town.terminal, town.authority.http, town.city.admin, auditor];
  });
  afterAll(() => town.stop());

  test.each(operations.filter(({ type }) => !isFile(type)))(
    '$method $path ($type) is taken as a request, and answered as described',
    async ({ path, method, operation, type, example }) => {
      const { parameters = [], requestBody, security, responses } = operation;
      let url = path;
      const query = new URLSearchParams();
      for (const parameter of parameters.filter(({ required }) => required === true)) {
        if (parameter.in === 'path') url = url.replace(`{${parameter.name}}`, exampleOf(parameter));
        if (parameter.in === 'query') query.set(parameter.name, exampleOf(parameter));
      }
      if (query.size > 0) url += `?${query.toString()}`;
      if (requestBody !== undefined) expect(example).toBeDefined();
      const { status, body } = await send(method.toUpperCase(), url, type, example, security);

      expect(Object.keys(responses)).toContain(String(status));
      const { code } = (typeof body === 'object' ? body : {}) as { code?: string };
      if (status >= 400 && !path.startsWith('/identity')) {
        expect(document.components.schemas.ProblemCode.enum).toContain(code);
        expect(code).not.toMatch(ofForm);
      }
      expect(status).not.toBe(500);
    },
  );

  async function send(
    method: string,
    url: string,
    type: string | null,
    example: unknown,
    [security]: Operation['security'],
  ): Promise<Answer<unknown>> {
    const sending = type === null ? {} : { contentType: type };
    if (security !== undefined && 'client' in security) {
      const [scope] = security.client;
      const caller = callers.find(({ scopes }) => scopes.includes(scope));
      if (caller === undefined) throw new Error(`no caller has ${scope}`);
      return caller.send(method, url, example, sending);
    }
    if (security !== undefined) return holder.phone.send(method, url, example, sending);
    const form = type === 'application/x-www-form-urlencoded';
    const response = await fetch(town.url + url, {
      method,
      headers: {
        ...(type === null ? {} : { 'content-type': type }),
        ...(method === 'GET' ? {} : { 'idempotency-key': randomUUID() }),
      },
      ...(example === undefined
        ? {}
        : {
            body: form
              ? new URLSearchParams(example as Record<string, string>)
              : JSON.stringify(example),
          }),
    });
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      body: isJson ? (JSON.parse(text) as unknown) : text,
    };
  }
});
