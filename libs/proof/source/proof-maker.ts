import { Injectable } from '@nestjs/common';
import { Catalogue, type TypeDefinition } from '#libs/catalogue';
import { HolderNumbers, OnDemandCertificates } from '#libs/certificate';
import type { CommandContext } from '#libs/event-store';
import { Clock, ProductError, shanghaiDay } from '#libs/kernel';
import { type Identifier, normalIdentifier, SubjectDirectory } from '#libs/subject';
import { LedgerSecrets } from '#libs/vault';
import { ProofSource } from './ports.js';
import { HolderNumberUnknown, ProofAnswerRefused } from './source.errors.js';

/** An e-proof to be made for a holder who agreed to it. */
export interface ToMake {
  readonly type: string;
  readonly subject: string;
  readonly consent: string;
  readonly purpose: { readonly zh: string; readonly en: string };
  /** The number that the kiosk read from the holder's document; null where it read none. */
  readonly read: Identifier | null;
  /** Looks again whether it may be made: time passed while the department answered. */
  readonly mayStill: () => Promise<void>;
}

/** Whether it is made when it is printed, and not printed again. */
export const isMadeOnDemand = (type: TypeDefinition | null): boolean =>
  type?.category === 'proof' && type.decision !== true;

/**
 * Makes e-proofs: asks their department, judges what it answers as every certificate that enters,
 * and records it. The same consent asks for the same e-proof again, so that a print that was
 * interrupted behind the record goes on with it (docs/adr/0047).
 */
@Injectable()
export class ProofMaker {
  constructor(
    private readonly source: ProofSource,
    private readonly catalogue: Catalogue,
    private readonly numbers: HolderNumbers,
    private readonly subjects: SubjectDirectory,
    private readonly certificates: OnDemandCertificates,
    private readonly secrets: LedgerSecrets,
    private readonly clock: Clock,
  ) {}

  /**
   * @returns the certificate's id; null where the department has no such record of the holder
   * @throws ProofSourceAway, ProofSourceMissing, ProofAnswerRefused, HolderNumberUnknown
   */
  async make(context: CommandContext, wanted: ToMake): Promise<string | null> {
    const { type, subject, consent, purpose, mayStill } = wanted;
    const holder = await this.#numberOf(wanted, shanghaiDay(context.now));
    // No id of the ledger's own leaves: what the department gets leads to no record.
    const request = Buffer.from(this.secrets.of('proof-request', `${consent} ${type}`))
      .subarray(0, 16)
      .toString('base64url');
    const made = await this.source.ask({ request, type, holder, purpose, now: this.clock.now() });
    if (made === null) return null;
    const { client, sdJwt } = made;
    const now = this.clock.now();
    const demanded = await this.certificates
      .judge(client, sdJwt, { type, holder, subject, consent }, now)
      .catch((error: unknown) => {
        throw judged(error, type);
      });
    await mayStill();
    return demanded.record(context).catch((error: unknown) => {
      throw judged(error, type);
    });
  }

  async #numberOf({ type, subject, read }: ToMake, day: string): Promise<Identifier> {
    const definition = await this.catalogue.type(type);
    const holder =
      read === null
        ? await this.numbers.numberOf(subject, definition?.holder ?? 'both', day)
        : normalIdentifier(read, day);
    if (holder === null || (await this.subjects.find(holder)) !== subject)
      throw new HolderNumberUnknown(
        'holder_number_unknown',
        'no valid certificate attests the holder’s number, and none was read at the kiosk',
        {},
        { hint: 'Put the identity document onto the reader, or go to a window.' },
      );
    return holder;
  }
}

/** What the answer's content is refused for is the department's fault, and not the caller's. */
function judged(error: unknown, type: string): unknown {
  if (!(error instanceof ProductError)) return error;
  if (error.family === 'unavailable' || error.family === 'internal') return error;
  return new ProofAnswerRefused(
    'proof_answer_refused',
    'the department’s service answered with something else than was asked of it',
    { type, check: String(error.code) },
    { cause: error },
  );
}
