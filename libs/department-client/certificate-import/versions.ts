import type { TypeDefinition } from '#libs/catalogue';
import { type AmendReason, type CertificateContent, normalPaperNumber } from '#libs/certificate';
import { canonicalize, type Facts } from '#libs/kernel';
import type { LineAnswer } from './city.js';
import { LineRefused } from './rows.js';

/** A line that is to be in the ledger. */
export interface VersionLine {
  readonly content: CertificateContent;
  /** What tells its paper apart (`paperOf`). */
  readonly paper: string;
  /** Whether its paper has a number, so that two lines may speak of one paper. */
  readonly numbered: boolean;
  /** Its identifier as that of a version; absent where the line brought its own. */
  readonly identifierOf?: (version: number) => string;
}

/** What is signed and handed in of a line. */
export interface Attempt<Line> {
  readonly line: Line;
  readonly content: CertificateContent;
  /** How often before it was signed for a holder who was erased since. */
  readonly anew: number;
  /** Of an amendment. */
  readonly certificate?: string;
}

export interface VersionOptions {
  /**
   * Whether lines are signed again whose holder was erased since their import, and is a new
   * subject.
   */
  readonly signAnew: boolean;
  readonly reason: AmendReason;
}

/**
 * How often a line is tried again: more concurrent erasures or amendments than that are no
 * coincidence.
 */
const maxRounds = 32;

/**
 * Brings lines into the ledger, each as what it is: the first version of a paper, nothing new, or
 * the next version of what stands. Lines of one paper go one after the other, in their order.
 * @param hand signs and sends, and answers in order
 */
export async function handInVersions<Line extends VersionLine>(
  lines: readonly Line[],
  { signAnew, reason }: VersionOptions,
  hand: (attempts: readonly Attempt<Line>[]) => Promise<readonly LineAnswer[]>,
): Promise<ReadonlyMap<Line, LineAnswer>> {
  const outcomes = new Map<Line, LineAnswer>();
  for (const wave of inWaves(lines, ({ paper }) => paper)) {
    let attempts: readonly Attempt<Line>[] = wave.map((line) => ({
      line,
      content: line.content,
      anew: 0,
    }));
    for (let round = 1; attempts.length > 0; round++) {
      const answers = await hand(attempts);
      const again: Attempt<Line>[] = [];
      for (const [n, attempt] of attempts.entries()) {
        const answer = answers[n];
        if (answer === undefined) continue;
        const next = round > maxRounds ? null : nextOf(attempt, answer, signAnew, reason);
        if (next === null) outcomes.set(attempt.line, answer);
        else if (next instanceof LineRefused) outcomes.set(attempt.line, refusal(next));
        else again.push(next);
      }
      attempts = again;
    }
  }
  return outcomes;
}

/** What is tried next; null where the answer stands. */
function nextOf<Line extends VersionLine>(
  attempt: Attempt<Line>,
  answer: LineAnswer,
  signAnew: boolean,
  reason: AmendReason,
): Attempt<Line> | LineRefused | null {
  if (answer.state !== 'refused') return null;
  const { line } = attempt;
  switch (answer.code) {
    case 'certificate_exists': {
      const newest = newestIn(answer.facts);
      return newest === null ? null : amendmentOf(attempt, newest, reason);
    }
    case 'holders_changed':
      return signAnew ? { ...attempt, anew: attempt.anew + 1 } : null;
    case 'version_not_next':
    case 'version_supersedes_other':
      // Another client amended it meanwhile: the current version is read again.
      return attempt.certificate === undefined
        ? null
        : { line, content: line.content, anew: attempt.anew };
    default:
      return null;
  }
}

/** What stands, as the city tells it. */
interface NewestVersion {
  readonly certificate: string;
  /** The newest, from 1. */
  readonly version: number;
  /** Of what was signed of it. */
  readonly digest: string;
  readonly asOf: string | null;
}

function newestIn({ certificate, version, digest, asOf }: Facts): NewestVersion | null {
  if (typeof certificate !== 'string' || typeof version !== 'number' || typeof digest !== 'string')
    return null;
  return { certificate, version, digest, asOf: typeof asOf === 'string' ? asOf : null };
}

/**
 * The next version of a paper whose newest says something else; refused where the line is not of
 * later than that.
 */
export function amendmentOf<Line extends VersionLine>(
  { line, anew }: Attempt<Line>,
  { certificate, version, digest, asOf: stands }: NewestVersion,
  reason: AmendReason,
): Attempt<Line> | LineRefused {
  const { asOf } = line.content;
  if (asOf === undefined)
    return new LineRefused(
      'as_of_missing',
      'the paper has a certificate that says something else, and only as_of (a column, or --as-of) tells which of the two is newer',
      { column: 'as_of' },
    );
  if (stands !== null && asOf < stands)
    return new LineRefused('version_outdated', 'the version that stands is as of a later time', {
      column: 'as_of',
      asOf: stands,
    });
  // As of the same time the same may be sealed anew for a holder who came back.
  if (asOf === stands && anew === 0) return repeated(line.content);
  const number = version + 1;
  const identifier = line.identifierOf?.(number) ?? line.content.identifier;
  return {
    line,
    anew,
    certificate,
    content: {
      ...line.content,
      ...(identifier !== undefined && { identifier }),
      version: number,
      supersedes: { digest, reason },
    },
  };
}

const repeated = ({ asOf }: CertificateContent) =>
  new LineRefused('as_of_repeated', 'the same paper says something else as of the same time', {
    column: 'as_of',
    asOf: asOf ?? null,
  });

const refusal = ({ code, message, facts }: LineRefused): LineAnswer => ({
  line: 0,
  state: 'refused',
  code,
  detail: message,
  facts,
});

/** Lines in their order, parted so that no part has two of one paper. */
function inWaves<Line>(lines: readonly Line[], paper: (line: Line) => string): Line[][] {
  const waves: Line[][] = [];
  const times = new Map<string, number>();
  for (const line of lines) {
    const wave = times.get(paper(line)) ?? 0;
    times.set(paper(line), wave + 1);
    (waves[wave] ??= []).push(line);
  }
  return waves;
}

/**
 * What tells a paper of one authority apart: by its number as the catalogue says; otherwise only
 * its holder is known.
 */
export function paperOf(
  { holders, fields }: Pick<CertificateContent, 'holders' | 'fields'>,
  { code, number }: Pick<TypeDefinition, 'code' | 'number'>,
): string {
  const value = number === null ? undefined : fields[number.field];
  const written = typeof value === 'string' ? normalPaperNumber(value) : null;
  const whose = written !== null && number?.unique === 'paper' ? null : { ...holders[0] };
  return canonicalize([code, written, whose]);
}

/** Lets pages that speak of one paper go one after the other. */
export class PapersUnderWay {
  readonly #last = new Map<string, Promise<unknown>>();

  async oneByOne<Result>(papers: Iterable<string>, work: () => Promise<Result>): Promise<Result> {
    const mine = [...new Set(papers)];
    const before = mine.flatMap((paper) => this.#last.get(paper) ?? []);
    const { promise, resolve } = Promise.withResolvers<null>();
    for (const paper of mine) this.#last.set(paper, promise);
    try {
      await Promise.all(before);
      return await work();
    } finally {
      resolve(null);
      for (const paper of mine) if (this.#last.get(paper) === promise) this.#last.delete(paper);
    }
  }
}
