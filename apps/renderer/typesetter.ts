import { NodeCompiler, type NodeTypstDocument } from '@myriaddreamin/typst-ts-node-compiler';
import { join } from 'node:path';
import { codePointName } from '#libs/kernel';
import { type DrawAnswer, type DrawFault, type DrawOrder, maxPages } from '#libs/proof/paper';
import { type Font, fontsWrong } from './fonts.js';

/** Papers after which Typst forgets what it has not used since: memory stays flat. */
const forgetAfter = 5;

/**
 * Sets pages with Typst. Facts reach it as one JSON text among the inputs, which layouts read as
 * strings: nothing of them is parsed as markup.
 */
export class Typesetter {
  readonly #compiler: NodeCompiler;
  readonly #families: string;

  /**
   * @param layouts folder with a `.typ` file for each template
   * @throws PaperFontsWrong where a file is not of the family that it was named as
   */
  constructor(
    private readonly layouts: string,
    fonts: readonly Font[],
  ) {
    this.#compiler = NodeCompiler.create({
      workspace: layouts,
      fontArgs: [{ fontBlobs: fonts.map(({ bytes }) => bytes) }],
    });
    const families = [...new Set(fonts.map(({ family }) => family))];
    for (const family of families) this.#judgeFamily(family);
    this.#families = JSON.stringify(families);
  }

  /** @returns the PDF with its number of pages, or why there is none */
  draw({
    sheet,
    attached,
    created,
  }: DrawOrder):
    Omit<Extract<DrawAnswer, { pdf: Uint8Array }>, 'id' | 'rss'> | { readonly fault: DrawFault } {
    const files = attached.map((bytes, n) => ({ path: this.#attachment(n), bytes }));
    for (const { path, bytes } of files) this.#compiler.mapShadow(path, Buffer.from(bytes));
    try {
      const { result, words } = this.#compiled({
        mainFilePath: join(this.layouts, `${sheet.template}.typ`),
        inputs: { sheet: JSON.stringify(sheet), families: this.#families },
      });
      if (result === null) return { fault: { kind: 'failed', words } };
      const pages = result.numOfPages;
      if (pages > maxPages) return { fault: { kind: 'too-many-pages', pages } };
      return this.#exported(result, created, pages);
    } finally {
      for (const { path } of files) this.#compiler.unmapShadow(path);
      this.#compiler.evictCache(forgetAfter);
    }
  }

  #exported(document: NodeTypstDocument, created: number, pages: number) {
    try {
      const pdf = this.#compiler.pdf(document, {
        pdfStandard: 'a-3b',
        creationTimestamp: created,
      });
      return { pdf: new Uint8Array(pdf), pages };
    } catch (error) {
      return { fault: faultOf(String(error)) };
    }
  }

  #compiled(args: Parameters<NodeCompiler['compile']>[0]) {
    const execution = this.#compiler.compile(args);
    if (!execution.hasError()) return { result: execution.result, words: '' };
    const error = execution.takeError();
    return { result: null, words: withoutTexts(JSON.stringify(error?.shortDiagnostics ?? [])) };
  }

  #judgeFamily(family: string): void {
    const execution = this.#compiler.compile({
      mainFileContent: `#set text(font: sys.inputs.family, fallback: false)\n`,
      inputs: { family },
    });
    if (execution.hasError() || execution.takeWarnings() !== null)
      throw fontsWrong(`no font of the family ${family} is in its file`);
  }

  #attachment(n: number): string {
    return join(this.layouts, 'attachments', String(n));
  }
}

/** PDF/A (ISO 19005-3, 6.2.11.8) takes no glyph `.notdef`: Typst refuses and quotes the text. */
const undrawn = /the text `"((?:[^"\\]|\\.)*)"` could not be displayed/g;

function faultOf(message: string): DrawFault {
  // The message is Rust's debugging form of a list of diagnostics, which escapes quotes again.
  const plain = message.replace(/\\(["\\])/g, '$1');
  const characters = [...plain.matchAll(undrawn)].flatMap(([, text = '']) =>
    Array.from(unescaped(text)),
  );
  if (characters.length === 0) return { kind: 'failed', words: withoutTexts(message) };
  return { kind: 'undrawable', codePoints: [...new Set(characters.map(codePointName))] };
}

const unescaped = (text: string): string =>
  text
    .replace(/\\u\{([0-9a-f]+)\}/g, (_, digits: string) =>
      String.fromCodePoint(parseInt(digits, 16)),
    )
    .replace(/\\(.)/g, '$1');

/** Typst's words quote what a page says; a name is not to stand in an error. */
const withoutTexts = (words: string): string =>
  words.replace(/`[^`]*`|\\"[^"]*\\"/g, '…').slice(0, 500);
