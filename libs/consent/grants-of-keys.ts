import { Injectable } from '@nestjs/common';
import type { CommandContext } from '#libs/event-store';
import { plusSeconds } from '#libs/kernel';
import { GrantsOfKeys } from '#libs/subject';
import { redeemSeconds } from './answer-decisions.js';
import { answerSeconds, bookDecider } from './consent.decider.js';
import { Books } from './ports.js';
import { readAgainSeconds } from './release-decisions.js';

/** A consent that was requested longer ago is over, in seconds: clocks may differ by a minute. */
const longest = answerSeconds + redeemSeconds + readAgainSeconds + 60;

@Injectable()
export class BookGrantsOfKeys extends GrantsOfKeys {
  constructor(private readonly books: Books) {
    super();
  }

  async end(context: CommandContext, subject: string, jkts: readonly string[]): Promise<void> {
    const { now } = context;
    await this.books.decide(context, subject, { after: plusSeconds(now, -longest) }, (book) =>
      bookDecider.decide({ kind: 'end-key', jkts, now }, book),
    );
  }
}
