import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import {
  type CertificateContent,
  type FileClaim,
  repeatableSalts,
  signCertificate,
  type SigningKey,
} from '#libs/certificate';
import { ProductError } from '#libs/kernel';
import { type ImportingCity, type StoredFile } from './city.js';
import { contentOf, filesOf, type Issuer, type NamedFile } from './contents.js';
import { LineRefused, type Row, type Source } from './rows.js';

/** A line that did not come in, and why. `raw` is personal: it goes to a file of its owner's, and nowhere else. */
export interface BadLine {
  readonly line: number;
  readonly raw: string;
  readonly code: string;
  readonly detail: string;
}

export interface ImportReport {
  readonly recorded: number;
  /** Had come in before. */
  readonly unchanged: number;
  readonly refused: number;
}

export interface ImportOptions {
  /** The file's path: others that it names are looked up beside it. */
  readonly file: string;
  readonly source: Source;
  readonly city: ImportingCity;
  readonly issuer: Issuer;
  readonly key: SigningKey;
  readonly linesOfBatch?: number;
  /** Batches under way together. */
  readonly atOnce?: number;
  /** Whether lines are signed anew whose holder was erased since they came in, and is somebody new to the ledger. */
  readonly signAnew?: boolean;
  /** In the order of the file. */
  readonly onBad: (bad: BadLine) => Promise<void> | void;
  readonly onProgress?: (bytes: number, report: ImportReport) => void;
}

/** A row that is signed, and what the request says of it. */
interface Signed {
  readonly row: Row;
  readonly line: string;
  readonly content: CertificateContent;
  readonly files: readonly { readonly name: string; readonly blob: string; readonly key: string }[];
}

/** So often one certificate is signed anew. Whoever was erased more often than that is no reason to go on for ever. */
const mostTimesAnew = 16;

/** Bytes of one request's body: half of what the city takes. */
const largestBody = 8 * 1024 * 1024;

/**
 * Signs every line of a file here and hands it in, batch by batch, several under way together. Bad lines are told in order and keep no
 * other out. Run again, it signs the same words again: the city knows them, and nothing is recorded twice.
 * @throws ImportRefused, CityRefused, CityUnreachable
 */
export async function importCertificates(options: ImportOptions): Promise<ImportReport> {
  const { source, linesOfBatch = 250, atOnce = 3, onBad, onProgress } = options;
  const report = { recorded: 0, unchanged: 0, refused: 0 };
  const underWay: Promise<Done>[] = [];
  const settle = async () => {
    const done = await underWay.shift();
    if (done === undefined) return;
    report.recorded += done.recorded;
    report.unchanged += done.unchanged;
    report.refused += done.bad.length;
    for (const bad of done.bad) await onBad(bad);
    onProgress?.(done.bytes, report);
  };
  const begin = async (rows: readonly Row[]) => {
    const work = importPage(options, rows);
    work.catch(() => undefined); // told when its turn comes
    underWay.push(work);
    if (underWay.length >= atOnce) await settle();
  };
  let rows: Row[] = [];
  for await (const row of source.rows) {
    rows.push(row);
    if (rows.length < linesOfBatch) continue;
    await begin(rows);
    rows = [];
  }
  if (rows.length > 0) await begin(rows);
  while (underWay.length > 0) await settle();
  return report;
}

interface Done {
  readonly recorded: number;
  readonly unchanged: number;
  readonly bad: readonly BadLine[];
  readonly bytes: number;
}

async function importPage(options: ImportOptions, rows: readonly Row[]): Promise<Done> {
  const bad: BadLine[] = [];
  const signed: Signed[] = [];
  const tried = await Promise.all(
    rows.map((row) =>
      signRow(options, row).catch((error: unknown) => {
        if (error instanceof ProductError && error.family === 'invalid')
          return error as ProductError;
        throw error;
      }),
    ),
  );
  for (const [n, row] of rows.entries()) {
    const one = tried[n];
    if (one instanceof ProductError)
      bad.push({ line: row.line, raw: row.raw, code: one.code, detail: one.message });
    else if (one !== undefined) signed.push(one);
  }
  const counts = { recorded: 0, unchanged: 0 };
  let open: readonly Signed[] = signed;
  for (let anew = 0; open.length > 0; anew++) {
    const again: Signed[] = [];
    for (const body of bodiesOf(open))
      for (const [n, answer] of (
        await options.city.issue(body.map(({ line }) => line).join(''))
      ).entries()) {
        const one = body[n];
        if (one === undefined) continue;
        const { line, raw } = one.row;
        if (answer.state !== 'refused') counts[answer.state]++;
        else if (options.signAnew && answer.code === 'holders_changed' && anew < mostTimesAnew)
          again.push(one);
        else bad.push({ line, raw, code: answer.code, detail: answer.detail });
      }
    open = await Promise.all(again.map((one) => signedAnew(options, one, anew + 1)));
  }
  return {
    ...counts,
    bad: bad.toSorted((a, b) => a.line - b.line),
    bytes: rows.at(-1)?.bytes ?? 0,
  };
}

async function signRow({ file, city, issuer, key }: ImportOptions, row: Row): Promise<Signed> {
  if (row.read instanceof LineRefused) throw row.read;
  const type = await city.type(row.read.type);
  if (type === null) throw new LineRefused('type_unknown', 'the catalogue has no such type');
  const stored = await Promise.all(
    filesOf(row.read, type).map(async (named) => ({
      name: named.name,
      stored: await store(city, dirname(file), named),
    })),
  );
  const claims = new Map<string, FileClaim>(
    stored.map(({ name, stored: { sha256, mediaType } }) => [name, { sha256, mediaType }]),
  );
  const content = contentOf(row.read, type, issuer, claims);
  const files = stored.map(({ name, stored: { blob, key: fileKey } }) => ({
    name,
    blob,
    key: fileKey,
  }));
  return signedAnew({ issuer, key }, { row, content, files }, 0);
}

/** Signs a line, as often before for other subjects as `anew` says: other salts, and so another certificate. */
async function signedAnew(
  { issuer, key }: Pick<ImportOptions, 'issuer' | 'key'>,
  { row, content, files }: Omit<Signed, 'line'>,
  anew: number,
): Promise<Signed> {
  const sdJwt = await signCertificate(content, key, repeatableSalts(issuer.secret, content, anew));
  const line = `${JSON.stringify(files.length > 0 ? { sdJwt, files } : { sdJwt })}\n`;
  return { row, content, files, line };
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.pdf': 'application/pdf',
  '.ofd': 'application/ofd',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.png': 'image/png',
};

async function store(city: ImportingCity, folder: string, named: NamedFile): Promise<StoredFile> {
  const unreadable = (cause?: unknown) =>
    new LineRefused(
      'file_unreadable',
      'a file that the line names is not a readable PDF, OFD, JPEG or PNG',
      { name: named.name },
      { cause },
    );
  const mediaType = mediaTypes[extname(named.path).toLowerCase()];
  if (mediaType === undefined) throw unreadable();
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(await readFile(resolve(folder, named.path)));
  } catch (cause) {
    throw unreadable(cause);
  }
  const answer = await city.storeFile(mediaType, bytes);
  // What is signed is what lies here, not what somebody says that it is.
  if (answer.sha256 !== hash('sha256', bytes)) throw unreadable();
  return answer;
}

function bodiesOf(signed: readonly Signed[]): Signed[][] {
  const bodies: Signed[][] = [];
  let size = Infinity;
  for (const one of signed) {
    const bytes = Buffer.byteLength(one.line);
    if (size + bytes > largestBody) {
      bodies.push([]);
      size = 0;
    }
    bodies.at(-1)?.push(one);
    size += bytes;
  }
  return bodies;
}
