import ts from 'typescript';
import { type JsonSchema, schemaOf } from './json-schema.js';
import { ContractIncomplete, type Sources } from './sources.js';

/** The contract of one event type in one schema: the JSON Schema of its `data`. */
export interface EventContract {
  readonly type: string;
  /** Counts from 1. */
  readonly schema: number;
  readonly file: string;
  readonly content: JsonSchema;
}

/**
 * The contract of every event type in the schema that is written today, from `Fact<'Type', Data>`
 * in `<context>.events.ts`. Contracts of earlier schemas are history, and are not generated again.
 * @throws ContractIncomplete where an event has no entry in a table of schemas, or a type is beyond
 * what `schemaOf` knows
 */
export function eventContracts({ checker, files, pathOf }: Sources): readonly EventContract[] {
  const contracts: EventContract[] = [];
  for (const file of files.filter((each) => /\.events\.ts$/.test(each.fileName))) {
    const schemas = schemasIn(file);
    for (const statement of file.statements) {
      if (!ts.isTypeAliasDeclaration(statement)) continue;
      const [name, data] = factOf(statement.type);
      if (name === undefined || data === undefined) continue;
      const schema = schemas.get(name);
      if (schema === undefined)
        throw new ContractIncomplete(`${pathOf(file)}: no table of schemas has ${name}`);
      schemas.delete(name);
      contracts.push({
        type: name,
        schema,
        file: `${name}.${schema}.schema.json`,
        content: {
          $schema: 'https://json-schema.org/draft/2020-12/schema',
          $id: `urn:mianzheng:event:${name}:${schema}`,
          title: `data of ${name}, schema ${schema}`,
          ...schemaOf(checker.getTypeFromTypeNode(data), checker, data),
          ...described(statement),
        },
      });
    }
    const [without] = schemas.keys();
    if (without !== undefined)
      throw new ContractIncomplete(`${pathOf(file)}: ${without} is no Fact<'${without}', …>`);
  }
  return contracts.sort((a, b) => (a.type < b.type ? -1 : 1));
}

/**
 * The files that contracts/events must have: those of today, and one for each schema that came
 * before.
 */
export const filesWanted = (contracts: readonly EventContract[]): readonly string[] =>
  contracts.flatMap(({ type, schema }) =>
    Array.from({ length: schema }, (_, before) => `${type}.${before + 1}.schema.json`),
  );

/**
 * Of each type that a file's tables name, the schema in which it is written: one more than it has
 * upcasters.
 */
function schemasIn(file: ts.SourceFile): Map<string, number> {
  const found = new Map<string, number>();
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { type, initializer } of statement.declarationList.declarations) {
      if (type === undefined || !ts.isTypeReferenceNode(type)) continue;
      if (type.typeName.getText() !== 'Schemas' || initializer === undefined) continue;
      if (!ts.isObjectLiteralExpression(initializer)) continue;
      for (const property of initializer.properties)
        if (ts.isPropertyAssignment(property) && ts.isArrayLiteralExpression(property.initializer))
          found.set(property.name.getText(), property.initializer.elements.length + 1);
    }
  }
  return found;
}

function factOf(node: ts.TypeNode): readonly [name?: string, data?: ts.TypeNode | undefined] {
  if (!ts.isTypeReferenceNode(node) || node.typeName.getText() !== 'Fact') return [];
  const [name, data] = node.typeArguments ?? [];
  if (name === undefined || !ts.isLiteralTypeNode(name) || !ts.isStringLiteral(name.literal))
    return [];
  return [name.literal.text, data];
}

function described(statement: ts.TypeAliasDeclaration): { readonly description?: string } {
  const comments = ts.getJSDocCommentsAndTags(statement).filter(ts.isJSDoc);
  const text = ts.getTextOfJSDocComment(comments.at(-1)?.comment)?.replace(/\s+/g, ' ');
  return text === undefined ? {} : { description: text };
}
