#!/bin/sh
# Run once by the image when the database is made: the ledger's own role and database, and what a standby needs.
set -eu

# Assigned, and not where they are used: a file that cannot be read ends this here, instead of leaving a role without its password.
ledger="$(cat /run/secrets/ledger_db_password)"
replication="$(cat /run/secrets/replication_password)"
monitor="$(cat /run/secrets/monitor_password)"

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  --set ledger="$ledger" --set replication="$replication" --set monitor="$monitor" <<'SQL'
CREATE ROLE mianzheng LOGIN PASSWORD :'ledger';
CREATE DATABASE mianzheng OWNER mianzheng;
REVOKE ALL ON DATABASE mianzheng FROM PUBLIC;
CREATE ROLE replicator REPLICATION LOGIN PASSWORD :'replication';
-- Sees how the server and its standby fare, and no row of the ledger's.
CREATE ROLE monitor LOGIN PASSWORD :'monitor' CONNECTION LIMIT 5;
GRANT pg_monitor TO monitor;
SELECT pg_create_physical_replication_slot('standby');
-- Last, and not on the command line: with it, a commit waits for a standby that is not there yet. What is acknowledged is then on two
-- disks. It is taken back, while the standby is away for long, by ALTER SYSTEM RESET synchronous_standby_names; SELECT pg_reload_conf();
ALTER SYSTEM SET synchronous_standby_names = 'standby';
SQL

printf '%s\n' 'host replication replicator samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"
