import { readFileSync } from 'node:fs';

/** One operation of contracts/openapi.json: what a test needs to know to try it. */
export interface Door {
  readonly method: 'get' | 'post';
  /** As the contract writes it. */
  readonly template: string;
  /** With something of the right form in place of each parameter. */
  readonly path: string;
  readonly for: { readonly scope: string } | 'phone' | 'anyone';
  /** Content types of the body; none where there is no body. */
  readonly takes: readonly string[];
  /** A body of the contract's own examples, where the body is JSON. */
  readonly example: Readonly<Record<string, unknown>> | null;
}

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly type?: string | readonly string[];
  readonly example?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Operation {
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { schema?: Schema }>> };
}

export interface Contract {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export const contract = JSON.parse(readFileSync('contracts/openapi.json', 'utf8')) as Contract;

/** Values of the right form, for parameters that are not just ids. */
const parameters: Readonly<Record<string, string>> = {
  version: '0',
  stream: `case-${'A'.repeat(22)}`,
  jkt: 'A'.repeat(43),
};

/**
 * Every door of a controller that the contract names, new ones among them by themselves. The
 * issuer's own take forms (libs/identity/issuer/issuer.test.ts), and the tiles' are one route
 * whatever the contract calls them (test/e2e/sealed-door.test.ts).
 */
export const doors: readonly Door[] = Object.entries(contract.paths)
  .filter(([template]) => !/^\/(?:identity|log\/tile)\//.test(template))
  .flatMap(([template, item]) =>
    Object.entries(item).map(([method, operation]) => doorOf(method, template, operation)),
  );

function doorOf(method: string, template: string, operation: Operation): Door {
  const content = operation.requestBody?.content ?? {};
  const body = content['application/json']?.schema;
  return {
    method: method === 'get' ? 'get' : 'post',
    template,
    path: template.replace(/\{(\w+)\}/g, (_, name: string) => parameters[name] ?? 'A'.repeat(22)),
    for: whom(operation),
    takes: Object.keys(content),
    example: body === undefined ? null : (exampleOf(body) as Readonly<Record<string, unknown>>),
  };
}

function whom({ security = [] }: Operation): Door['for'] {
  const [first] = security;
  if (first === undefined) return 'anyone';
  const scope = first['client']?.[0];
  return scope === undefined ? 'phone' : { scope };
}

function exampleOf(schema: Schema): unknown {
  if (schema.example !== undefined) return schema.example;
  if (schema.$ref !== undefined)
    return exampleOf(contract.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  const part = schema.allOf?.[0] ?? schema.oneOf?.[0];
  if (part !== undefined) return exampleOf(part);
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === 'array') return schema.items === undefined ? [] : [exampleOf(schema.items)];
  return Object.fromEntries(
    Object.entries(schema.properties ?? {}).map(([name, member]) => [name, exampleOf(member)]),
  );
}
