import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { OwnCertificates } from '#libs/audit/authority-watch';
import { KeyRefused, readPublicKey } from '#libs/identity';
import { InvalidError, isObject, type JsonObject, parseJson, readCsvLine } from '#libs/kernel';
import { findOut } from './file-kinds.js';
import { read } from './offline.js';

/** A file that should say what an authority made, and does not. */
export class OwnWorkUnreadable extends InvalidError<
  'own_keys_malformed' | 'own_list_malformed' | 'own_list_absent'
> {}

/**
 * Thumbprints of an authority's own keys.
 * @param files of lines that begin with a thumbprint (RFC 7638), or keys themselves: JWK or JWKS
 * (RFC 7517), public or private
 * @throws OwnWorkUnreadable, FileUnusable
 */
export async function readOwnKeys(files: readonly string[]): Promise<ReadonlySet<string>> {
  const kids = new Set<string>();
  for (const file of files) {
    const { kind, text } = findOut(await read(file));
    const found = text === null ? null : kind === 'key' ? inJson(text) : inLines(text);
    if (found === null || found.length === 0)
      throw new OwnWorkUnreadable(
        'own_keys_malformed',
        `${file} 里没有公钥指纹\n${file} holds no thumbprints of keys`,
        { file },
        { hint: 'A line each (mianzheng keys new … --json prints `jkt`), or a JWK or JWKS.' },
      );
    for (const kid of found) kids.add(kid);
  }
  return kids;
}

function inLines(text: string): readonly string[] | null {
  const words = lines(text).map((line) => line.split(/[\s,]/, 1)[0] ?? '');
  return words.every((word) => /^[\w-]{43}$/.test(word)) ? words : null;
}

function inJson(text: string): readonly string[] | null {
  const value = parseJson(text, 64);
  if (!isObject(value)) return null;
  const keys = Array.isArray(value['keys']) ? (value['keys'] as readonly unknown[]) : [value];
  try {
    return keys.map((key) => readPublicKey(publicHalf(isObject(key) ? key : {})).jkt);
  } catch (error) {
    if (error instanceof KeyRefused) return null;
    throw error;
  }
}

/** What defines the key: of a private one, nothing else is looked at. */
const publicHalf = ({ kty = null, crv = null, x = null, y }: JsonObject): JsonObject => ({
  kty,
  crv,
  x,
  ...(y !== undefined && { y }),
});

/**
 * An authority's own list of its certificates.
 * @param files `x.results.csv` of an import or amendment (the records of versions), or an id a
 * line; `*` in a name stands for any letters, and is looked up at each reading: later runs write
 * files of other names
 * @throws OwnWorkUnreadable, FileUnusable
 */
export async function readOwnCertificates(files: readonly string[]): Promise<OwnCertificates> {
  const [ids, records] = [new Set<string>(), new Set<string>()];
  for (const file of (await Promise.all(files.map(filesNamed))).flat()) {
    const { text } = findOut(await read(file));
    const [head = '', ...rest] = text === null ? [] : lines(text);
    const isResults = head.split(',').includes('record');
    const at = isResults ? head.split(',').indexOf('record') : 0;
    for (const line of isResults ? rest : text === null ? [] : [head, ...rest]) {
      const cells = readCsvLine(line, { separator: ',', maxCells: 64 });
      const cell = cells.state === 'read' ? (cells.cells[at] ?? '') : '';
      const form = isResults ? /^[0-9a-f]{64}$/ : /^[\w-]{16,64}$/;
      if (!form.test(cell)) throw malformed(file);
      (isResults ? records : ids).add(cell);
    }
    if (text === null) throw malformed(file);
  }
  return { ids, records };
}

/** In the order of their names. @throws OwnWorkUnreadable where none is there */
async function filesNamed(named: string): Promise<readonly string[]> {
  const pattern = basename(named);
  if (!pattern.includes('*')) return [named];
  const parts = pattern
    .split('*')
    .map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, String.raw`\$&`));
  const fits = new RegExp(`^${parts.join('.*')}$`, 's');
  const folder = dirname(named);
  const found = (await readdir(folder).catch(() => [])).filter((name) => fits.test(name)).sort();
  if (found.length > 0) return found.map((name) => join(folder, name));
  throw new OwnWorkUnreadable(
    'own_list_absent',
    `没有文件符合 ${named}\nno file is named as ${named}`,
    { file: named },
    {
      hint: 'import certificates writes x.results.csv, certificates amend beside its file; where there is none yet, leave --certificates out.',
    },
  );
}

/** Without those that are empty or begin with `#`. */
const lines = (text: string): string[] =>
  text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));

const malformed = (file: string) =>
  new OwnWorkUnreadable(
    'own_list_malformed',
    `${file} 既不是导入结果，也不是证照编号清单\n${file} is neither the results of an import nor a list of certificate ids`,
    { file },
    {
      hint: 'x.results.csv as `mianzheng import certificates` and `certificates amend` write it, or an id a line.',
    },
  );
