import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { Body, Controller, Get, Global, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type EventStore } from '#libs/event-store';
import { PostgresEventStore } from '#libs/event-store/postgres';
import { type ClientCaller, type PhoneCaller, PhoneKeys } from '#libs/identity';
import {
  AccessGuard,
  admitFirstAdministrator,
  IdentityModule,
  identityMigrations,
  identityServices,
  LocalJwks,
  mountIdentity,
  newSigningKeys,
  readSigningKeys,
  RemoteJwks,
} from '#libs/identity/identity.module';
import { SystemClock } from '#libs/kernel';
import {
  createHttpApplication,
  type Database,
  ForAnyone,
  ForPhones,
  Metrics,
  openDatabase,
  openLog,
  platformMigrations,
  PlatformModule,
  Requires,
  Settings,
  TheClient,
  ThePhone,
} from '#libs/platform';
import { eventStoreMigrations } from '../../libs/event-store/event-store.migrations.js';
import { register, TestClient, TestPhone } from './client.js';
import { type KeyKind, TestKey } from './keys.js';
import { freePort } from './ports.js';
import { freshDatabase } from './postgres.js';

/** Routes of every kind, as other contexts have them. */
@Controller('probe')
class ProbeController {
  @Get('matters')
  @Requires('matters:read')
  matters(@TheClient() { client, kind, window }: ClientCaller) {
    return { client, kind, window };
  }

  @Get('audit')
  @Requires('ledger:audit')
  audit() {
    return { audited: true };
  }

  @Get('phone')
  @ForPhones()
  phone(@ThePhone() { subject }: PhoneCaller) {
    return { subject };
  }

  @Post('phone')
  @ForPhones()
  say(@ThePhone() { subject }: PhoneCaller, @Body() body: unknown) {
    return { subject, body };
  }

  @Get('open')
  @ForAnyone()
  open() {
    return { open: true };
  }
}

@Controller('forgotten')
class ForgottenController {
  @Get()
  anything() {
    return { leaked: true };
  }
}

const log = openLog('silent');
const clock = new SystemClock();
export const administrator = 'administrator';

/** A house of identity alone: clients, issuer and guard on a database of its own, with routes to try them on. */
export interface IdentityHouse {
  readonly app: NestFastifyApplication;
  readonly baseUrl: string;
  readonly admin: TestClient;
  /** The text of the issuer's key file. */
  readonly signingKeys: string;
  newTerminal(kind?: KeyKind): Promise<TestClient>;
  /** A phone whose key is enrolled for a subject of its own. */
  newPhone(kind?: KeyKind): { phone: TestPhone; subject: string };
  /** Another process of the same house, which knows the issuer by its URL only. */
  startSecond(): Promise<NestFastifyApplication>;
  close(): Promise<void>;
}

export async function startIdentityHouse(
  env: Readonly<Record<string, string>> = {},
): Promise<IdentityHouse> {
  const own = await freshDatabase();
  const migrations = [...platformMigrations, ...identityMigrations, ...eventStoreMigrations];
  const database = await openDatabase(own.url, { migrations, entities: [] }, log);
  const store = await PostgresEventStore.open({ city: 'city.example', pool: database.pool });
  const adminKey = new TestKey();
  await admitFirstAdministrator(
    { store, clock },
    { client: administrator, name: '管理', department: '数据局', jwk: { ...adminKey.jwk } },
  );
  const signingKeys = newSigningKeys();
  const enrolled = new Map<string, string>();
  const on = { database, store, enrolled };
  const { app, baseUrl } = await startProcess(on, signingKeys, env, false);
  const admin = new TestClient(baseUrl, administrator, adminKey, ['clients:manage']);
  const apps = [app];
  return {
    app,
    baseUrl,
    admin,
    signingKeys,
    newTerminal: (kind) =>
      register(admin, { kind: 'terminal', department: '人社', window: 'hall-1-03' }, kind),
    newPhone: (kind) => {
      const phone = new TestPhone(baseUrl, kind);
      const subject = randomUUID();
      enrolled.set(phone.key.jkt, subject);
      return { phone, subject };
    },
    startSecond: async () => {
      const shared = { ...env, PUBLIC_URL: baseUrl, ISSUER_URL: `${baseUrl}/identity` };
      const second = await startProcess(on, newSigningKeys(), shared, true);
      apps.push(second.app);
      return second.app;
    },
    close: async () => {
      for (const one of apps) await one.close();
      await store.close();
      await database.close();
      await own.drop();
    },
  };
}

async function startProcess(
  on: { database: Database; store: EventStore; enrolled: ReadonlyMap<string, string> },
  signingKeys: string,
  env: Readonly<Record<string, string>>,
  remoteIssuer: boolean,
) {
  const port = await freePort();
  const settings = Settings.from({ PORT: String(port), REQUESTS_PER_SECOND: '100000', ...env });
  const { pool, dataSource } = on.database;
  const services = identityServices({ store: on.store, pool, clock, settings });
  const identity = mountIdentity({
    issuer: `${settings.publicUrl}/identity`,
    audience: settings.publicUrl,
    signingKeys: readSigningKeys(signingKeys),
    clock,
    clients: services.clients,
    replays: services.replays,
    admit: (client) => services.rates.count(client),
  });
  class EnrolledPhones extends PhoneKeys {
    subjectOf(jkt: string) {
      const subject = on.enrolled.get(jkt);
      return Promise.resolve(subject === undefined ? null : { subject, jwk: {} });
    }
  }
  @Global()
  @Module({ providers: [{ provide: PhoneKeys, useClass: EnrolledPhones }], exports: [PhoneKeys] })
  class PhonesModule {}
  @Module({
    imports: [
      PlatformModule.with({
        settings,
        clock,
        log,
        pool,
        dataSource,
        store: on.store,
        metrics: new Metrics(),
        requestSecret: randomBytes(32),
      }),
      PhonesModule,
      IdentityModule.with(
        services,
        remoteIssuer ? new RemoteJwks(settings.issuerUrl) : new LocalJwks(identity.jwks),
      ),
    ],
    controllers: [ProbeController, ForgottenController],
  })
  class ProcessModule {}
  const app = await createHttpApplication(ProcessModule, {
    log,
    guards: (made) => [made.get(AccessGuard)],
    mounted: [{ prefix: '/identity', handler: identity.handler }],
  });
  await app.listen(port, '127.0.0.1');
  return { app, baseUrl: settings.publicUrl };
}

/** A GET whose headers are sent exactly as given, the Host header too, which `fetch` would write itself. */
export async function getWithHost(
  baseUrl: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<{ text: string; body: unknown }> {
  const { hostname, port } = new URL(baseUrl);
  const asked = request({ host: hostname, port, path, headers: { ...headers } }).end();
  const [response] = (await once(asked, 'response')) as [AsyncIterable<Buffer>];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { text, body: JSON.parse(text) as unknown };
}
