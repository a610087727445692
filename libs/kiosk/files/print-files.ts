import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Instant, isObject, parseJson, plusSeconds, shanghaiDay } from '#libs/kernel';
import { readSecretFile, replaceSecretFile } from '#libs/platform';
import { isPrintId, type PrintJournal, type PrintRecord } from '../print-journal.js';

/** A print is known again for so long, in days; its id is refused a second document until then. */
const keptDays = 7;

/**
 * The prints of one kiosk, a file for each, in a folder that only its user reads. What `put` has
 * acknowledged survives a power cut.
 */
export class PrintFiles implements PrintJournal {
  private constructor(
    private readonly folder: string,
    private readonly records: Map<string, PrintRecord>,
    private isCounting: boolean,
  ) {}

  static async open(folder: string, now: Instant): Promise<PrintFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const records = new Map<string, PrintRecord>();
    for (const file of await readdir(folder)) {
      const [, id = '', draft] = /^([\w-]+)\.json(\.[0-9a-f]+)?$/.exec(file) ?? [];
      // What a power cut left half written.
      if (draft !== undefined) await rm(join(folder, file), { force: true });
      else if (isPrintId(id))
        records.set(id, recordIn((await readSecretFile(join(folder, file))) ?? '', id, now));
    }
    const isCounting = (await readSecretFile(countsFile(folder))) !== null;
    const opened = new PrintFiles(folder, records, isCounting);
    await opened.#forgetBefore(plusSeconds(now, -keptDays * 86_400));
    return opened;
  }

  find(id: string): PrintRecord | null {
    return this.records.get(id) ?? null;
  }

  unended(): readonly PrintRecord[] {
    return [...this.records.values()].filter(({ stage }) => stage !== 'ended');
  }

  async put(record: PrintRecord): Promise<void> {
    await replaceSecretFile(this.#file(record.id), JSON.stringify(record));
    this.records.set(record.id, record);
    await this.#forgetBefore(plusSeconds(record.began, -keptDays * 86_400));
  }

  pagesOn(now: Instant): number {
    const day = shanghaiDay(now);
    return [...this.records.values()]
      .filter(({ began, end }) => shanghaiDay(began) === day && end !== 'not-printed')
      .reduce((sum, { pages }) => sum + pages, 0);
  }

  get counts(): boolean {
    return this.isCounting;
  }

  async noteCounting(): Promise<void> {
    if (this.isCounting) return;
    this.isCounting = true;
    await replaceSecretFile(countsFile(this.folder), 'the printer counts impressions\n');
  }

  async #forgetBefore(oldest: Instant): Promise<void> {
    for (const { id, stage, began } of this.records.values()) {
      if (stage !== 'ended' || began >= oldest) continue;
      await rm(this.#file(id), { force: true });
      this.records.delete(id);
    }
  }

  #file(id: string): string {
    return join(this.folder, `${id}.json`);
  }
}

const countsFile = (folder: string) => join(folder, 'counts');

/** What cannot be read may have been printed, and is not printed again. */
function recordIn(text: string, id: string, now: Instant): PrintRecord {
  try {
    const told = parseJson(text);
    if (isObject(told) && told['id'] === id && stages.has(told['stage']))
      return told as unknown as PrintRecord;
  } catch {
    // Told below.
  }
  return { id, began: now, pages: 1, stage: 'ended', job: null, cancel: false, end: 'perhaps' };
}

const stages = new Set<unknown>([
  'ended',
  'opening',
  'sending',
  'sent',
] satisfies PrintRecord['stage'][]);
