import type { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;
type Schema = Schemas[string];

/** Of schemas that need one of their optional members: which one an example has. */
const chosen: Readonly<Record<string, readonly string[]>> = {
  ParticipantDto: ['identifier'],
  RequestErasureBody: ['identifier'],
  PlaceLegalHoldBody: ['identifier'],
  SearchCertificatesDto: ['serial'],
  ChangeTypesDto: ['add'],
  GrantConsentDto: ['jws'],
  RegisterClientDto: ['window', 'town'],
};

/** Ids of the examples, by the name of the parameter. */
const ids: Readonly<Record<string, string>> = {
  id: 'Zk3nT0bqVxS8hHqY2cJ4Rw',
  case: 'Zk3nT0bqVxS8hHqY2cJ4Rw',
  consent: 'Zk3nT0bqVxS8hHqY2cJ4Rw',
  code: 'ZZ001',
  stream: 'book-9aX4mY0q2bC7dE1fG3hI5j',
  jkt: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
};

/**
 * Gives each request an example that a client can send: path parameters, and bodies from the
 * examples of their members. Optional members are left out, but for those that `chosen` names, and
 * bodies that are files have none.
 */
export function addExamples({ paths, components }: OpenAPIObject): void {
  const schemas = components?.schemas ?? {};
  for (const item of Object.values(paths))
    for (const method of ['get', 'post'] as const) {
      const operation = item[method];
      if (operation !== undefined) describeRequest(operation, schemas);
    }
}

function describeRequest(operation: Operation, schemas: Schemas): void {
  for (const parameter of operation.parameters ?? []) {
    if ('$ref' in parameter || parameter.in !== 'path') continue;
    const { schema } = parameter;
    if (parameter.example !== undefined) continue;
    if (schema !== undefined && 'example' in schema) continue;
    const id = ids[parameter.name];
    if (id !== undefined) parameter.example = id;
  }
  const body = operation.requestBody;
  if (body === undefined || '$ref' in body) return;
  for (const media of Object.values(body.content)) {
    if (media.schema === undefined) continue;
    if (media.example !== undefined || media.examples !== undefined) continue;
    const example = exampleOf(media.schema, schemas);
    if (example !== undefined) media.example = example;
  }
}

/** A value of a schema, from its own examples; undefined where a member that is needed has none. */
function exampleOf(schema: Schema, schemas: Schemas, name = ''): unknown {
  if ('$ref' in schema) {
    const referred = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1);
    const target = schemas[referred];
    return target === undefined ? undefined : exampleOf(target, schemas, referred);
  }
  if (schema.example !== undefined) return schema.example as unknown;
  const [only] = schema.allOf ?? schema.oneOf ?? schema.anyOf ?? [];
  if (only !== undefined) return exampleOf(only, schemas);
  if (schema.enum !== undefined) return schema.enum[0] as unknown;
  if (schema.type === 'array' && schema.items !== undefined) {
    const item = exampleOf(schema.items, schemas);
    return item === undefined ? undefined : [item];
  }
  if (schema.type !== 'object') return undefined;
  const names = [...(schema.required ?? []), ...(chosen[name] ?? [])];
  const members = names.map((each) => {
    const member = schema.properties?.[each];
    return [each, member && exampleOf(member, schemas)] as const;
  });
  return members.every(([, value]) => value !== undefined)
    ? Object.fromEntries(members)
    : undefined;
}
