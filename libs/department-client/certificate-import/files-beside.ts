import { hash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { maxFileBytes, looksLike } from '#libs/certificate';
import { CityRefused, type ImportingCity, type StoredFile } from './city.js';
import type { NamedFile } from './contents.js';
import { LineRefused } from './rows.js';

/** A file that a line names, as it lies on this machine. */
export interface LocalFile {
  readonly name: string;
  readonly place: string;
  readonly mediaType: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.ofd': 'application/ofd',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
};

/**
 * Reads a file and judges it as the city will. @throws LineRefused: what is wrong with it is its
 * line's fault
 */
export async function lookBeside(folder: string, { name, path }: NamedFile): Promise<LocalFile> {
  const column = name;
  const mediaType = mediaTypes[extname(path).toLowerCase()];
  if (mediaType === undefined)
    throw new LineRefused('file_wrong', 'a file is a PDF, OFD, JPEG or PNG, by its ending', {
      column,
    });
  const place = resolve(folder, path);
  const bytes = await read(place, column);
  if (bytes.length === 0) throw new LineRefused('file_empty', 'a file is empty', { column });
  if (!looksLike(mediaType, bytes))
    throw new LineRefused('file_wrong', 'a file is not what its ending says', {
      column,
      mediaType,
    });
  return { name, place, mediaType, sha256: hash('sha256', bytes, 'hex') };
}

async function read(place: string, column: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { size } = await stat(place);
    if (size > maxFileBytes)
      throw new LineRefused('file_too_large', 'a file has at most 10 MB', {
        column,
        bytes: size,
        limit: maxFileBytes,
      });
    return new Uint8Array(await readFile(place));
  } catch (cause) {
    if (cause instanceof LineRefused) throw cause;
    throw new LineRefused('file_unreadable', 'a file cannot be read', { column }, { cause });
  }
}

/** What the city says of a file itself. Anything else that it says is of the whole import. */
const ofTheFile = new Set([400, 413, 415, 422]);

/** @throws LineRefused, CityRefused, CityUnreachable */
export async function storeFile(city: ImportingCity, file: LocalFile): Promise<StoredFile> {
  const column = file.name;
  let stored: StoredFile;
  // Read a second time, and not kept since: each may have 10 MB.
  const bytes = await read(file.place, column);
  try {
    stored = await city.storeFile(file.mediaType, bytes);
  } catch (error) {
    if (!(error instanceof CityRefused) || !ofTheFile.has(Number(error.facts['status'])))
      throw error;
    const code = error.facts['status'] === 413 ? 'file_too_large' : 'file_wrong';
    throw new LineRefused(code, 'the city does not take a file', { column }, { cause: error });
  }
  // The stored bytes are signed, whatever digest was claimed.
  if (stored.sha256 !== file.sha256)
    throw new LineRefused('file_wrong', 'a file is not what it was when it was judged', { column });
  return stored;
}
