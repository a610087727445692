import { dirname } from 'node:path';
import { type FileClaim, judgeContent } from '#libs/certificate';
import { shanghaiDay, SystemClock } from '#libs/kernel';
import type { ImportingCity } from './city.js';
import { contentOf, filesOf, identifierOf, type Issuer } from './contents.js';
import { type LocalFile, lookBeside } from './files-beside.js';
import { ImportRefused, LineRefused, type Row } from './rows.js';
import { refuseNotation } from './rounding.js';
import { paperOf, type VersionLine } from './versions.js';

/** What is needed to say what a line's certificate is. */
export interface Preparing {
  /** The import's path: other files that it names are looked up beside it. */
  readonly file: string;
  readonly city: Pick<ImportingCity, 'type' | 'issuer'>;
  readonly issuer: Issuer;
  /** Of when the lines are that do not say it themselves. */
  readonly asOf?: string;
}

/**
 * A line that may be signed: what it attests was judged by the rules by which the city will judge
 * it.
 */
export interface Prepared extends VersionLine {
  readonly row: Row;
  readonly files: readonly LocalFile[];
}

/**
 * Nothing is written or sent. @throws LineRefused, CertificateMalformed, IdentifierInvalid,
 * ImportRefused, CityUnreachable, CityRefused
 */
export async function prepare(
  { file, city, issuer, asOf }: Preparing,
  row: Row,
): Promise<Prepared> {
  if (row.read instanceof LineRefused) throw row.read;
  const read = { ...(asOf !== undefined && { asOf }), ...row.read };
  const type = await city.type(read.type);
  if (type === null)
    throw new LineRefused('type_unknown', 'the catalogue has no such type', { column: 'type' });
  await mustIssue(type.code, city, issuer);
  refuseNotation(read, type);
  const files: LocalFile[] = [];
  for (const named of filesOf(read, type)) files.push(await lookBeside(dirname(file), named));
  const claims = new Map<string, FileClaim>(
    files.map(({ name, sha256, mediaType }) => [name, { sha256, mediaType }]),
  );
  const content = contentOf(read, type, issuer, claims);
  judgeContent(content, type, shanghaiDay(new SystemClock().now()));
  return {
    row,
    content,
    files,
    paper: paperOf(content, type),
    numbered: type.number !== null,
    ...(read.identifier === undefined && {
      identifierOf: (version: number) => identifierOf(read, type, issuer, version),
    }),
  };
}

/**
 * The city refuses what another authority signs, and types that are not the caller's: as it is
 * registered now.
 */
async function mustIssue(type: string, city: Preparing['city'], issuer: Issuer): Promise<void> {
  const registered = await city.issuer();
  if (registered.creditCode !== issuer.creditCode)
    throw new ImportRefused(
      'issuer_not_caller',
      `--authority 不是本客户端登记的信用代码 / --authority is not the credit code that the client is registered for: ${registered.creditCode}`,
      { registered: registered.creditCode },
    );
  if (!registered.types.includes(type))
    throw new LineRefused('type_not_of_authority', 'the authority does not issue this type', {
      column: 'type',
      registered: registered.types,
    });
}
