import { type FileHandle, open, readFile } from 'node:fs/promises';
import type { Instant } from '#libs/kernel';
import { RequestReused } from './refusals.js';

interface Entry {
  readonly request: string;
  /** Digest of the type and the holder. */
  readonly what: string;
  readonly madeAt: Instant;
}

/**
 * When each request was first answered. A request that comes again is answered with the same
 * statement, also after this program was killed; so the entry is on disk before the answer leaves.
 */
export class Journal {
  /** By request, with what is awaited until it is on disk. */
  readonly #entries = new Map<string, { readonly entry: Entry; readonly kept: Promise<void> }>();

  private constructor(private readonly file: FileHandle) {}

  /** @throws where the file is there and cannot be read: an empty journal would answer anew */
  static async open(path: string): Promise<Journal> {
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    });
    const journal = new Journal(await open(path, 'a', 0o600));
    for (const line of text.split('\n')) {
      const entry = entryIn(line);
      if (entry !== null) journal.#entries.set(entry.request, { entry, kept: Promise.resolve() });
    }
    return journal;
  }

  /** @throws RequestReused */
  async madeAt(request: string, what: string, now: Instant): Promise<Instant> {
    const known = this.#entries.get(request);
    if (known !== undefined) {
      if (known.entry.what !== what)
        throw new RequestReused('request_reused', 'the request was answered for something else');
      await known.kept;
      return known.entry.madeAt;
    }
    const entry = { request, what, madeAt: now };
    const kept = this.#keep(entry);
    this.#entries.set(request, { entry, kept });
    try {
      await kept;
    } catch (error) {
      this.#entries.delete(request);
      throw error;
    }
    return now;
  }

  async #keep(entry: Entry): Promise<void> {
    // A line of its own, also behind half a line that a power cut or a full disk left.
    await this.file.appendFile(`\n${JSON.stringify(entry)}\n`);
    await this.file.sync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** A line may be half of one: its answer never left. */
function entryIn(line: string): Entry | null {
  try {
    return line === '' ? null : (JSON.parse(line) as Entry);
  } catch {
    return null;
  }
}
