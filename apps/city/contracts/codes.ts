import ts from 'typescript';
import type { Family } from '#libs/kernel';
import { frameworkCodes, statusOf } from '#libs/platform';
import { ContractIncomplete, literalsOf, loadedBy, type Sources } from './sources.js';
import { type Action, actions, type CodeText } from './texts/index.js';

/**
 * A problem code as contracts/codes.json has it. One code can be in two families, where two
 * contexts use it.
 */
interface ProblemCode {
  /**
   * Whether an HTTP reply of a service can carry it; the others are of the command line and of
   * operators.
   */
  readonly http: boolean;
  readonly answers: readonly { readonly family: Family; readonly status: number }[];
  readonly en: string;
  readonly zh: string;
  readonly action: Action;
}

export interface CodeTable {
  readonly description: string;
  readonly actions: Readonly<Record<Action, { readonly en: string; readonly zh: string }>>;
  readonly codes: Readonly<Record<string, ProblemCode>>;
}

/**
 * Of a code: its families, and whether one that callers see is thrown by a file that a service
 * loads.
 */
interface Found {
  readonly families: Set<Family>;
  http: boolean;
}

const services = ['city', 'identity', 'ledger', 'window', 'front', 'witness'];

/**
 * Every code that an error class of the sources can carry, and those that the framework's refusals
 * get.
 */
export function codesOf(sources: Sources): ReadonlyMap<string, Found> {
  const { checker, files, pathOf } = sources;
  const ofServices = loadedBy(
    sources,
    services.map((app) => `apps/${app}/main.ts`),
  );
  const found = new Map<string, Found>();
  const take = (code: string, family: Family, http: boolean) => {
    const known = found.get(code) ?? { families: new Set(), http: false };
    known.families.add(family);
    known.http ||= http;
    found.set(code, known);
  };
  for (const [code, family] of frameworkCodes) take(code, family, true);
  const shown = (file: ts.SourceFile, family: Family) =>
    ofServices.has(file) && family !== 'internal';
  /** Classes that say in no type which codes they carry: each `new` of one must name its code. */
  const open = new Map<ts.Symbol, Family>();
  const visit = (node: ts.Node, look: (node: ts.Node) => void): void => {
    look(node);
    ts.forEachChild(node, (child) => {
      visit(child, look);
    });
  };
  for (const file of files)
    visit(file, (node) => {
      if (!ts.isClassDeclaration(node) || node.name === undefined || isAbstract(node)) return;
      const type = checker.getTypeAtLocation(node.name);
      if (!isProblem(type, checker)) return;
      const [family] = literalsOf(memberOf(type, 'family', checker)) ?? [];
      if (family === undefined)
        throw new ContractIncomplete(`${pathOf(file)}: ${node.name.text} is of no one family`);
      const codes = literalsOf(memberOf(type, 'code', checker));
      if (codes === null) open.set(type.symbol, family as Family);
      for (const code of codes ?? []) take(code, family as Family, shown(file, family as Family));
    });
  for (const file of files)
    visit(file, (node) => {
      if (!ts.isNewExpression(node)) return;
      const family = open.get(checker.getTypeAtLocation(node).symbol);
      const [code] = node.arguments ?? [];
      if (family === undefined || code === undefined) return;
      for (const text of literalsOf(checker.getTypeAtLocation(code)) ?? [])
        take(text, family, shown(file, family));
    });
  return found;
}

/**
 * contracts/codes.json: each code of the sources with its text.
 * @throws ContractIncomplete where a code has no text, a text no code, or a code two texts
 */
export function codeTable(
  codes: ReadonlyMap<string, Found>,
  texts: readonly (readonly [code: string, text: CodeText])[],
): CodeTable {
  const of = new Map(texts);
  const faults = [
    ...[...codes.keys()].filter((code) => !of.has(code)).map((code) => `${code} has no text`),
    ...[...of.keys()]
      .filter((code) => !codes.has(code))
      .map((code) => `no error has the code ${code}`),
    ...texts
      .filter(([code, text]) => of.get(code) !== text)
      .map(([code]) => `${code} has two texts`),
  ];
  if (faults.length > 0)
    throw new ContractIncomplete(
      `apps/city/contracts/texts is not complete: ${faults.sort().join('; ')}`,
    );
  return {
    description:
      'Every problem code. A problem (RFC 9457) carries the code; en and zh say what it means, and action, a key of actions, what the caller can do. Families other than internal reach callers as they are; those of internal reach operators alone, and callers see the code internal. Where http is false, no HTTP reply of a service carries the code: it is of the command line, of a log, or of the program beside a kiosk.',
    actions: Object.fromEntries(
      Object.entries(actions).map(([action, [en, zh]]) => [action, { en, zh }]),
    ) as CodeTable['actions'],
    codes: Object.fromEntries(
      [...of]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([code, [en, zh, action]]) => [
          code,
          {
            http: codes.get(code)?.http ?? false,
            answers: [...(codes.get(code)?.families ?? [])]
              .sort()
              .map((family) => ({ family, status: statusOf(code, family) })),
            en,
            zh,
            action,
          },
        ]),
    ),
  };
}

const isAbstract = (node: ts.ClassDeclaration): boolean =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AbstractKeyword) ?? false;

function isProblem(type: ts.Type, checker: ts.TypeChecker): boolean {
  const [base] = type.isClassOrInterface() ? checker.getBaseTypes(type) : [];
  if (base === undefined) return false;
  if (base.symbol.name === 'ProductError') return true;
  // A base that is itself generic is an instance of the class: its own bases are those of its
  // target.
  const target = (base as ts.TypeReference).target as ts.Type | undefined;
  return isProblem(target ?? base, checker);
}

function memberOf(type: ts.Type, name: string, checker: ts.TypeChecker): ts.Type {
  const member = type.getProperty(name);
  if (member === undefined) throw new ContractIncomplete(`${type.symbol.name} has no ${name}`);
  return checker.getTypeOfSymbol(member);
}
