import { bookOf } from '#libs/consent';
import { isObject, type JsonObject, type JsonValue, Unreachable } from '#libs/kernel';
import type { Finding, Findings, What } from './finding.js';
import { digest128 } from './hashing.js';
import { mayHaveCrossed, type Moment, seconds } from './moments.js';
import { NamedRows } from './named-rows.js';
import { list, type Saying, text } from './saying.js';
import { type SignatureToCheck, termsOf } from './signatures.js';

/** The types that these rules are about. */
export const consentTypes = [
  'CaseOpened',
  'CaseClosed',
  'PhoneKeyOffered',
  'PhoneEnrolled',
  'ConsentRequested',
  'ConsentGranted',
  'ConsentRefused',
  'ConsentWithdrawn',
  'ConsentRedeemed',
  'ReleaseWithheld',
  'ReleaseReadAgain',
] as const;
export type ConsentType = (typeof consentTypes)[number];

/** What became of a consent. */
const requested = 1;
const granted = 2;
const refused = 3;
const withdrawn = 4;
const redeemed = 5;
const withheld = 6;
/** Redeemed, and taken back afterwards. */
const ended = 7;

/** Numbers of a consent. The digest is of what must be granted, then of what was read. */
const ofConsent = { state: 0, asks: 1, case: 2, digest: 3, width: 7 };
/** Numbers of a case: versions, each + 1, so that 0 is none, and when it was closed. */
const ofCase = { opened: 0, closed: 1, closedAt: 2, width: 3 };

/** A use of data that stands in the ledger though its case was closed before it: if nothing left, `ReleaseWithheld` follows. */
interface Doubtful {
  readonly at: Saying['at'];
  /** Null where the two may have crossed, and an honest house may have been killed before it could say that nothing left. */
  readonly what: What | null;
}

/**
 * Cases, consents and what was released by them, in the order of the ledger: nothing without a grant of that book's holder, nothing but what
 * was granted, once, and while the case was open.
 */
export class ConsentRules {
  readonly #cases = new NamedRows(ofCase.width);
  /** By book and id. */
  readonly #consents = new NamedRows(ofConsent.width);
  /** What was asked for: rules of the catalogue, so that few are told apart. */
  readonly #asks: JsonValue[] = [];
  readonly #askedBefore = new Map<string, number>();
  readonly #offered = new Map<string, JsonObject>();
  /** Enrolled phones' keys by book and thumbprint. */
  readonly #phones = new Map<string, JsonObject>();
  /** By consent and reading. */
  readonly #doubtful = new Map<string, Doubtful>();

  constructor(
    private readonly findings: Findings,
    private readonly sign: (toCheck: SignatureToCheck) => void,
  ) {}

  take(type: ConsentType, saying: Saying, now: Moment): void {
    switch (type) {
      case 'CaseOpened':
        this.#caseMoved(saying, ofCase.opened);
        return;
      case 'CaseClosed':
        this.#caseMoved(saying, ofCase.closed);
        return;
      case 'PhoneKeyOffered':
        this.#offer(saying);
        return;
      case 'PhoneEnrolled':
        this.#enrol(saying);
        return;
      case 'ConsentRequested':
        this.#request(saying);
        return;
      case 'ConsentGranted':
        this.#grant(saying);
        return;
      case 'ConsentRefused':
        this.#end(saying, refused);
        return;
      case 'ConsentWithdrawn':
        this.#end(saying, withdrawn);
        return;
      case 'ConsentRedeemed':
        this.#redeem(saying, now);
        return;
      case 'ReleaseWithheld':
        this.#withhold(saying);
        return;
      case 'ReleaseReadAgain':
        this.#readAgain(saying, now);
        return;
      default:
        throw new Unreachable(type);
    }
  }

  /** What nothing followed that would have settled it. @returns what is no fault, but is not shown either */
  finish(): Finding[] {
    const notes: Finding[] = [];
    for (const { at, what } of this.#doubtful.values())
      if (what === null) notes.push({ ...at, what: 'not_shown_withheld' });
      else this.findings.add({ ...at, what });
    return notes;
  }

  #caseMoved({ at, said }: Saying, column: number): void {
    const row = this.#cases.add(at.stream);
    // A case is opened and closed once: what is said after that counts for nothing.
    if (this.#cases.get(row, column) !== 0) return;
    this.#cases.set(row, column, at.version + 1);
    if (column === ofCase.closed)
      this.#cases.set(row, ofCase.closedAt, seconds(text(said, 'time')));
  }

  #offer({ at, said }: Saying): void {
    const { jwk } = said;
    if (isObject(jwk)) this.#offered.set(`${at.stream} ${text(said, 'jkt')}`, jwk);
  }

  #enrol({ at, said }: Saying): void {
    const jkt = text(said, 'jkt');
    const offer = `${at.stream} ${jkt}`;
    const jwk = this.#offered.get(offer);
    if (jwk === undefined) return;
    this.#offered.delete(offer);
    this.#phones.set(`${bookOf(at.stream.replace(/^subject-/, ''))} ${jkt}`, jwk);
  }

  #request({ at, said, found }: Saying): void {
    const row = this.#consents.add(nameIn(at, said));
    if (this.#state(row) !== 0) {
      found('consent_twice');
      return;
    }
    this.#consents.set(row, ofConsent.state, requested);
    this.#consents.set(row, ofConsent.asks, this.#asksEntry(said['asks'] ?? null));
    this.#consents.set(row, ofConsent.case, this.#cases.add(`case-${text(said, 'case')}`));
    this.#setDigest(row, termsOf(text(said, 'case'), text(said, 'hash')));
  }

  #grant({ at, said, found }: Saying): void {
    const row = this.#consents.find(nameIn(at, said));
    if (row < 0) {
      found('grant_without_request');
      return;
    }
    if (this.#state(row) !== requested) {
      found('grant_after_answer');
      return;
    }
    this.#consents.set(row, ofConsent.state, granted);
    const key = this.#phones.get(`${at.stream} ${text(said, 'jkt')}`);
    if (key === undefined) {
      found('grant_key_unknown');
      return;
    }
    const grant = { consent: text(said, 'consent'), terms: this.#digest(row) };
    this.sign({ ...at, jws: text(said, 'jws'), key, grant });
  }

  /** The holder said no, or no longer: less is always allowed. */
  #end({ at, said }: Saying, how: typeof refused | typeof withdrawn): void {
    const row = this.#consents.find(nameIn(at, said));
    if (row < 0) return;
    const state = this.#state(row);
    if (state === requested || state === granted) this.#consents.set(row, ofConsent.state, how);
    else if (state === redeemed) this.#consents.set(row, ofConsent.state, ended);
  }

  #redeem(saying: Saying, now: Moment): void {
    const { at, said, found } = saying;
    const row = this.#consents.find(nameIn(at, said));
    const fault = this.#faultOfRedeeming(row);
    if (fault !== null) found(fault);
    if (fault === 'release_twice') return;
    if (row < 0) {
      // In which case it would have been granted, nobody said.
      found('release_without_open_case');
      return;
    }
    const read = list(said['read']);
    if (!isWithin(read, list(this.#asks[this.#consents.get(row, ofConsent.asks)])))
      found('release_beyond_grant');
    this.#consents.set(row, ofConsent.state, redeemed);
    this.#setDigest(row, usedIn(read));
    const itsCase = this.#consents.get(row, ofConsent.case);
    const { caseVersion } = said;
    // What names no version of the case rests on all of it.
    const seen = typeof caseVersion === 'number' ? caseVersion + 1 : Infinity;
    if (
      this.#cases.find(`case-${text(said, 'case')}`) !== itsCase ||
      seen < this.#cases.get(itsCase, ofCase.opened) ||
      !this.#isOpenBefore(itsCase, seen)
    )
      found('release_without_open_case');
    else this.#doubt(saying, now, { row, reading: 0, what: 'release_without_open_case' });
  }

  #faultOfRedeeming(row: number): What | null {
    switch (row < 0 ? 0 : this.#state(row)) {
      case granted:
        return null;
      case refused:
        return 'release_after_refusal';
      case withdrawn:
        return 'release_after_withdrawal';
      case redeemed:
      case withheld:
      case ended:
        return 'release_twice';
      default:
        return 'release_without_grant';
    }
  }

  /** A second reading that was withheld takes nothing from the first, which was handed over. */
  #withhold({ at, said }: Saying): void {
    const row = this.#consents.find(nameIn(at, said));
    if (row < 0) return;
    this.#doubtful.delete(`${row} ${Number(said['reading'])}`);
    if (said['reading'] === 0 && this.#state(row) === redeemed)
      this.#consents.set(row, ofConsent.state, withheld);
  }

  #readAgain(saying: Saying, now: Moment): void {
    const { at, said, found } = saying;
    const row = this.#consents.find(nameIn(at, said));
    const state = row < 0 ? 0 : this.#state(row);
    if (state === ended) found('reading_after_withdrawal');
    else if (state !== redeemed) {
      found('reading_without_release');
      return;
    }
    if (usedIn(list(said['used'])) !== this.#digest(row)) found('reading_beyond_release');
    const reading = Number(said['reading']);
    this.#doubt(saying, now, { row, reading, what: 'reading_without_open_case' });
  }

  /** @param seen how many records of the case were looked at */
  #isOpenBefore(row: number, seen: number): boolean {
    const closed = this.#cases.get(row, ofCase.closed);
    return this.#cases.get(row, ofCase.opened) !== 0 && (closed === 0 || closed > seen);
  }

  /**
   * The house reads the case, appends, and looks again before anything leaves. So a case may be closed before a record that was decided on
   * while it was open; a record that nothing left then follows.
   */
  #doubt(
    { at, said, found }: Saying,
    now: Moment,
    { row, reading, what }: { readonly row: number; readonly reading: number; readonly what: What },
  ): void {
    const itsCase = this.#consents.get(row, ofConsent.case);
    if (this.#cases.get(itsCase, ofCase.closed) === 0) return;
    const closedAt = this.#cases.get(itsCase, ofCase.closedAt);
    if (this.#doubtful.size >= mostDoubtful) found(what);
    else
      this.#doubtful.set(`${row} ${reading}`, {
        at,
        what: mayHaveCrossed(text(said, 'time'), closedAt, now) ? null : what,
      });
  }

  #state(row: number): number {
    return this.#consents.get(row, ofConsent.state);
  }

  #asksEntry(asks: JsonValue): number {
    const spelt = JSON.stringify(asks);
    let entry = this.#askedBefore.get(spelt);
    if (entry === undefined) {
      entry = this.#asks.push(asks) - 1;
      this.#askedBefore.set(spelt, entry);
    }
    return entry;
  }

  /** @param digest 128 bits, hexadecimal */
  #setDigest(row: number, digest: string): void {
    for (let n = 0; n < 4; n++)
      this.#consents.set(
        row,
        ofConsent.digest + n,
        Number.parseInt(digest.slice(n * 8, n * 8 + 8), 16),
      );
  }

  #digest(row: number): string {
    let digest = '';
    for (let n = 0; n < 4; n++)
      digest += (this.#consents.get(row, ofConsent.digest + n) >>> 0).toString(16).padStart(8, '0');
    return digest;
  }
}

/** Doubts are settled within a few records; where they are not, it is no moment's matter. */
const mostDoubtful = 10_000;

const nameIn = ({ stream }: Saying['at'], said: JsonObject) => `${stream} ${text(said, 'consent')}`;

/** Whether something was read, and each thing is an answer that was asked for, with no field more. */
function isWithin(read: readonly JsonValue[], asks: readonly JsonValue[]): boolean {
  const all = read.every((one) => {
    if (!isObject(one)) return false;
    const asked = asks.find((ask) => isObject(ask) && ask['material'] === one['material']);
    const answers = isObject(asked) ? list(asked['answers']) : [];
    const answer = answers.find((each) => isObject(each) && each['type'] === one['type']);
    const allowed = isObject(answer) ? list(answer['fields']) : [];
    const fields = list(one['fields']);
    return fields.length > 0 && fields.every((field) => allowed.includes(field));
  });
  return all && read.length > 0;
}

/** Which certificates answered which materials, as 128 bits in hexadecimal. */
const usedIn = (used: readonly JsonValue[]): string =>
  digest128(
    used.map((one) =>
      isObject(one)
        ? [one['material'] ?? null, one['certificate'] ?? null, one['type'] ?? null]
        : null,
    ),
  );
