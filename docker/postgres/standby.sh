#!/bin/sh
# A streaming standby of the host PRIMARY_HOST, or else `postgres`: copied from it at the first start, and following it from then on. The
# primary must have a replication slot `standby`, one that was not given up (docs/operations/backup.md, "The standby is away").
# To make it the primary: docker compose exec postgres-standby pg_ctl promote (and read docs/operations/backup.md before).
set -eu

umask 077
primary="${PRIMARY_HOST:-postgres}"
password="$(cat /run/secrets/replication_password)"
passwords=/tmp/replication.pgpass
printf '*:*:*:replicator:%s\n' "$password" >"$passwords"
export PGPASSFILE="$passwords"

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  # A copy that was stopped half-way is no database: it is begun anew.
  rm -rf "$PGDATA.copy"
  # A primary that is made at this moment listens when it is ready to be copied.
  until pg_isready --quiet --host="$primary" --port="${PGPORT:-5432}"; do sleep 1; done
  pg_basebackup --host="$primary" --port="${PGPORT:-5432}" --username=replicator --no-password \
    --pgdata="$PGDATA.copy" --wal-method=stream --slot=standby --checkpoint=fast --write-recovery-conf
  rm -rf "$PGDATA"
  mv "$PGDATA.copy" "$PGDATA"
fi

# It waits for nobody itself, also not once it is promoted: the primary's setting came with the copy, and every commit would hang. Written
# where ALTER SYSTEM writes, so that a promoted server can be told to wait for a standby of its own; the command line would outrank that.
settings="$PGDATA/postgresql.auto.conf"
nobody="synchronous_standby_names = ''"
if [ -e "$PGDATA/standby.signal" ] && [ "$(grep '^synchronous_standby_names' "$settings" | tail -n 1)" != "$nobody" ]; then
  printf '%s\n' "$nobody" >>"$settings"
fi

# The name under which the primary waits for it.
exec postgres -c cluster_name=standby "$@"
