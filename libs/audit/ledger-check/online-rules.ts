import { isObject, Unreachable } from '#libs/kernel';
import type { CaseRows } from './case-rows.js';
import type { ClientRules } from './client-rules.js';
import { type DecodedRecord, list, text } from './decoded-record.js';
import type { GrantKeys } from './grant-keys.js';
import { mayHaveCrossed, type Moment } from './moments.js';
import { OnlineRows } from './online-rows.js';
import { applicationTerms, type SignatureToCheck } from './signatures.js';

/** The types that these rules are about. */
export const onlineTypes = [
  'CaseOpenedOnline',
  'CaseTaken',
  'CaseReturned',
  'CaseWithdrawn',
] as const;
type OnlineType = (typeof onlineTypes)[number];

/**
 * Cases opened online: by the key of the one participant, at one window of their department at a
 * time, given back by that window alone, and withdrawn by their applicant alone.
 */
export class OnlineRules {
  readonly #online = new OnlineRows();

  constructor(
    private readonly cases: CaseRows,
    private readonly keys: Pick<GrantKeys, 'find' | 'isPasskey' | 'key' | 'revokedAt'>,
    private readonly clients: Pick<ClientRules, 'standsAt'>,
    private readonly sign: (toCheck: SignatureToCheck) => void,
  ) {}

  take(type: OnlineType, saying: DecodedRecord, now: Moment): void {
    switch (type) {
      case 'CaseOpenedOnline':
        this.#open(saying, now);
        return;
      case 'CaseTaken':
        this.#take(saying);
        return;
      case 'CaseReturned':
        this.#giveBack(saying, now);
        return;
      case 'CaseWithdrawn':
        if (!this.#online.isOfApplicant(saying.at.stream, text(saying.said, 'caller')))
          saying.found('applicant_not_caller');
        this.cases.close(saying);
        return;
      default:
        throw new Unreachable(type);
    }
  }

  #open(saying: DecodedRecord, now: Moment): void {
    const { at, said, found } = saying;
    const caller = text(said, 'caller');
    this.#online.add(at.stream, text(said, 'department'), caller);
    this.cases.noteKeys(saying);
    const [participant, ...others] = list(said['participants']);
    if (!isObject(participant) || participant['subject'] !== caller || others.length > 0)
      found('applicant_not_caller');
    const jkt = text(said, 'jkt');
    const row = text(said, 'method') === 'jws' ? this.keys.find(caller, jkt) : -1;
    if (row < 0 || this.keys.isPasskey(row)) {
      found('case_key_unknown');
      return;
    }
    const revokedAt = this.keys.revokedAt(row);
    if (revokedAt !== null && !mayHaveCrossed(text(said, 'time'), revokedAt, now))
      found('case_key_revoked');
    const [matter, matterName, department] = ['matter', 'matterName', 'department'].map((member) =>
      text(said, member),
    );
    const ofCase = at.stream.replace(/^case-/, '');
    const terms = applicationTerms(ofCase, matter, matterName, department);
    this.sign({ ...at, jws: text(said, 'jws'), key: this.keys.key(row), application: { terms } });
  }

  #take(saying: DecodedRecord): void {
    const { at, said, found } = saying;
    if (!this.#online.has(at.stream) || !this.cases.take(saying)) {
      found('case_taken_twice');
      return;
    }
    this.#online.take(at.stream, text(said, 'window'));
    if (!this.#isOfWindow(saying)) found('case_taken_elsewhere');
  }

  /** By the window that took it, and not with the holder's data in its hands. */
  #giveBack(saying: DecodedRecord, now: Moment): void {
    const { at, said, found } = saying;
    if (!this.#online.has(at.stream) || !this.cases.giveBack(saying)) {
      found('case_returned_untaken');
      return;
    }
    if (!this.#online.isAtWindow(at.stream, text(said, 'window')) || !this.#isOfWindow(saying))
      found('case_returned_elsewhere');
    const releasedAt = this.cases.releasedAt(saying);
    if (releasedAt !== null && !mayHaveCrossed(text(said, 'time'), releasedAt, now))
      found('case_returned_after_release');
  }

  /** Whether the client stands at the window that the record names, of the case's department. */
  #isOfWindow({ at, said }: DecodedRecord): boolean {
    const desk = this.clients.standsAt(text(said, 'actor'));
    return (
      desk?.window === text(said, 'window') &&
      this.#online.isOfDepartment(at.stream, desk.department)
    );
  }
}
