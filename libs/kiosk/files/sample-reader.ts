import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject, parseJson, residentIdFault } from '#libs/kernel';
import { SettingInvalid } from '#libs/platform';
import {
  type DocumentReader,
  DocumentUnread,
  type ReadDocument,
  SampleReaderRefused,
} from '../document-reader.js';

/**
 * The reader of a trial: `documents.json` in its folder has made-up documents by a label. A label
 * that is written into the file `laid` lays that document on it, once.
 */
export class SampleReader implements DocumentReader {
  readonly is = 'sample';

  private constructor(
    private readonly folder: string,
    private readonly documents: ReadonlyMap<string, ReadDocument>,
    private readonly isTrial: () => boolean,
  ) {}

  /**
   * @param isTrial whether the city is known to be a trial, asked at each reading
   * @throws SettingInvalid where a document could be a real person's
   */
  static async open(folder: string, isTrial: () => boolean): Promise<SampleReader> {
    const file = join(folder, 'documents.json');
    const documents = await readFile(file, 'utf8')
      .then((text) => documentsIn(text))
      .catch((cause: unknown) => {
        const must = `a folder whose documents.json has made-up documents alone: numbers of the area 99 with a right check character, names that begin with 示例`;
        throw SettingInvalid.mustBe('SAMPLE_DOCUMENTS', must, { cause });
      });
    return new SampleReader(folder, documents, isTrial);
  }

  async take(): Promise<ReadDocument | null> {
    if (!this.isTrial()) throw new SampleReaderRefused();
    const [laid, taken] = [join(this.folder, 'laid'), join(this.folder, 'laid.taken')];
    try {
      // Of two that take at once, one has it.
      await rename(laid, taken);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
    const label = (await readFile(taken, 'utf8')).trim();
    await rm(taken, { force: true });
    const document = this.documents.get(label);
    if (document === undefined) throw new DocumentUnread();
    return document;
  }
}

class NotMadeUp extends Error {}

function documentsIn(text: string): ReadonlyMap<string, ReadDocument> {
  const told = parseJson(text);
  if (!isObject(told)) throw new NotMadeUp();
  return new Map(
    Object.entries(told).map(([label, document]) => {
      if (!isObject(document)) throw new NotMadeUp();
      const { kind, number, name } = document;
      const isMadeUp =
        kind === '111' &&
        typeof number === 'string' &&
        // No area of the State has this code.
        number.startsWith('99') &&
        residentIdFault(number) === null &&
        typeof name === 'string' &&
        name.startsWith('示例');
      if (!isMadeUp) throw new NotMadeUp();
      return [label, { kind, number, name }];
    }),
  );
}
