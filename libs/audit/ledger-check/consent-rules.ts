import { isObject, type JsonObject, type JsonValue, Unreachable } from '#libs/kernel';
import { bookOf } from '#libs/subject';
import { grantChallenge, isNumberMatch, matchCommitment, signCountOf } from '#libs/verify';
import { AskedTerms } from './asked-terms.js';
import { CaseRows } from './case-rows.js';
import type { ClientRules } from './client-rules.js';
import { DoubtfulUses, type UseOfData } from './doubtful-uses.js';
import type { Finding, Findings, FindingCode } from './finding.js';
import { GrantKeys } from './grant-keys.js';
import { mayHaveCrossed, type Moment } from './moments.js';
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
  'PasskeyEnrolled',
  'PasskeyRevoked',
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
const supported = { basis: 'consent' };
/** How many wrong numbers close the request. */
const numberTries = 2;

/**
 * Cases, consents and releases, in the order of the ledger: nothing without a grant of the book's
 * holder, nothing but what was granted, once, and while the case was open.
 */
export class ConsentRules {
  readonly #cases = new CaseRows();
  readonly #consents = new ConsentRows();
  readonly #keys: GrantKeys;
  readonly #asked = new AskedTerms();
  readonly #doubtful: DoubtfulUses;
  readonly #online: OnlineRules;

  constructor(
    findings: Findings,
    private readonly clients: Pick<ClientRules, 'kindOf' | 'standsAt'>,
    private readonly sign: (toCheck: SignatureToCheck) => void,
  ) {
    this.#doubtful = new DoubtfulUses(findings);
    this.#keys = new GrantKeys(sign);
    this.#online = new OnlineRules(this.#cases, this.#keys, clients, sign);
  }

  take(type: ConsentType, saying: DecodedRecord, now: Moment): void {
    switch (type) {
      case 'CaseOpened':
        this.#open(saying);
        return;
      case 'CaseClosed':
        this.#cases.close(saying);
        return;
      case 'CaseOpenedOnline':
      case 'CaseTaken':
      case 'CaseReturned':
      case 'CaseWithdrawn':
        this.#online.take(type, saying, now);
        return;
      case 'PhoneKeyOffered':
        this.#keys.offer(saying);
        return;
      case 'PhoneEnrolled':
        this.#keys.enrol(saying);
        return;
      case 'PasskeyEnrolled':
        this.#keys.addPasskey(saying);
        return;
      case 'PhoneKeyRevoked':
      case 'PasskeyRevoked':
        this.#keys.revoke(saying);
        return;
      case 'ConsentRequested':
        this.#request(saying, now);
        return;
      case 'ConsentGranted':
        this.#grant(saying, now);
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

  /** An e-proof was made on a yes: to a print of just that type. */
  judgeDemand({ said, found }: DecodedRecord): void {
    const { demandedBy, type = null } = said;
    if (!isObject(demandedBy)) return;
    const row = this.#consents.find({ stream: text(demandedBy, 'book') }, demandedBy);
    const isAsked =
      row >= 0 &&
      this.#consents.keyOf(row) >= 0 &&
      this.#cases.actionOf(this.#consents.caseOf(row)) === 'print' &&
      this.#consents.asks(row).some((ask) => isObject(ask) && asksFor(ask, type));
    if (!isAsked) found('certificate_not_demanded');
  }

  #open(saying: DecodedRecord): void {
    this.#cases.open(saying);
    const { said, found } = saying;
    if (said['selfService'] !== undefined && this.clients.kindOf(text(said, 'actor')) !== 'kiosk')
      found('case_not_at_kiosk');
  }

  #request({ at, said, found }: DecodedRecord, now: Moment): void {
    const row = this.#consents.add(at, said);
    if (this.#consents.state(row) !== 0) {
      found('consent_twice');
      return;
    }
    this.#consents.setState(row, requested);
    this.#consents.setAsks(row, said['asks'] ?? null);
    const itsCase = this.#cases.add(text(said, 'case'));
    this.#consents.setCase(row, itsCase);
    const asked = { case: text(said, 'case'), noticeHash: text(said, 'hash') };
    this.#consents.setDigest(row, termsOf(asked.case, asked.noticeHash));
    this.#asked.add(row, asked, text(said, 'time'), now);
    if (said['commitment'] !== undefined) this.#consents.setCommitment(row, said['commitment']);
    else if (!this.#cases.namedItself(itsCase, text(said, 'role'))) found('consent_number_missing');
    if (said['action'] !== this.#cases.actionOf(itsCase)) found('consent_action');
    if (said['basis'] !== supported.basis) found('consent_basis');
  }

  #grant(saying: DecodedRecord, now: Moment): void {
    const { at, said, found } = saying;
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
    const asked = this.#asked.take(row);
    const [caller, capacity] = [text(said, 'caller'), text(said, 'capacity')];
    if (capacity !== 'self' || bookOf(caller) !== at.stream) found('caller_not_principal');
    const method = text(said, 'method');
    if (method !== 'jws' && method !== 'webauthn') {
      found('grant_proof');
      return;
    }
    const digits = this.#opened(row, said);
    if (digits === undefined) found('grant_number_not_opened');
    const key = this.#keys.find(caller, text(said, 'jkt'));
    if (key < 0 || this.#keys.isPasskey(key) !== (method === 'webauthn')) {
      found('grant_key_unknown');
      return;
    }
    this.#consents.setKey(row, key);
    const revokedAt = this.#keys.revokedAt(key);
    if (revokedAt !== null && !mayHaveCrossed(text(said, 'time'), revokedAt, now))
      found('grant_key_revoked');
    if (method === 'webauthn') {
      this.#assert(saying, key, asked, digits);
      return;
    }
    const consent = text(said, 'consent');
    const grant = { consent, capacity, digits, terms: this.#consents.digest(row) };
    this.sign({ ...at, jws: text(said, 'jws'), key: this.#keys.key(key), grant });
  }

  /** A passkey signs the hash of what was asked. */
  #assert(
    { at, said, found }: DecodedRecord,
    key: number,
    asked: ReturnType<AskedTerms['take']>,
    digits: string | null | undefined,
  ): void {
    const { authenticatorData, clientDataJSON, signature, consent = null, capacity = null } = said;
    if (!this.#keys.counts(key, signCountOf({ authenticatorData }) ?? 0))
      found('grant_counter_behind');
    if (asked === null) found('grant_of_other_request');
    // Without them it is not known what had to be signed.
    if (asked === null || digits === undefined) return;
    const assertion = {
      authenticatorData,
      clientDataJSON,
      signature,
      challenge: grantChallenge({ ...asked, capacity, consent, digits }),
      rpId: this.#keys.rpId(key),
    };
    this.sign({ ...at, key: this.#keys.key(key), assertion });
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
    const itsCase = this.#consents.caseOf(row);
    if (said['action'] !== this.#cases.actionOf(itsCase) || said['basis'] !== supported.basis)
      found('release_of_other_action');
    const read = list(said['read']);
    if (!isWithin(read, this.#consents.asks(row))) found('release_beyond_grant');
    this.#consents.setState(row, redeemed);
    this.#consents.setDigest(row, usedIn(read));
    const { caseVersion } = said;
    // A record without a version of the case depends on all of it.
    const seen = typeof caseVersion === 'number' ? caseVersion + 1 : Infinity;
    if (this.#cases.find(text(said, 'case')) !== itsCase || !this.#cases.wasOpenAt(itsCase, seen))
      found('release_without_open_case');
    else {
      this.#cases.noteRelease(itsCase, text(said, 'time'));
      this.#doubt(saying, now, { row, reading: 0, what: 'release_without_open_case' }, seen);
    }
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
    this.#cases.noteWithheld(this.#consents.caseOf(row));
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

  /** @param seen how many records of its case were read */
  #doubt(saying: DecodedRecord, now: Moment, use: UseOfData, seen = Infinity): void {
    const overAt = this.#cases.overAt(this.#consents.caseOf(use.row), seen);
    if (overAt !== null) this.#doubtful.add(saying, use, { overAt, now });
    const key = this.#consents.keyOf(use.row);
    const revokedAt = key < 0 ? null : this.#keys.revokedAt(key);
    if (revokedAt !== null)
      this.#doubtful.add(
        saying,
        { ...use, what: 'release_key_revoked' },
        { overAt: revokedAt, now },
      );
  }
}

const asksFor = (ask: JsonObject, type: JsonValue): boolean =>
  list(ask['answers']).some((answer) => isObject(answer) && answer['type'] === type);
