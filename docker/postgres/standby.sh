#!/bin/sh
# A streaming standby of the host `postgres`: copied from it at the first start, and following it from then on.
# To make it the primary: docker compose exec postgres-standby pg_ctl promote (and read docs/operations.md before).
set -eu

umask 077
passwords=/tmp/replication.pgpass
printf '*:*:*:replicator:%s\n' "$(cat /run/secrets/replication_password)" >"$passwords"
export PGPASSFILE="$passwords"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # A copy that was stopped half-way is no database: it is begun anew.
  rm -rf "$PGDATA.copy"
  pg_basebackup --host=postgres --port="${PGPORT:-5432}" --username=replicator --no-password \
    --pgdata="$PGDATA.copy" --wal-method=stream --slot=standby --checkpoint=fast --write-recovery-conf
  rm -rf "$PGDATA"
  mv "$PGDATA.copy" "$PGDATA"
fi

# The name under which the primary waits for it. It waits for nobody itself, also not once it is promoted: the primary's setting came with
# the copy, and every commit would hang.
exec postgres -c cluster_name=standby -c synchronous_standby_names= "$@"
