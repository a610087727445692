import { ConflictError, InvalidError, UnavailableError } from '#libs/kernel';

/** A backup cannot be written there, or what is to be backed up is not there. */
export class BackupRefused extends ConflictError<
  | 'backup_exists' // something has the name that the backup should get
  | 'backup_under_way' // another backup writes there, or one that was stopped left its half
  | 'ledger_absent' // the database has no ledger
  | 'restore_unfinished' // a backup was being restored into the database: it holds a part of a ledger, or nothing
> {}

/** The folder is no backup that this program can bring back. Nothing was written. */
export class BackupUnusable extends InvalidError<
  | 'backup_unreadable' // the folder or a file of it is not there
  | 'backup_malformed' // the manifest is none
  | 'backup_changed' // a file is not what was written
  | 'backup_newer' // written by a later release, in a format or a schema that this one does not know
  | 'backup_of_other_city'
  | 'backup_of_other_store' // of a ledger whose records are kept elsewhere, or the other way round
> {}

/** The database is not one into which a backup may be loaded. */
export class RestoreRefused extends ConflictError<
  'database_not_empty' | 'city_running' // a program works on the database
> {}

/** What was loaded is not what the backup says, or the tables are not those that it was taken of. The database stays marked as unfinished. */
export class RestoreFailed extends UnavailableError<
  'tables_differ' | 'rows_missing' | 'file_changed' | 'read_models_failed'
> {}
