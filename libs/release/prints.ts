import { Injectable } from '@nestjs/common';
import { Catalogue } from '#libs/catalogue';
import { CertificateReader } from '#libs/certificate';
import type { Ask } from '#libs/consent';
import type { CommandContext } from '#libs/event-store';
import { shanghaiDay } from '#libs/kernel';
import { isMadeOnDemand, ProofMaker, type ToMake } from '#libs/proof/source';
import { answerOf, type Chosen, type Missing } from './candidates.js';

export interface Choice {
  readonly chosen: readonly Chosen[];
  readonly missing: readonly Missing[];
}

/** What a print is of: e-proofs are made at that moment, everything else is there already. */
@Injectable()
export class Prints {
  constructor(
    private readonly catalogue: Catalogue,
    private readonly proofs: ProofMaker,
    private readonly certificates: CertificateReader,
  ) {}

  /**
   * The choice with e-proofs made for it, in the place of older ones.
   * @param asks what the holder agreed to
   * @param choice what the holder's certificates answer
   */
  async made(
    context: CommandContext,
    asks: readonly Ask[],
    choice: Choice,
    about: Omit<ToMake, 'type'>,
  ): Promise<Choice> {
    const answers = await Promise.all(
      asks.map(async (ask): Promise<Chosen | Missing | undefined> => {
        const type = await this.#typeToMake(ask);
        return type === null
          ? [...choice.chosen, ...choice.missing].find((one) => one.material === ask.material)
          : this.#make(context, ask, { ...about, type });
      }),
    );
    const all = answers.filter((answer) => answer !== undefined);
    return {
      chosen: all.filter((answer): answer is Chosen => !('reason' in answer)),
      missing: all.filter((answer): answer is Missing => 'reason' in answer),
    };
  }

  async #typeToMake({ answers }: Ask): Promise<string | null> {
    for (const { type } of answers)
      if (isMadeOnDemand(await this.catalogue.type(type))) return type;
    return null;
  }

  async #make(context: CommandContext, ask: Ask, wanted: ToMake): Promise<Chosen | Missing> {
    const certificate = await this.proofs.make(context, wanted);
    const made =
      certificate === null
        ? null
        : await this.certificates.read(certificate, shanghaiDay(context.now));
    if (made?.version.holders.every(({ subject }) => subject === wanted.subject) !== true)
      return { material: ask.material, reason: 'record_absent' };
    return answerOf(ask, [made]);
  }
}
