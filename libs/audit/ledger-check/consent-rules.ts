import { isObject, type JsonObject, Unreachable } from '#libs/kernel';
import { bookOf } from '#libs/subject';
import { isNumberMatch, matchCommitment } from '#libs/verify';
import { CaseRows } from './case-rows.js';
import type { ClientRules } from './client-rules.js';
import { DoubtfulUses, type UseOfData } from './doubtful-uses.js';
import type { Finding, Findings, FindingCode } from './finding.js';
import { KeyRows } from './key-rows.js';
import type { Moment } from './moments.js';
import {
  ConsentRows,
  ended,
  granted,
  isWithin,
  redeemed,
  refused,
  requested,
  usedIn,
  withdrawn,
  withheld,
} from './consent-rows.js';
import { list, type DecodedRecord, text } from './decoded-record.js';
import { OnlineRules, onlineTypes } from './online-rules.js';
import { type SignatureToCheck, termsOf } from './signatures.js';

/** The types that these rules are about. */
export const consentTypes = [
  ...onlineTypes,
  'CaseOpened',
  'CaseClosed',
  'PhoneKeyOffered',
  'PhoneEnrolled',
  'PhoneKeyRevoked',
  'ConsentRequested',
  'ConsentGranted',
  'ConsentRefused',
  'ConsentWithdrawn',
  'NumberMismatched',
  'ConsentEnded',
  'ConsentRedeemed',
  'NothingReleased',
  'ReleaseWithheld',
  'ReleaseReadAgain',
] as const;
export type ConsentType = (typeof consentTypes)[number];

/** What this release supports; a ledger that it wrote holds nothing else. */
const supported = { action: 'read', basis: 'consent', method: 'jws' };
/** How many wrong numbers close the request. */
const numberTries = 2;

/**
 * Cases, consents and releases, in the order of the ledger: nothing without a grant of the book's
 * holder, nothing but what was granted, once, and while the case was open.
 */
export class ConsentRules {
  readonly #cases = new CaseRows();
  readonly #consents = new ConsentRows();
  /** By subject and thumbprint. */
  readonly #offered = new KeyRows();
  /** Enrolled phones' keys by subject and thumbprint. */
  readonly #phones = new KeyRows();
  readonly #doubtful: DoubtfulUses;
  readonly #online: OnlineRules;

  constructor(
    findings: Findings,
    clients: Pick<ClientRules, 'standsAt'>,
    private readonly sign: (toCheck: SignatureToCheck) => void,
  ) {
    this.#doubtful = new DoubtfulUses(findings);
    this.#online = new OnlineRules(this.#cases, this.#phones, clients, sign);
  }

  take(type: ConsentType, saying: DecodedRecord, now: Moment): void {
    switch (type) {
      case 'CaseOpened':
        this.#cases.open(saying);
        return;
      case 'CaseClosed':
        this.#cases.close(saying);
        return;
      case 'CaseOpenedOnline':
      case 'CaseTaken':
      case 'CaseWithdrawn':
        this.#online.take(type, saying);
        return;
      case 'PhoneKeyOffered':
        this.#offer(saying);
        return;
      case 'PhoneEnrolled':
        this.#enrol(saying);
        return;
      case 'PhoneKeyRevoked':
        this.#revoke(saying);
        return;
      case 'ConsentRequested':
        this.#request(saying);
        return;
      case 'ConsentGranted':
        this.#grant(saying);
        return;
      case 'ConsentRefused':
        this.#answer(saying, refused);
        return;
      case 'ConsentWithdrawn':
        this.#answer(saying, withdrawn);
        return;
      case 'ConsentEnded':
        this.#end(saying, withdrawn);
        return;
      case 'NumberMismatched':
        this.#mismatch(saying);
        return;
      case 'NothingReleased':
        this.#releaseNothing(saying);
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

  /**
   * Doubts that nothing settled. @returns observations that are no faults, but not proved harmless
   * either
   */
  finish(): Finding[] {
    return this.#doubtful.finish();
  }

  #offer({ at, said }: DecodedRecord): void {
    const { jwk } = said;
    if (isObject(jwk)) this.#offered.set(`${at.stream} ${text(said, 'jkt')}`, jwk);
  }

  #enrol({ at, said }: DecodedRecord): void {
    const jkt = text(said, 'jkt');
    const offer = `${at.stream} ${jkt}`;
    const jwk = this.#offered.get(offer);
    if (jwk === null) return;
    this.#phones.set(`${at.stream.replace(/^subject-/, '')} ${jkt}`, jwk);
  }

  #revoke({ at, said, found }: DecodedRecord): void {
    if (at.stream !== `subject-${text(said, 'caller')}`) found('caller_not_principal');
  }

  #request({ at, said, found }: DecodedRecord): void {
    const row = this.#consents.add(at, said);
    if (this.#consents.state(row) !== 0) {
      found('consent_twice');
      return;
    }
    this.#consents.setState(row, requested);
    this.#consents.setAsks(row, said['asks'] ?? null);
    const itsCase = this.#cases.add(text(said, 'case'));
    this.#consents.setCase(row, itsCase);
    this.#consents.setDigest(row, termsOf(text(said, 'case'), text(said, 'hash')));
    if (said['commitment'] !== undefined) this.#consents.setCommitment(row, said['commitment']);
    else if (!this.#cases.namedItself(itsCase, text(said, 'role'))) found('consent_number_missing');
    if (said['action'] !== supported.action) found('consent_action');
    if (said['basis'] !== supported.basis) found('consent_basis');
  }

  #grant({ at, said, found }: DecodedRecord): void {
    const row = this.#consents.find(at, said);
    if (row < 0) {
      found('grant_without_request');
      return;
    }
    if (this.#consents.state(row) !== requested) {
      found('grant_after_answer');
      return;
    }
    this.#consents.setState(row, granted);
    const [caller, capacity] = [text(said, 'caller'), text(said, 'capacity')];
    if (capacity !== 'self' || bookOf(caller) !== at.stream) found('caller_not_principal');
    if (text(said, 'method') !== supported.method) {
      found('grant_proof');
      return;
    }
    const digits = this.#opened(row, said);
    if (digits === undefined) found('grant_number_not_opened');
    const key = this.#phones.get(`${caller} ${text(said, 'jkt')}`);
    if (key === null) {
      found('grant_key_unknown');
      return;
    }
    const consent = text(said, 'consent');
    const grant = { consent, capacity, digits, terms: this.#consents.digest(row) };
    this.sign({ ...at, jws: text(said, 'jws'), key, grant });
  }

  /** The holder refused, or withdrew. */
  #answer(saying: DecodedRecord, how: typeof refused | typeof withdrawn): void {
    const { at, said, found } = saying;
    if (bookOf(text(said, 'caller')) !== at.stream) found('caller_not_principal');
    this.#end(saying, how);
  }

  /**
   * The digits that open the request's commitment; null where it has none, and undefined where the
   * grant does not open it.
   */
  #opened(row: number, { consent = null, match }: JsonObject): string | null | undefined {
    if (!this.#consents.hasNumber(row)) return match === null ? null : undefined;
    if (!isNumberMatch(match) || typeof consent !== 'string') return undefined;
    return this.#consents.commits(row, matchCommitment(consent, match)) ? match.digits : undefined;
  }

  /** Only a request with a number can have a mismatch; the last try closes the request. */
  #mismatch({ at, said, found }: DecodedRecord): void {
    const row = this.#consents.find(at, said);
    if (row < 0 || this.#consents.state(row) !== requested || !this.#consents.hasNumber(row)) {
      found('mismatch_without_request');
      return;
    }
    if (bookOf(text(said, 'caller')) !== at.stream) found('caller_not_principal');
    const over = this.#consents.miss(row) >= numberTries;
    if ((said['ends'] === true) !== over) found('mismatch_count');
    if (over) this.#consents.setState(row, refused);
  }

  /** A smaller grant is always allowed. */
  #end({ at, said }: DecodedRecord, how: typeof refused | typeof withdrawn): void {
    const row = this.#consents.find(at, said);
    if (row < 0) return;
    const state = this.#consents.state(row);
    if (state === requested || state === granted) this.#consents.setState(row, how);
    else if (state === redeemed) this.#consents.setState(row, ended);
  }

  #redeem(saying: DecodedRecord, now: Moment): void {
    const { at, said, found } = saying;
    const row = this.#consents.find(at, said);
    const fault = this.#faultOfRedeeming(row);
    if (fault !== null) found(fault);
    if (fault === 'release_twice') return;
    if (row < 0) {
      // No case was named for which it could have been granted.
      found('release_without_open_case');
      return;
    }
    if (said['action'] !== supported.action || said['basis'] !== supported.basis)
      found('release_of_other_action');
    const read = list(said['read']);
    if (!isWithin(read, this.#consents.asks(row))) found('release_beyond_grant');
    this.#consents.setState(row, redeemed);
    this.#consents.setDigest(row, usedIn(read));
    const itsCase = this.#consents.caseOf(row);
    const { caseVersion } = said;
    // A record without a version of the case depends on all of it.
    const seen = typeof caseVersion === 'number' ? caseVersion + 1 : Infinity;
    if (this.#cases.find(text(said, 'case')) !== itsCase || !this.#cases.wasOpenAt(itsCase, seen))
      found('release_without_open_case');
    else this.#doubt(saying, now, { row, reading: 0, what: 'release_without_open_case' });
  }

  #faultOfRedeeming(row: number): FindingCode | null {
    switch (this.#consents.state(row)) {
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

  /**
   * What a terminal learned about a holder's certificates needs a grant, or a release, like the
   * data themselves.
   */
  #releaseNothing(saying: DecodedRecord): void {
    const { at, said, found } = saying;
    const row = this.#consents.find(at, said);
    const state = this.#consents.state(row);
    if (Number(said['reading']) > 0) {
      if (state === ended) found('reading_after_withdrawal');
      else if (state !== redeemed) found('reading_without_release');
    } else {
      const fault = this.#faultOfRedeeming(row);
      if (fault !== null) found(fault);
    }
    if (said['ends'] === true) this.#end(saying, withdrawn);
  }

  /** A withheld second reading does not undo the first, which was released. */
  #withhold({ at, said }: DecodedRecord): void {
    const row = this.#consents.find(at, said);
    if (row < 0) return;
    this.#doubtful.settle(row, Number(said['reading']));
    if (said['reading'] !== 0) return;
    if (this.#consents.state(row) === redeemed) this.#consents.setState(row, withheld);
    // Withdrawn between the record and the last check: nothing was released.
    if (this.#consents.state(row) === ended) this.#consents.setState(row, withdrawn);
  }

  #readAgain(saying: DecodedRecord, now: Moment): void {
    const { at, said, found } = saying;
    const row = this.#consents.find(at, said);
    const state = this.#consents.state(row);
    if (state === ended) found('reading_after_withdrawal');
    else if (state !== redeemed) {
      found('reading_without_release');
      return;
    }
    if (usedIn(list(said['used'])) !== this.#consents.digest(row)) found('reading_beyond_release');
    const reading = Number(said['reading']);
    this.#doubt(saying, now, { row, reading, what: 'reading_without_open_case' });
  }

  #doubt(saying: DecodedRecord, now: Moment, use: UseOfData): void {
    const closedAt = this.#cases.closedAt(this.#consents.caseOf(use.row));
    if (closedAt !== null) this.#doubtful.add(saying, use, { closedAt, now });
  }
}
