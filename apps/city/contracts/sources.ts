import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { InternalError } from '#libs/kernel';

/** A contract cannot be generated: the sources, or the tables beside them, are not complete. */
export class ContractIncomplete extends InternalError<'contract_incomplete'> {
  constructor(message: string) {
    super('contract_incomplete', message);
  }
}

/**
 * The product's own sources as the compiler sees them. Packages are left out: no code and no event
 * is of their types.
 */
export interface Sources {
  readonly checker: ts.TypeChecker;
  readonly files: readonly ts.SourceFile[];
  /** A file's path below the repository's folder. */
  readonly pathOf: (file: ts.SourceFile) => string;
}

/**
 * @param root the repository's folder, ending with `/`
 * @throws ContractIncomplete where tsconfig.json cannot be read
 */
export function openSources(root: URL): Sources {
  const folder = fileURLToPath(root);
  const config = ts.getParsedCommandLineOfConfigFile(
    `${folder}tsconfig.json`,
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: ({ messageText }) => {
        throw new ContractIncomplete(ts.flattenDiagnosticMessageText(messageText, '\n'));
      },
    },
  );
  if (config === undefined) throw new ContractIncomplete(`${folder}tsconfig.json cannot be read`);
  // The smallest library that has Array, Readonly and Exclude: reading the others takes most of the
  // time.
  const options = { ...config.options, lib: ['lib.es5.d.ts'], types: [] };
  const host = ts.createCompilerHost(options);
  const cache = ts.createModuleResolutionCache(folder, (name) => name, options);
  host.resolveModuleNameLiterals = (literals, from, _redirected, given) =>
    literals.map(({ text }) =>
      /^[.#]/.test(text)
        ? ts.resolveModuleName(text, from, given, host, cache, undefined, ts.ModuleKind.ESNext)
        : { resolvedModule: undefined },
    );
  const own = config.fileNames.filter(
    (file) =>
      /^(libs|apps)\//.test(file.slice(folder.length)) && !/\.(test|contract)\.ts$/.test(file),
  );
  const program = ts.createProgram(own, options, host);
  const wanted = new Set(own);
  return {
    checker: program.getTypeChecker(),
    files: program.getSourceFiles().filter(({ fileName }) => wanted.has(fileName)),
    pathOf: ({ fileName }) => fileName.slice(folder.length),
  };
}

/**
 * The files that a program loads which starts with `mains`, types left out; paths below the
 * repository's folder.
 */
export function loadedBy(
  { checker, files, pathOf }: Sources,
  mains: readonly string[],
): ReadonlySet<ts.SourceFile> {
  const loaded = new Set<ts.SourceFile>();
  const load = (file: ts.SourceFile): void => {
    if (loaded.has(file)) return;
    loaded.add(file);
    const visit = (node: ts.Node): void => {
      const from = moduleOf(node);
      const declared = from && checker.getSymbolAtLocation(from)?.valueDeclaration;
      if (declared !== undefined && ts.isSourceFile(declared)) load(declared);
      ts.forEachChild(node, visit);
    };
    visit(file);
  };
  for (const main of mains) {
    const file = files.find((each) => pathOf(each) === main);
    if (file === undefined) throw new ContractIncomplete(`there is no ${main}`);
    load(file);
  }
  return loaded;
}

/** What an import, a re-export or an `import()` names, where it is more than types. */
function moduleOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node))
    return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      ? undefined
      : node.moduleSpecifier;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly ? undefined : node.moduleSpecifier;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    return node.arguments[0];
  return undefined;
}

/** The texts of a type that is a literal or a union of them; null where it is any text. */
export function literalsOf(type: ts.Type): readonly string[] | null {
  const parts = type.isUnion() ? type.types : [type];
  const texts = parts.map((part) => (part.isStringLiteral() ? part.value : null));
  return texts.every((text) => text !== null) ? texts : null;
}
