import type { AmendReason } from '#libs/certificate';
import { InvalidError } from '#libs/kernel';
import type { ImportingCity, LineAnswer } from './city.js';
import { type HandingIn, signedLine, type Stored, storeFiles } from './handing-in.js';
import { explain } from './messages.js';
import { prepare, type Preparing } from './preparing.js';
import { faultOfLine } from './refusals.js';
import { LineRefused, type Row, type Source } from './rows.js';
import { amendmentOf, type Attempt } from './versions.js';

/** A version cannot be handed in; `code` is that of its refusal, by this program or by the city. */
export class AmendmentRefused extends InvalidError {}

export interface Amending extends Preparing, Pick<HandingIn, 'issuer' | 'key'> {
  readonly city: ImportingCity;
  readonly source: Source;
  readonly reason: AmendReason;
  /** How the certificate stands at the city, asked anew for each try. */
  readonly current: () => Promise<CurrentCertificate>;
}

/** A certificate of the own authority; versions from the first to the newest. */
export interface CurrentCertificate {
  readonly certificate: string;
  readonly type: string;
  readonly versions: readonly {
    readonly number: number;
    readonly digest: string;
    readonly asOf: string | null;
  }[];
}

type Recorded = Exclude<LineAnswer, { state: 'refused' }>;

/** So often another hand may amend the same certificate between our question and our word. */
const maxTries = 8;

/**
 * Signs and submits the next version of one certificate that is named by its id: the content of the
 * file's only line, as of its time. Run again, it signs the same content, and the city confirms the
 * version.
 * @returns `line`: its number in the file
 * @throws AmendmentRefused, CityRefused, CityUnreachable
 */
export async function amendCertificate(amending: Amending): Promise<Recorded> {
  const row = await onlyRow(amending.source);
  try {
    const prepared = await prepare(amending, row);
    const done = await handInNext(amending, await storeFiles(amending.city, prepared));
    return { ...done, line: row.line };
  } catch (error) {
    const fault = error instanceof AmendmentRefused ? null : faultOfLine(error);
    if (fault === null) throw error;
    throw new AmendmentRefused(
      fault.code,
      `第 ${row.line} 行 / line ${row.line}: ${explain(fault, row.value)}`,
      fault.facts,
    );
  }
}

async function handInNext(amending: Amending, line: Stored): Promise<Recorded> {
  for (let round = 1; ; round++) {
    const current = await amending.current();
    mustBeOfType(line, current.type);
    const next = nextAfter(line, current, 0, amending.reason);
    if (next === null) throw nothingStands();
    const attempt =
      next instanceof LineRefused ? earlier(line, current, amending.reason, next) : next;
    const [answer] = await amending.city.issue(await signedLine(amending, attempt));
    if (answer === undefined) throw new LineRefused('line_malformed', 'the city says nothing');
    if (answer.state !== 'refused') return answer;
    if (next instanceof LineRefused) throw next;
    if (!raced.has(answer.code) || round === maxTries)
      throw new CityRefusal(answer.code, answer.detail, answer.facts);
  }
}

/** What would be the version behind the one that is `back` before the newest. */
function nextAfter(
  line: Stored,
  { certificate, versions }: CurrentCertificate,
  back: number,
  reason: AmendReason,
): Attempt<Stored> | LineRefused | null {
  const stands = versions.at(-1 - back);
  if (stands === undefined) return null;
  const { number: version, digest, asOf } = stands;
  const attempt = { line, content: line.content, anew: 0 };
  return amendmentOf(attempt, { certificate, version, digest, asOf }, reason);
}

/**
 * What an earlier run would have signed for the version that stands: the city says unchanged to it,
 * where it is that.
 * @throws refused where it can be none
 */
function earlier(
  line: Stored,
  current: CurrentCertificate,
  reason: AmendReason,
  refused: LineRefused,
): Attempt<Stored> {
  const attempt = nextAfter(line, current, 1, reason);
  if (attempt === null || attempt instanceof LineRefused) throw refused;
  return attempt;
}

const nothingStands = () => new LineRefused('line_malformed', 'the certificate has no version');

/** The city's refusal of the line. */
class CityRefusal extends InvalidError {}

/** Another client amended it between the query and this command. */
const raced = new Set(['version_not_next', 'version_supersedes_other']);

async function onlyRow({ rows }: Source): Promise<Row> {
  const read: Row[] = [];
  for await (const row of rows) {
    read.push(row);
    if (read.length > 1) break;
  }
  const [row, another] = read;
  if (row !== undefined && another === undefined) return row;
  throw new AmendmentRefused(
    'amendment_not_one',
    '文件应恰好有一份证照（一行）/ the file holds exactly one certificate, one line',
  );
}

function mustBeOfType({ content }: Stored, type: string): void {
  if (content.type !== type)
    throw new AmendmentRefused(
      'type_changed',
      `证照的种类是 ${type}，不能改 / the certificate is a ${type}, and keeps its type`,
      { type },
    );
}
