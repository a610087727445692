import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { reasonColumns } from './header.js';
import type { LineResult } from './handing-in.js';
import type { BadLine } from './refusals.js';
import type { SourceFormat } from './rows.js';

/** Spreadsheets on Chinese systems take a CSV without it for GBK. */
const byteOrderMark = '\ufeff';

/**
 * A file beside the one that is imported, which nothing but its owner may read, made when its first
 * line is written. A file of an earlier run is never overwritten: the next one gets a number.
 */
class ReportFile {
  #path: string | null = null;
  #stream: WriteStream | null = null;

  /**
   * @param ending what stands between the name and its ending: `x.csv` becomes `x.bad.csv`,
   * `x.bad.2.csv`, …
   */
  constructor(
    private readonly file: string,
    private readonly word: string,
    private readonly ending: string,
    private readonly head: string,
  ) {}

  /** Where it is; null while nothing was written. */
  get path(): string | null {
    return this.#path;
  }

  async write(text: string): Promise<void> {
    this.#stream ??= await this.begin();
    if (!this.#stream.write(text)) await once(this.#stream, 'drain');
  }

  async close(): Promise<void> {
    const stream = this.#stream;
    if (stream === null || stream.closed) return;
    stream.end();
    await once(stream, 'close');
  }

  /** Takes back what was written, and begins again with the next line. */
  async forget(): Promise<void> {
    await this.close();
    if (this.#path !== null) await rm(this.#path, { force: true });
    this.#path = null;
    this.#stream = null;
  }

  private async begin(): Promise<WriteStream> {
    const stem = basename(this.file, extname(this.file)).replace(/\.(bad|results)(\.\d+)?$/, '');
    for (let n = 1; ; n++) {
      const number = n === 1 ? '' : `.${n}`;
      const path = join(dirname(this.file), `${stem}.${this.word}${number}${this.ending}`);
      try {
        const handle = await open(path, 'wx', 0o600);
        this.#path = path;
        const stream = createWriteStream(path, { fd: handle, autoClose: true });
        stream.write(this.head);
        return stream;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  }
}

/**
 * Lines that did not come in: importable as it is once they are mended, each with its reason in the
 * first columns.
 */
export class BadFile {
  readonly #file: ReportFile;

  constructor(
    file: string,
    private readonly format: SourceFormat,
  ) {
    this.#file =
      format.is === 'csv'
        ? new ReportFile(
            file,
            'bad',
            extname(file),
            `${byteOrderMark}${[...reasonColumns, format.header].join(format.separator)}\n`,
          )
        : new ReportFile(file, 'bad', extname(file), '');
  }

  get path(): string | null {
    return this.#file.path;
  }

  add({ line, raw, code, reason }: BadLine): Promise<void> {
    if (this.format.is === 'csv') {
      const reasons = [String(line), code, reason].map(quoted);
      return this.#file.write(`${[...reasons, raw].join(this.format.separator)}\n`);
    }
    const refused = JSON.stringify({ line, code, reason });
    const whole = /^\s*\{/.test(raw) && isJson(raw);
    const said = whole
      ? raw.replace(/^\s*\{\s*/, () => `{"refused":${refused}${isEmptyObject(raw) ? '' : ','}`)
      : JSON.stringify({ refused: { line, code, reason, text: raw } });
    return this.#file.write(`${said}\n`);
  }

  forget(): Promise<void> {
    return this.#file.forget();
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
const isEmptyObject = (raw: string): boolean => /^\s*\{\s*\}/.test(raw);

function isJson(raw: string): boolean {
  try {
    JSON.parse(raw);
    return true;
  } catch {
    return false;
  }
}

/**
 * Results of the lines in the ledger: the certificate's id, its version, its record, and remarks.
 */
export class ResultsFile {
  readonly #file: ReportFile;

  constructor(file: string) {
    this.#file = new ReportFile(
      file,
      'results',
      '.csv',
      `${byteOrderMark}line,id,version,record,state,flags\n`,
    );
  }

  get path(): string | null {
    return this.#file.path;
  }

  add({ line, certificate, version, record, state, flags }: LineResult): Promise<void> {
    const told = [line, certificate, version, record, state, flags.join(' ')];
    return this.#file.write(`${told.join(',')}\n`);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
