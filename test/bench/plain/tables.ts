/**
 * The tables of `plain`: a row a command, changed in place, and beside them what must be used once.
 * A rate that is forgotten in a crash harms nobody, so that its table is unlogged.
 */
export const tables = `
  CREATE TABLE client (
    client text PRIMARY KEY,
    jkt text NOT NULL,
    jwk jsonb NOT NULL,
    scopes text[] NOT NULL,
    department text NOT NULL,
    window_name text NOT NULL,
    enabled boolean NOT NULL DEFAULT true
  );
  CREATE TABLE subject (
    subject uuid PRIMARY KEY,
    number text NOT NULL UNIQUE
  );
  CREATE TABLE phone (
    jkt text PRIMARY KEY,
    subject uuid NOT NULL REFERENCES subject,
    jwk jsonb NOT NULL,
    revoked timestamptz
  );
  CREATE TABLE certificate (
    certificate uuid PRIMARY KEY,
    subject uuid NOT NULL REFERENCES subject,
    type text NOT NULL,
    status text NOT NULL,
    valid_until date NOT NULL,
    fields jsonb NOT NULL
  );
  CREATE INDEX certificate_subject ON certificate (subject, type);
  CREATE TABLE matter (
    matter text PRIMARY KEY,
    name text NOT NULL,
    materials jsonb NOT NULL
  );
  CREATE TABLE application (
    application uuid PRIMARY KEY,
    matter text NOT NULL REFERENCES matter,
    matter_name text NOT NULL,
    materials jsonb NOT NULL,
    department text NOT NULL,
    window_name text NOT NULL,
    subject uuid NOT NULL REFERENCES subject,
    opened timestamptz NOT NULL DEFAULT now(),
    outcome text,
    closed timestamptz
  );
  CREATE TABLE consent (
    consent uuid PRIMARY KEY,
    application uuid NOT NULL REFERENCES application,
    subject uuid NOT NULL REFERENCES subject,
    terminal text NOT NULL REFERENCES client,
    terminal_jkt text NOT NULL,
    asks jsonb NOT NULL,
    digits text NOT NULL,
    notice text NOT NULL,
    notice_hash text NOT NULL,
    answer_by timestamptz NOT NULL,
    grant_jws text,
    redeem_by timestamptz,
    redeemed timestamptz,
    certificate uuid REFERENCES certificate
  );
  CREATE INDEX consent_application ON consent (application);
  CREATE TABLE replay (
    value_hash bytea PRIMARY KEY,
    expires timestamptz NOT NULL
  );
  CREATE INDEX replay_expires ON replay (expires);
  CREATE UNLOGGED TABLE rate (
    client text PRIMARY KEY,
    second bigint NOT NULL,
    taken integer NOT NULL
  ) WITH (fillfactor = 50);
  CREATE TABLE idempotency (
    client text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    response jsonb,
    created timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client, key)
  );
  CREATE INDEX idempotency_created ON idempotency (created);
`;
