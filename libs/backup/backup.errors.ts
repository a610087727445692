import { ConflictError, InvalidError, UnavailableError } from '#libs/kernel';

/** A backup cannot be written there, or there is no ledger to back up. */
export class BackupRefused extends ConflictError<
  | 'backup_exists' // the backup's name is taken
  | 'backup_under_way' // another backup writes there, or an interrupted one left its draft
  | 'ledger_absent' // the database has no ledger
  // a backup was being restored into the database: it is incomplete
  | 'restore_unfinished'
> {}

/** The folder is no backup that this program can restore. Nothing was written. */
export class BackupUnusable extends InvalidError<
  | 'backup_unreadable' // the folder or a file of it is missing
  | 'backup_malformed' // the manifest is malformed
  | 'backup_changed' // a file was changed
  // written by a later release, in a format or a schema that this one does not know
  | 'backup_newer'
  | 'backup_too_old' // written by a release whose tables cannot be migrated
  | 'backup_of_other_city'
  | 'backup_of_other_store' // of a ledger whose records are kept elsewhere, or the other way round
> {}

/** The database cannot take a backup. */
export class RestoreRefused extends ConflictError<
  'database_not_empty' | 'city_running' // a program works on the database
> {}

/**
 * The loaded data differ from the backup, or the tables from those that it was taken of. The
 * database stays marked as unfinished.
 */
export class RestoreFailed extends UnavailableError<
  'tables_differ' | 'rows_missing' | 'file_changed' | 'read_models_failed'
> {}
