#!/bin/sh
# Passwords, and the certificates of the inside, for compose.city.yaml: docker/make-secrets.sh HOST
# What is there already stays as it is, so it can be run again; a certificate of ours that ends within 60 days is made anew, with its key. Who
# uses it has to be started again then (docs/operations/keys.md, "Passwords and certificates of the inside"). The city's own keys are not made here: the services make them, in their volumes.
#
# The folder is closed to others. The files in it can be read, because the containers' users are not this machine's.
set -eu

host="${1:?usage: docker/make-secrets.sh HOST, the host name under which clients reach the city}"
umask 022
cd "$(dirname "$0")"
mkdir -p secrets
chmod 0700 secrets
cd secrets

say() { printf '  %-28s %s\n' "$1" "$2"; }

# $1 a file; what it is to hold comes on standard input
put() {
  if [ -e "$1" ]; then
    cat >/dev/null
    say "$1" 'there already'
  else
    cat >"$1.draft"
    chmod 0444 "$1.draft"
    mv "$1.draft" "$1"
    say "$1" 'made'
  fi
}

password() { [ -e "$1" ] || openssl rand -hex 24 | put "$1"; }

for each in postgres_password ledger_db_password replication_password monitor_password event_store_admin_password event_store_ops_password grafana_admin_password; do
  password "$each"
done
printf 'postgres://mianzheng:%s@postgres:5432/mianzheng\n' "$(cat ledger_db_password)" | put database_url
# The ledger has a user of its own with a password that stands here alone. `mianzheng event-store prepare` makes it, as the server's administrator.
event_store='eventstore-1:2113,eventstore-2:2113,eventstore-3:2113?tlsCAFile=/run/secrets/event_store_ca&nodePreference=leader'
printf 'esdb://ledger:%s@%s\n' "$(openssl rand -hex 24)" "$event_store" | put event_store_url
printf 'esdb://admin:%s@%s\n' "$(cat event_store_admin_password)" "$event_store" | put event_store_admin_url

# The word by which another issuer of operators knows the city: empty where there is none, and written in by hand where there is.
put operators_client_secret </dev/null

# $1 a file with a certificate: whether it is good for 60 days more
lasts() { openssl x509 -in "$1" -noout -checkend 5184000 >/dev/null; }

# $1 name of the authority's files, $2 its subject
authority() {
  if [ -e "$1.crt" ]; then
    lasts "$1.crt" || say "$1.crt" 'ENDS SOON: docs/operations/keys.md says how an authority is changed'
    return
  fi
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1825 -subj "$2" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign \
    -keyout "$1.ca-key" -out "$1.draft" 2>/dev/null
  chmod 0400 "$1.ca-key"
  put "$1.crt" <"$1.draft"
  rm -f "$1.draft"
}

# $1 name of the authority's files, $2 of the certificate's, $3 common name, $4 host names
certificate() {
  [ -e "$2.crt" ] && lasts "$2.crt" && return
  rm -f "$2.crt" "$2.key"
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$3" -keyout "$2.key-draft" -out "$2.request" 2>/dev/null
  {
    printf 'basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,keyEncipherment\n'
    printf 'extendedKeyUsage=serverAuth,clientAuth\nsubjectAltName=%s\n' "$4"
  } >"$2.extensions"
  openssl x509 -req -in "$2.request" -CA "$1.crt" -CAkey "$1.ca-key" -CAcreateserial -days 825 -sha256 -extfile "$2.extensions" \
    -out "$2.draft" 2>/dev/null
  put "$2.key" <"$2.key-draft"
  put "$2.crt" <"$2.draft"
  rm -f "$2.draft" "$2.key-draft" "$2.request" "$2.extensions" "$1.srl"
}

# The nodes of the event store know each other by one common name, under an authority that signs for nobody else.
authority event_store_ca '/CN=event store'
for node in eventstore-1 eventstore-2 eventstore-3; do
  certificate event_store_ca "$node" eventstoredb-node "DNS:$node,DNS:localhost,IP:127.0.0.1"
done

# The certificate that clients see. A real one comes from an authority that they believe: put certificate, chain and key into tls.pem and its
# authority into tls_ca.crt before this is run. Otherwise one is made that nobody outside believes.
# One of ours is known by its authority's key.
if [ -e tls.pem ] && [ -e tls_ca.ca-key ] && ! lasts tls.pem; then rm -f tls.pem; fi
if [ ! -e tls.pem ]; then
  authority tls_ca "/CN=trial authority of $host"
  certificate tls_ca tls "$host" "DNS:$host"
  cat tls.crt tls.key | put tls.pem
  rm -f tls.crt tls.key
fi
[ -e tls_ca.crt ] || { printf 'secrets/tls_ca.crt is missing: the authority of tls.pem\n' >&2; exit 1; }

printf '\nStill to come: secrets/log-policy and secrets/witness-logs (docs/operations/machines.md, "Containers").\n'
