import { howToGoOn } from '#libs/sealing';
import type { LogOfCity } from './log.js';

/** Why a ledger takes nothing new. */
export interface ReadOnly {
  readonly code: string;
}

/** Why the log refuses to go on, as this process knows it; null while all is well. */
export const readOnlyOf = ({
  sealer,
  refusals,
  comparison,
}: Pick<LogOfCity, 'sealer' | 'refusals' | 'comparison'>): ReadOnly | null =>
  sealer.alarm ?? refusals.refusal ?? comparison.obstacle;

/**
 * The output of a program that runs read-only, instead of being ready: the reason, what still
 * works, and what to do.
 */
export const readOnlyWords = ({ code }: ReadOnly): readonly string[] => [
  `  只读 read-only: its log refuses to go on (${code}). Reads are answered; every write is answered 503 ledger_read_only, and /health/ready 503.`,
  `  what to do  ${howToGoOn(code)}`,
  '              docs/operations/alarms.md, When the log refuses.',
];
