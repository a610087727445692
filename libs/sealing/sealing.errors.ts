import { AbsentError, InternalError, UnavailableError } from '#libs/kernel';

/** What a sealer can find against a ledger. */
const contradictions = [
  'store_behind_log', // fewer records than were sealed: a restored backup, or a table cut off
  'store_changed', // a sealed record is not what was sealed
  'tiles_changed', // the stored tiles do not give the root that was stored with them
  'checkpoint_changed', // the stored checkpoint is not ours, or of another tree
  'witness_contradicts', // a witness cosigned another tree of the same log
] as const;

/**
 * Why a ledger takes nothing new, all of it. `restored`: the ledger comes from a backup, and no sealer has compared it with what its
 * witnesses saw since. The first one that finds nothing against it lifts this itself.
 */
export const refusalCodes = [...contradictions, 'restored'] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/**
 * What the ledger holds contradicts what was signed of it. The sealer signs nothing more, the process takes no more appends, and somebody
 * has to look: going on could only make a second history.
 */
export class SealingRefused extends InternalError<(typeof contradictions)[number]> {}

/** Sealing stopped and begins anew: another sealer took over, or the database went away. Nothing is lost: the records are there. */
export class SealerStopped extends UnavailableError<'sealer_fenced' | 'sealing_interrupted'> {}

/** The witness did not answer, or not in the protocol: it does not count this time. */
export class WitnessSilent extends UnavailableError<'witness_silent'> {}

/**
 * The witness says that it knows a larger tree, or another one. That is a word only: its latest checkpoint, which this log signed, is the
 * proof, and is to be asked for.
 */
export class WitnessObjects extends UnavailableError<'witness_objects'> {}

/** The record is in the ledger and not yet under a published checkpoint. Ask again. */
export class SealPending extends UnavailableError<'seal_pending'> {}

/** The ledger has no such record. */
export class RecordUnknown extends AbsentError<'record_unknown'> {}

/** The log has no such tile, or none yet. */
export class TileUnknown extends AbsentError<'tile_unknown'> {}

/** The ledger was set read-only because its log refuses to go on. */
export class LedgerReadOnly extends UnavailableError<'ledger_read_only'> {}

/** For operators: a refusal stands until it is lifted, so that nobody goes on by restarting. */
export function howToGoOn(code: string): string {
  switch (code) {
    case 'restored':
      return 'It was restored from a backup and goes on by itself when one of its witnesses has answered and knows nothing newer.';
    case 'store_behind_log':
      return 'The ledger lacks records that were signed: restore a newer backup, or the newest copy of the database (docs/operations.md, Restore). Do not go on with this one.';
    default:
      return 'See what changed (`mianzheng verify ledger`). When it is mended, `mianzheng log resume`: the sealer checks anew, and goes on or refuses again.';
  }
}
