import { isObject, Unreachable } from '#libs/kernel';
import type { CaseRows } from './case-rows.js';
import type { ClientRules } from './client-rules.js';
import { type DecodedRecord, list, text } from './decoded-record.js';
import type { GrantKeys } from './grant-keys.js';
import { OnlineRows } from './online-rows.js';
import { applicationTerms, type SignatureToCheck } from './signatures.js';

/** The types that these rules are about. */
export const onlineTypes = ['CaseOpenedOnline', 'CaseTaken', 'CaseWithdrawn'] as const;
type OnlineType = (typeof onlineTypes)[number];

/**
 * Cases opened online: by the key of the one participant, taken once and by a window of their
 * department, and withdrawn by their applicant alone.
 */
export class OnlineRules {
  readonly #online = new OnlineRows();

  constructor(
    private readonly cases: CaseRows,
    private readonly keys: Pick<GrantKeys, 'ofPhone'>,
    private readonly clients: Pick<ClientRules, 'standsAt'>,
    private readonly sign: (toCheck: SignatureToCheck) => void,
  ) {}

  take(type: OnlineType, saying: DecodedRecord): void {
    switch (type) {
      case 'CaseOpenedOnline':
        this.#open(saying);
        return;
      case 'CaseTaken':
        this.#take(saying);
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

  #open(saying: DecodedRecord): void {
    const { at, said, found } = saying;
    const caller = text(said, 'caller');
    this.#online.add(at.stream, text(said, 'department'), caller);
    this.cases.noteKeys(saying);
    const [participant, ...others] = list(said['participants']);
    if (!isObject(participant) || participant['subject'] !== caller || others.length > 0)
      found('applicant_not_caller');
    const jkt = text(said, 'jkt');
    const key = text(said, 'method') === 'jws' ? this.keys.ofPhone(caller, jkt) : null;
    if (key === null) {
      found('case_key_unknown');
      return;
    }
    const [matter, matterName, department] = ['matter', 'matterName', 'department'].map((member) =>
      text(said, member),
    );
    const ofCase = at.stream.replace(/^case-/, '');
    const terms = applicationTerms(ofCase, matter, matterName, department);
    this.sign({ ...at, jws: text(said, 'jws'), key, application: { terms } });
  }

  #take(saying: DecodedRecord): void {
    const { at, said, found } = saying;
    if (!this.#online.has(at.stream) || !this.cases.take(saying)) {
      found('case_taken_twice');
      return;
    }
    const desk = this.clients.standsAt(text(said, 'actor'));
    if (
      desk?.window !== text(said, 'window') ||
      !this.#online.isOfDepartment(at.stream, desk.department)
    )
      found('case_taken_elsewhere');
  }
}
