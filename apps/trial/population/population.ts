import { officeOf } from '../authorities.js';
import { companyPapers } from './company-papers.js';
import { couplesPapers } from './couples-papers.js';
import { Choices } from './numbers.js';
import { type Paper, Writer } from './paper.js';
import { companies, type Company, people, type Person } from './people.js';
import { personalPapers } from './personal-papers.js';

/** How many live in a trial. */
export interface Numbers {
  readonly holders: number;
  readonly companies: number;
}

export const usualNumbers: Numbers = { holders: 200, companies: 20 };
/** With fewer, some type of certificate has no holder. */
export const minNumbers: Numbers = { holders: 24, companies: 4 };
/** With more, two people could have one number. */
export const maxNumbers: Numbers = { holders: 500, companies: 99 };

export interface Population {
  readonly people: readonly Person[];
  readonly companies: readonly Company[];
  readonly papers: readonly Paper[];
}

/**
 * The people, companies and papers of a trial: always the same ones for a seed.
 * @param today the trial's first day, in Asia/Shanghai
 */
export function populationOf(numbers: Numbers, seed: string, today: string): Population {
  const choices = new Choices(seed);
  const everybody = people(numbers.holders, choices);
  const all = companies(numbers.companies, everybody, choices);
  const [first, ...others] = all;
  if (first === undefined) throw new RangeError('a trial has companies');
  const writer = new Writer(today);
  return {
    people: everybody,
    companies: all,
    papers: [
      ...personalPapers(everybody, [first, ...others], writer, officeOf),
      ...couplesPapers(everybody, writer, officeOf),
      ...companyPapers(all, writer, officeOf),
    ],
  };
}
