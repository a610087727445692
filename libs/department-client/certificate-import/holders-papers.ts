import { shanghaiDay, SystemClock } from '#libs/kernel';
import type { LineOutcome } from './handing-in.js';
import type { Prepared } from './preparing.js';

/**
 * Tells of a paper without number whose holder has another valid one in the same file. The city
 * looks into the wallets, which may lag behind what was handed in a moment ago; of what is in one
 * file, the importer itself knows.
 */
export class HoldersPapers {
  readonly #valid = new Map<string, Set<string>>();

  /** The outcome, with the flag where it is due. In the order in which lines were handed in. */
  tell({ paper, numbered, content }: Prepared, outcome: LineOutcome): LineOutcome {
    if (numbered || outcome.state === 'refused') return outcome;
    const { certificate, version, flags } = outcome.result;
    const known = this.#valid.get(paper) ?? new Set<string>();
    const another = [...known].some((id) => id !== certificate);
    const today = shanghaiDay(new SystemClock().now());
    const { validFrom, validUntil } = content;
    if (validFrom <= today && (validUntil === null || validUntil >= today))
      this.#valid.set(paper, known.add(certificate));
    return another &&
      outcome.state === 'recorded' &&
      version === 1 &&
      !flags.includes('holder_has_another')
      ? { ...outcome, result: { ...outcome.result, flags: [...flags, 'holder_has_another'] } }
      : outcome;
  }
}
