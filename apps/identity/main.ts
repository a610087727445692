import { createServer } from 'node:http';
import { join } from 'node:path';
import { eventStoreMigrations } from '../../libs/event-store/event-store.migrations.js';
import { PostgresEventStore } from '#libs/event-store/postgres';
import {
  identityMigrations,
  identityServices,
  mountIdentity,
  newSigningKeys,
  readSigningKeys,
} from '#libs/identity/identity.module';
import { SystemClock } from '#libs/kernel';
import {
  openDatabase,
  openLog,
  secretFile,
  SettingInvalid,
  Settings,
  unexpected,
} from '#libs/platform';

/**
 * The identity service on its own, for houses that keep the issuer of tokens apart from the ledger: it stands on the ledger's database
 * (`DATABASE_URL`), because clients are streams, and publishes itself as `ISSUER_URL`, whose tokens are for `PUBLIC_URL`. The other
 * programs are given the same two. Its keys lie in `DATA_DIR/keys/identity.jwks`.
 */
async function main(): Promise<void> {
  const settings = Settings.from();
  if (settings.databaseUrl === undefined)
    throw new SettingInvalid('setting_invalid', "DATABASE_URL must name the ledger's database", {
      setting: 'DATABASE_URL',
    });
  const log = openLog(settings.logLevel);
  const clock = new SystemClock();
  const keyFile = join(settings.dataDir, 'keys', 'identity.jwks');
  const signingKeys = readSigningKeys(await secretFile(keyFile, newSigningKeys));
  const migrations = [...eventStoreMigrations, ...identityMigrations];
  const database = await openDatabase(settings.databaseUrl, { migrations, entities: [] }, log);
  const { pool } = database;
  const store = await PostgresEventStore.open({ city: settings.city, pool });
  const { clients, replays, rates } = identityServices({ store, pool, clock, settings });
  replays.startForgetting();

  const { handler, issuer } = mountIdentity({
    issuer: settings.issuerUrl,
    audience: settings.publicUrl,
    signingKeys,
    clock,
    clients,
    replays,
    admit: (client) => rates.count(client),
    onFault: (error) => {
      log.error(unexpected(error), 'issuer_fault');
    },
  });
  const server = createServer((request, response) => {
    if (request.url === '/health/live') response.writeHead(204).end();
    else handler(request, response);
  });
  server.requestTimeout = 30_000;
  server.listen(settings.port, settings.host, () => {
    log.info({ issuer, port: settings.port }, 'identity_listening');
  });

  const stop = () => {
    server.close(() => {
      replays.stopForgetting();
      void store
        .close()
        .then(() => database.close())
        .finally(() => process.exit(0));
    });
    server.closeIdleConnections();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(
    `${error instanceof Error ? error.message : 'the identity service did not start'}\n`,
  );
  process.exit(1);
});
