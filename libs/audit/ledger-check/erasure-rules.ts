import type { ClientRules } from './client-rules.js';
import { type DecodedRecord, text } from './decoded-record.js';
import type { Moment } from './moments.js';
import { TwoAdministrators } from './two-administrators.js';

/** The types that these rules are about. */
export const erasureTypes = [
  'ErasureRequested',
  'ErasureWithdrawn',
  'ErasureApproved',
  'SubjectErased',
] as const;
export type ErasureType = (typeof erasureTypes)[number];

/**
 * Whether each erasure was approved: one administrator requested it, and another approved it under
 * separation of duties.
 */
export class ErasureRules {
  readonly #administrators: TwoAdministrators;
  /** Approved, validly or not, and not carried out yet. */
  readonly #approved = new Set<string>();

  constructor(clients: ClientRules) {
    this.#administrators = new TwoAdministrators(clients, 'subjects:erase');
  }

  take(type: ErasureType, saying: DecodedRecord, now: Moment): void {
    const { at, said, found } = saying;
    const erasure = text(said, 'erasure');
    const name = JSON.stringify([at.stream, erasure]);
    switch (type) {
      case 'ErasureRequested':
        this.#administrators.request(name, '', saying, now);
        return;
      case 'ErasureWithdrawn':
        this.#administrators.withdraw(name);
        return;
      case 'ErasureApproved': {
        const fault = this.#administrators.approve(name, '', saying, now);
        if (fault !== null) found(`erasure_${fault}`);
        this.#approved.add(name);
        return;
      }
      case 'SubjectErased':
        if (!this.#approved.delete(name)) found('erasure_not_approved');
    }
  }
}
