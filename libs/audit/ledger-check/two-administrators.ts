import type { Act } from './act.js';
import type { ClientRules } from './client-rules.js';
import { type DecodedRecord, text } from './decoded-record.js';
import type { Moment } from './moments.js';

/** The content of a request, which its approval must repeat. */
interface Request {
  readonly act: Act;
  readonly what: string;
  readonly expires: string;
  /** `changesOf` the requester at the request. */
  readonly changes: readonly number[];
  readonly isFit: boolean;
}

/** The fault of an approval; null where it is valid. */
export type ApprovalFault = 'not_approved' | 'not_independent' | null;

/**
 * Acts that one administrator requests and another approves: both enabled, both with the scope,
 * with their own keys under separation of duties, and the request not ended by a change of the
 * requester. Judged by the records alone: the keys are those that the two records name.
 */
export class TwoAdministrators {
  readonly #requests = new Map<string, Request>();

  constructor(
    private readonly clients: ClientRules,
    private readonly scope: 'subjects:erase' | 'ledger:exclude',
  ) {}

  /** @param what is requested, as text */
  request(id: string, what: string, { said }: DecodedRecord, now: Moment): void {
    const act = {
      client: text(said, 'actor'),
      operator: text(said, 'operator'),
      with: said['requestedWith'],
      time: text(said, 'time'),
    };
    this.#requests.set(id, {
      act,
      what,
      expires: text(said, 'expires'),
      changes: this.clients.changesOf(act),
      isFit: text(said, 'by') === act.client && this.clients.mayAct(act, this.scope, now),
    });
  }

  withdraw(id: string): void {
    this.#requests.delete(id);
  }

  /** @param what is approved, as text; a request is approved once */
  approve(id: string, what: string, { said }: DecodedRecord, now: Moment): ApprovalFault {
    const request = this.#requests.get(id);
    this.#requests.delete(id);
    if (request === undefined) return 'not_approved';
    const time = text(said, 'time');
    const [client, operator] = [text(said, 'actor'), text(said, 'operator')];
    const act = { client, operator, with: said['approvedWith'], time };
    const { expires, changes } = request;
    const isApproved =
      request.isFit &&
      request.what === what &&
      request.act.client !== act.client &&
      text(said, 'by') === act.client &&
      (expires === '' || time < expires) &&
      this.clients.mayAct(act, this.scope, now) &&
      !this.clients.hasEnded(request.act, changes, time, now);
    if (!isApproved) return 'not_approved';
    return this.clients.areIndependent(act, request.act) ? null : 'not_independent';
  }

  /** The requester; empty where there was no request. */
  requesterOf(id: string): string {
    return this.#requests.get(id)?.act.client ?? '';
  }
}
