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
  readonly #entries = new Map<string, Entry>();

  private constructor(private readonly file: FileHandle) {}

  static async open(path: string): Promise<Journal> {
    const text = await readFile(path, 'utf8').catch(() => '');
    const journal = new Journal(await open(path, 'a', 0o600));
    for (const line of text.split('\n')) {
      const entry = entryIn(line);
      if (entry !== null) journal.#entries.set(entry.request, entry);
    }
    return journal;
  }

  /** @throws RequestReused */
  async madeAt(request: string, what: string, now: Instant): Promise<Instant> {
    const known = this.#entries.get(request);
    if (known !== undefined) {
      if (known.what !== what)
        throw new RequestReused('request_reused', 'the request was answered for something else');
      return known.madeAt;
    }
    const entry = { request, what, madeAt: now };
    this.#entries.set(request, entry);
    try {
      await this.file.appendFile(`${JSON.stringify(entry)}\n`);
      await this.file.sync();
    } catch (error) {
      this.#entries.delete(request);
      throw error;
    }
    return now;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** The last line may be half of one: its answer never left. */
function entryIn(line: string): Entry | null {
  try {
    return line === '' ? null : (JSON.parse(line) as Entry);
  } catch {
    return null;
  }
}
