import { AbsentError, InternalError, UnavailableError } from '#libs/kernel';

/** Findings of a sealer against a ledger. */
const contradictions = [
  'store_behind_log', // fewer records than were sealed: a restored backup, or a truncated table
  'store_changed', // a sealed record differs from what was sealed
  'tiles_changed', // the stored tiles do not give the root that was stored with them
  'checkpoint_changed', // the stored checkpoint is another log's, or of another tree
  'witness_contradicts', // a witness cosigned another tree of the same log
] as const;

/**
 * Reasons why a ledger accepts no records. `restored`: it comes from a backup, until a sealer has
 * compared it with what its witnesses saw since, found no contradiction and lifted this itself.
 */
export const refusalCodes = [...contradictions, 'restored'] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/**
 * The ledger contradicts what was signed of it. The sealer signs nothing more, the process accepts
 * no appends, and an operator has to check: continuing could only make a second history.
 */
export class SealingRefused extends InternalError<(typeof contradictions)[number]> {}

/**
 * Sealing stopped and restarts: another sealer took over, or the database is unreachable. No record
 * is lost.
 */
export class SealerStopped extends UnavailableError<'sealer_fenced' | 'sealing_interrupted'> {}

/** The witness did not answer, or not by the protocol: it does not count this time. */
export class WitnessSilent extends UnavailableError<'witness_silent'> {}

/**
 * The witness claims to know a larger tree, or another one. A claim only: the proof is its latest
 * checkpoint, signed by this log, which is fetched next.
 */
export class WitnessObjects extends UnavailableError<'witness_objects'> {}

/**
 * The witness claims to have cosigned a tree of `known` leaves, more than it was shown. Where the
 * ledger has no records for them, it accepts no records until an operator has checked.
 */
export class WitnessAhead extends UnavailableError<'witness_ahead'> {
  constructor(
    witness: string,
    readonly known: number,
    size: number,
  ) {
    super('witness_ahead', 'a witness knows a larger tree of this log', { witness, known, size });
  }
}

/** The record is in the ledger and not yet under a published checkpoint. Retry later. */
export class SealPending extends UnavailableError<'seal_pending'> {}

/** The ledger has no such record. */
export class RecordUnknown extends AbsentError<'record_unknown'> {}

/** The log has no such tile, or none yet. */
export class TileUnknown extends AbsentError<'tile_unknown'> {}

/** The ledger is read-only because its log refuses to continue. */
export class LedgerReadOnly extends UnavailableError<'ledger_read_only'> {}

/** For operators: a refusal stays until it is lifted, so that a restart cannot bypass it. */
export function howToGoOn(code: string): string {
  switch (code) {
    case 'restored':
      return 'It was restored from a backup and goes on by itself when one of its witnesses has answered and knows nothing newer.';
    case 'store_not_compared':
      return 'It goes on by itself when the event store and enough of the witnesses have answered.';
    case 'store_behind_log':
      return 'The ledger lacks records that were signed: restore a newer backup, or the newest copy of the database (docs/operations/backup.md), unless EVENT_STORE_URL or DATABASE_URL names another store than its own. Do not go on with this one.';
    case 'foreign':
      return 'Another program wrote an event under the names of this ledger. Two administrators can leave it out (`mianzheng exclude`; docs/operations/alarms.md, A foreign event); the ledger then goes on by itself.';
    case 'store_changed':
      return 'See what changed and where (`mianzheng verify ledger`). An event that another program wrote is left out by two administrators (`mianzheng exclude`; docs/operations/alarms.md, A foreign event). What else changed is mended in the event store, and then `mianzheng log resume`: the sealer checks anew, and goes on or refuses again.';
    default:
      return 'See what changed (`mianzheng verify ledger`). When it is mended, `mianzheng log resume`: the sealer checks anew, and goes on or refuses again.';
  }
}
