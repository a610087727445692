import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Instant, isObject, parseJson, plusSeconds, shanghaiDay } from '#libs/kernel';
import { readSecretFile, replaceSecretFile } from '#libs/platform';
import type { PrintEnd } from './printer.decider.js';

/** What is kept of a print: never the document, nor anything of it. */
export interface PrintRecord {
  readonly id: string;
  readonly began: Instant;
  readonly pages: number;
  /**
   * `opening`: the printer is asked for a job. `sending`: the document may have reached it.
   */
  readonly stage: 'ended' | 'opening' | 'sending' | 'sent';
  /** The printer's id of the job, from `sending` on. */
  readonly job: number | null;
  /** Whether the job is to be taken back as soon as the printer can be reached. */
  readonly cancel: boolean;
  readonly end: PrintEnd | null;
}

/** A print is known again for so long, in days; its id is refused a second document until then. */
const keptDays = 7;

/** Names of files: no separators, no dots. */
export const isPrintId = (id: string): boolean => /^[\w-]{16,64}$/.test(id);

/**
 * The prints of one kiosk, a file for each, in a folder that only its user reads. What `put` has
 * acknowledged survives a power cut.
 */
export class PrintJournal {
  private constructor(
    private readonly folder: string,
    private readonly records: Map<string, PrintRecord>,
    private isCounting: boolean,
  ) {}

  /** Removes what is older than it is kept. */
  static async open(folder: string, now: Instant): Promise<PrintJournal> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const records = new Map<string, PrintRecord>();
    const oldest = plusSeconds(now, -keptDays * 86_400);
    for (const file of await readdir(folder)) {
      const id = /^([\w-]+)\.json$/.exec(file)?.[1];
      if (id === undefined || !isPrintId(id)) continue;
      const record = recordIn((await readSecretFile(join(folder, file))) ?? '', id, now);
      if (record.stage === 'ended' && record.began < oldest)
        await rm(join(folder, file), { force: true });
      else records.set(id, record);
    }
    return new PrintJournal(folder, records, (await readSecretFile(countsFile(folder))) !== null);
  }

  find(id: string): PrintRecord | null {
    return this.records.get(id) ?? null;
  }

  /** Prints that a program left when it ended. */
  unended(): readonly PrintRecord[] {
    return [...this.records.values()].filter(({ stage }) => stage !== 'ended');
  }

  /** Resolves when it is on disk. @throws the file system's error; then the old record holds */
  async put(record: PrintRecord): Promise<void> {
    await replaceSecretFile(join(this.folder, `${record.id}.json`), JSON.stringify(record));
    this.records.set(record.id, record);
  }

  /** Pages of the Shanghai day of `now`, those that are known not to be on paper left out. */
  pagesOn(now: Instant): number {
    const day = shanghaiDay(now);
    return [...this.records.values()]
      .filter(({ began, end }) => shanghaiDay(began) === day && end !== 'not-printed')
      .reduce((sum, { pages }) => sum + pages, 0);
  }

  /** Whether the printer is known to count what it prints: its 0 is then believed. */
  get counts(): boolean {
    return this.isCounting;
  }

  async noteCounting(): Promise<void> {
    if (this.isCounting) return;
    this.isCounting = true;
    await replaceSecretFile(countsFile(this.folder), 'the printer counts impressions\n');
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
