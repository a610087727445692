import { UnavailableError } from '#libs/kernel';

/** The embedded PostgreSQL does not run. `hint` says what the operator can do. */
export class DatabaseNotStarted extends UnavailableError<
  | 'database_in_use' // another program runs on this data directory
  | 'database_port_taken'
  | 'database_version' // the data directory belongs to another major version
  | 'database_password_lost'
  | 'database_user_missing' // root needs a user to run it as
  | 'database_not_started'
> {}
