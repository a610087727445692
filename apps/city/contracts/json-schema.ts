import ts from 'typescript';
import { ContractIncomplete } from './sources.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schema (2020-12) of a type of plain data: literals, texts, numbers, truth values, null,
 * arrays, objects, maps, unions. Objects are closed, because a record has no member that its type
 * does not have.
 * @param at where the type stands, for the message
 * @throws ContractIncomplete of any other type
 */
export function schemaOf(type: ts.Type, checker: ts.TypeChecker, at: ts.Node): JsonSchema {
  const { name } = type.aliasSymbol ?? type.getSymbol() ?? { name: '' };
  if (name === 'JsonObject') return { type: 'object' };
  if (name === 'JsonValue') return {};
  if (type.isUnion()) return unionOf(type, checker, at);
  if (type.isStringLiteral() || type.isNumberLiteral()) return { const: type.value };
  const { flags } = type;
  if (flags & ts.TypeFlags.String) return { type: 'string' };
  if (flags & ts.TypeFlags.Number) return { type: 'number' };
  if (flags & ts.TypeFlags.Boolean) return { type: 'boolean' };
  if (flags & ts.TypeFlags.Null) return { type: 'null' };
  if (flags & ts.TypeFlags.BooleanLiteral) return { const: checker.typeToString(type) === 'true' };
  if (checker.isArrayType(type)) {
    const [item] = checker.getTypeArguments(type as ts.TypeReference);
    if (item !== undefined) return { type: 'array', items: schemaOf(item, checker, at) };
  }
  if (flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) return objectOf(type, checker, at);
  throw new ContractIncomplete(
    `${at.getSourceFile().fileName}: ${checker.typeToString(type)} is of a kind that event contracts do not have`,
  );
}

function unionOf(type: ts.UnionType, checker: ts.TypeChecker, at: ts.Node): JsonSchema {
  if (type.types.every((part) => part.flags & ts.TypeFlags.BooleanLiteral))
    return { type: 'boolean' };
  const isTruth = (part: ts.Type) => (part.flags & ts.TypeFlags.BooleanLiteral) !== 0;
  const parts = type.types
    .filter((part) => !isTruth(part))
    .map((part) => schemaOf(part, checker, at));
  if (type.types.filter(isTruth).length === 2) parts.push({ type: 'boolean' });
  else for (const part of type.types.filter(isTruth)) parts.push(schemaOf(part, checker, at));
  const literals = parts.filter((part) => 'const' in part).map((part) => part['const'] as string);
  const others = parts.filter((part) => !('const' in part));
  const nullable = others.some((part) => part['type'] === 'null');
  if (literals.length > 0) {
    const rest = others.filter((part) => part['type'] !== 'null');
    const choice = { enum: [...literals.sort(), ...(nullable ? [null] : [])] };
    return rest.length === 0 ? choice : { anyOf: [choice, ...rest] };
  }
  const plain = others.every((part) => Object.keys(part).join() === 'type');
  // In an order of their own: the compiler's is that in which it met the types.
  if (plain) return { type: others.map((part) => part['type'] as string).sort() };
  return { anyOf: inOrder(others) };
}

const inOrder = (parts: readonly JsonSchema[]): readonly JsonSchema[] =>
  [...parts].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));

function objectOf(type: ts.Type, checker: ts.TypeChecker, at: ts.Node): JsonSchema {
  const index = checker.getIndexTypeOfType(type, ts.IndexKind.String);
  // In an order of their own: that of a `Pick` is the compiler's.
  const members = [...checker.getPropertiesOfType(type)].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (index !== undefined && members.length === 0)
    return { type: 'object', additionalProperties: schemaOf(index, checker, at) };
  if (index !== undefined || type.getCallSignatures().length > 0)
    throw new ContractIncomplete(
      `${at.getSourceFile().fileName}: ${checker.typeToString(type)} is no plain object`,
    );
  const optional = (member: ts.Symbol) => (member.flags & ts.SymbolFlags.Optional) !== 0;
  return {
    type: 'object',
    properties: Object.fromEntries(
      members.map((member) => [member.name, memberOf(member, checker, at)]),
    ),
    required: members.filter((member) => !optional(member)).map(({ name }) => name),
    additionalProperties: false,
  };
}

function memberOf(member: ts.Symbol, checker: ts.TypeChecker, at: ts.Node): JsonSchema {
  const type = checker.getTypeOfSymbol(member);
  // Of `name?: T` the compiler says `T | undefined`; in JSON the member is then left out.
  const present = member.flags & ts.SymbolFlags.Optional ? checker.getNonNullableType(type) : type;
  const schema = schemaOf(present, checker, at);
  const text = ts
    .displayPartsToString(member.getDocumentationComment(checker))
    .replace(/\s+/g, ' ')
    .trim();
  return text === '' ? schema : { ...schema, description: text };
}
