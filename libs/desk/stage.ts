import type { CaseNow } from '#libs/case';
import type { ConsentOfCase } from './queries/case-view.js';
import type { Requirement } from './requirements.js';

/** How far an online case is, as its applicant follows it. */
export const stages = [
  'opened',
  'taken',
  'asked',
  'answered',
  'papers',
  'done',
  'withdrawn',
] as const;
export type Stage = (typeof stages)[number];

/** What the applicant waits for, or has to do, comes before what was done. */
export function stageOf(
  { status, outcome }: Pick<CaseNow, 'status' | 'outcome'>,
  requirements: readonly Pick<Requirement, 'state'>[],
  consents: readonly Pick<ConsentOfCase, 'state'>[],
): Stage {
  if (status === 'closed') return outcome === 'withdrawn' ? 'withdrawn' : 'done';
  if (status === 'untaken') return 'opened';
  const some = (state: ConsentOfCase['state']) => consents.some((one) => one.state === state);
  if (some('waiting')) return 'asked';
  if (some('granted')) return 'answered';
  if (consents.length === 0 && requirements.some(({ state }) => state === 'exemptible'))
    return 'taken';
  return requirements.some(({ state }) => state === 'to-be-brought') ? 'papers' : 'answered';
}
