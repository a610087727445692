import { Injectable } from '@nestjs/common';
import type { ReleaseWithheld } from '#libs/consent';
import type { AppendedRecord, CommandContext } from '#libs/event-store';
import { Receipts } from '#libs/sealing';
import { bookOf } from '#libs/subject';
import { inSpan } from '#libs/tracing';
import type { Assembled } from './disclosure-assembler.js';
import type { Released } from './released.js';
import { ReleasePreconditions, type RestsOn } from './release-preconditions.js';

/** A release, or a second reading, whose record was just appended to the holder's book. */
export interface Recorded {
  readonly record: AppendedRecord;
  readonly assembled: Assembled;
  readonly readAgainUntil: Released['readAgainUntil'];
  readonly rests: RestsOn;
  readonly counted: Omit<ReleaseWithheld['data'], 'reason' | 'counted'>;
}

/** The last steps of every release: proof of the record, the last check, and only then the data. */
@Injectable()
export class ReleaseReply {
  constructor(
    private readonly receipts: Receipts,
    private readonly preconditions: ReleasePreconditions,
  ) {}

  /** @throws ReleaseHeldBack where something that the release rested on has changed */
  async form(context: CommandContext, recorded: Recorded): Promise<Released> {
    const { assembled, readAgainUntil, rests, counted } = recorded;
    const { version, hash, text } = recorded.record;
    const named = { stream: bookOf(rests.subject), version, hash };
    // Under a policy with witnesses nothing is released before they have seen the record, and the
    // last check covers what happens during that wait.
    const receipt = await inSpan('wait for receipt', {}, () => this.receipts.waitFor(named));
    await inSpan('look again', {}, () =>
      this.preconditions.recheckOrWithhold(context, rests, {
        ...counted,
        counted: context.now,
      }),
    );
    const { what, commitment, salt } = assembled;
    return {
      handedOver: what,
      reading: counted.reading,
      readAgainUntil,
      record: { ...named, bytes: text, commitment, salt },
      receipt,
    };
  }
}
