import { type AmendReason } from '#libs/certificate';
import { repeatableSalts, signCertificate, type SigningKey } from '../signing.js';
import { CityRefused, type ImportingCity, type LineAnswer } from './city.js';
import type { Issuer } from './contents.js';
import { storeFile } from './files-beside.js';
import type { Prepared } from './preparing.js';
import { badLine, type BadLine, faultOfLine } from './refusals.js';
import type { Refusal } from './refusal.js';
import { LineRefused, type Row } from './rows.js';
import { type Attempt, handInVersions, type VersionLine } from './versions.js';

export interface HandingIn {
  readonly city: ImportingCity;
  readonly issuer: Issuer;
  readonly key: SigningKey;
  /**
   * Whether lines are signed again whose holder was erased since their import, and is a new
   * subject.
   */
  readonly signAnew?: boolean;
  /** Why later versions are signed; `change`, if nothing is said. */
  readonly reason?: AmendReason;
}

/** What came of a line: it is in the ledger, or it is not. */
export type LineOutcome =
  | { readonly state: 'recorded' | 'unchanged'; readonly result: LineResult }
  | { readonly state: 'refused'; readonly bad: BadLine };

/** For the file of results. */
export type LineResult = Extract<LineAnswer, { readonly state: 'recorded' | 'unchanged' }>;

/** A row whose files lie in the city. */
export interface Stored extends VersionLine {
  readonly row: Row;
  readonly files: readonly { readonly name: string; readonly blob: string; readonly key: string }[];
}

/** Bytes of one request's body. */
const maxBodyBytes = 8 * 1024 * 1024;

/** Signs and submits lines; each is answered, in order. @throws CityRefused, CityUnreachable */
export async function handIn(
  options: HandingIn,
  rows: readonly Prepared[],
): Promise<readonly LineOutcome[]> {
  const outcomes = new Map<Row, LineOutcome>();
  const refuse = (row: Row, refusal: Refusal) =>
    outcomes.set(row, { state: 'refused', bad: badLine(row, refusal) });
  const stored: Stored[] = [];
  for (const prepared of rows)
    try {
      stored.push(await storeFiles(options.city, prepared));
    } catch (error) {
      const fault = faultOfLine(error);
      if (fault === null) throw error;
      refuse(prepared.row, fault);
    }
  const answers = await handInVersions(
    stored,
    { signAnew: options.signAnew ?? false, reason: options.reason ?? 'change' },
    async (attempts) => {
      // All at once: Node signs on every core.
      const lines = await Promise.all(attempts.map((attempt) => signedLine(options, attempt)));
      const said: LineAnswer[] = [];
      for (const body of bodiesOf(lines)) said.push(...(await answersTo(options.city, body)));
      return said;
    },
  );
  for (const [{ row }, answer] of answers)
    if (answer.state !== 'refused') outcomes.set(row, resultOf(row, answer));
    else refuse(row, { ...answer, message: answer.detail });
  return rows.flatMap(({ row }) => outcomes.get(row) ?? []);
}

function resultOf(
  { line }: Row,
  { state, certificate, version, record, flags }: Exclude<LineAnswer, { state: 'refused' }>,
): LineOutcome {
  return { state, result: { line, state, certificate, version, record, flags } };
}

/** @throws LineRefused where a file is its line's fault; CityRefused, CityUnreachable */
export async function storeFiles(
  city: ImportingCity,
  { files, ...line }: Prepared,
): Promise<Stored> {
  const stored = [];
  for (const file of files) {
    const { blob, key } = await storeFile(city, file);
    stored.push({ name: file.name, blob, key });
  }
  return { ...line, files: stored };
}

/**
 * Signs a line, as often before for other subjects as `anew` says: other salts, and so other words.
 */
export async function signedLine(
  { issuer, key }: Pick<HandingIn, 'issuer' | 'key'>,
  { line: { files }, content, anew, certificate }: Attempt<Stored>,
): Promise<string> {
  const sdJwt = await signCertificate(content, key, repeatableSalts(issuer.secret, content, anew));
  const handed = {
    sdJwt,
    ...(files.length > 0 && { files }),
    ...(certificate !== undefined && { certificate }),
  };
  return `${JSON.stringify(handed)}\n`;
}

/**
 * What the city says of a body as a whole: halves of it are tried, down to the line whose fault it
 * is.
 */
const ofTheBody = new Set(['body_too_large', 'batch_too_long']);

async function answersTo(
  city: ImportingCity,
  lines: readonly string[],
): Promise<readonly LineAnswer[]> {
  try {
    return await city.issue(lines.join(''));
  } catch (error) {
    if (!(error instanceof CityRefused) || !ofTheBody.has(String(error.facts['problem'])))
      throw error;
    if (lines.length <= 1) {
      const { code, message, facts } = new LineRefused(
        'line_too_long',
        'the certificate is larger than the city takes',
      );
      return lines.map(() => ({ line: 1, state: 'refused', code, detail: message, facts }));
    }
    const half = Math.ceil(lines.length / 2);
    return [
      ...(await answersTo(city, lines.slice(0, half))),
      ...(await answersTo(city, lines.slice(half))),
    ];
  }
}

function bodiesOf(lines: readonly string[]): string[][] {
  const bodies: string[][] = [];
  let size = Infinity;
  for (const line of lines) {
    const bytes = Buffer.byteLength(line);
    if (size + bytes > maxBodyBytes) {
      bodies.push([]);
      size = 0;
    }
    bodies.at(-1)?.push(line);
    size += bytes;
  }
  return bodies;
}
