import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import { Body, Controller, Get, Global, Module, Post } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type pg from 'pg';
import type { CommandContext, EventStore } from '#libs/event-store';
import { PostgresEventStore } from '#libs/event-store/postgres';
import {
  type ClientCaller,
  IssuableTypes,
  OperatorNames,
  OtherDepartments,
  type PhoneCaller,
  type KnownBy,
  PhoneKeys,
  type Principal,
} from '#libs/identity';
import {
  ForPhones,
  idempotencyMigrations,
  Requires,
  TheClient,
  TheCommand,
  ThePhone,
  ThePrincipal,
} from '#libs/identity/http';
import {
  AccessGuard,
  AccountOwners,
  admitFirstAdministrator,
  CommandContexts,
  identityMigrations,
  IdentityModule,
  identityServices,
  LocalJwks,
  mountIdentity,
  newSigningKeys,
  OperatorsIssuer,
  PostgresClientClaims,
  readSigningKeys,
  RemoteJwks,
  type TokenRefusal,
} from '#libs/identity/identity.module';
import { SystemClock } from '#libs/kernel';
import {
  createHttpApplication,
  type Database,
  ForAnyone,
  Metrics,
  openDatabase,
  openLog,
  PlatformModule,
  Settings,
  StoreHealth,
} from '#libs/platform';
import { eventStoreMigrations } from '../../libs/event-store/event-store.migrations.js';
import { register, type Registration, TestClient, TestPhone } from './client.js';
import { type KeyKind, TestKey } from './keys.js';
import { NamesInMemory } from './operator-names.js';
import { freePort } from './ports.js';
import { freshDatabase } from './postgres.js';

/** Routes of every kind, as other contexts have them. */
@Controller('probe')
class ProbeController {
  @Get('matters')
  @Requires('matters:read')
  matters(@TheClient() { client, kind, window, operator }: ClientCaller) {
    return { client, kind, window, operator };
  }

  @Get('releases')
  @Requires('releases:pull')
  releases() {
    return { pulled: true };
  }

  @Post('acts')
  @Requires('cases:open')
  acts(@TheCommand() { actor }: CommandContext) {
    return actor;
  }

  @Get('audit')
  @Requires('ledger:audit')
  audit() {
    return { audited: true };
  }

  @Get('phone')
  @ForPhones()
  phone(@ThePhone() caller: PhoneCaller, @ThePrincipal() principal: Principal) {
    return { subject: caller.subject, principal };
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

/**
 * Identity alone: clients, issuer and guard on a database of its own, with routes to try them on.
 */
export interface IdentityHouse {
  readonly app: NestFastifyApplication;
  readonly baseUrl: string;
  readonly admin: TestClient;
  readonly store: EventStore;
  /** The text of the issuer's key file. */
  readonly signingKeys: string;
  /** Why tokens were refused, as it is logged, the latest last. */
  readonly refused: readonly TokenRefusal[];
  newTerminal(kind?: KeyKind, more?: Partial<Registration>): Promise<TestClient>;
  /**
   * A phone whose key is enrolled for a subject of its own; `known` is what the process remembers
   * of that from now on, and `revoke` says nothing of it to the process.
   */
  newPhone(kind?: KeyKind): {
    phone: TestPhone;
    subject: string;
    known: (by: KnownBy<string>) => void;
    revoke: () => void;
  };
  /** Another process of the same city, which knows the issuer by its URL only. */
  startSecond(): Promise<NestFastifyApplication>;
  close(): Promise<void>;
}

export async function startIdentityHouse(
  env: Readonly<Record<string, string>> = {},
): Promise<IdentityHouse> {
  const own = await freshDatabase();
  const migrations = [...idempotencyMigrations, ...identityMigrations, ...eventStoreMigrations];
  const database = await openDatabase(own.url, { migrations, entities: [] }, log);
  const store = await PostgresEventStore.open({ city: 'trial.city.example', pool: database.pool });
  const adminKey = new TestKey();
  await admitFirstAdministrator(
    { store, clock, claims: new PostgresClientClaims(database.pool, store) },
    { client: administrator, name: '管理', department: '数据局', jwk: { ...adminKey.jwk } },
  );
  const signingKeys = newSigningKeys();
  const enrolled = new Map<string, string>();
  const remembered = new Map<string, KnownBy<string>>();
  const refused: TokenRefusal[] = [];
  const on = { database, store, enrolled, remembered, refused };
  const { app, baseUrl } = await startProcess(on, signingKeys, env, false);
  const admin = new TestClient(baseUrl, administrator, adminKey, ['clients:manage']);
  const apps = [app];
  return {
    app,
    baseUrl,
    admin,
    store,
    signingKeys,
    refused,
    newTerminal: (kind, more = {}) =>
      register(admin, { kind: 'terminal', department: '人社', window: 'hall-1-03', ...more }, kind),
    newPhone: (kind) => {
      const phone = new TestPhone(baseUrl, kind);
      const subject = randomUUID();
      enrolled.set(phone.key.jkt, subject);
      const { jkt } = phone.key;
      return {
        phone,
        subject,
        known: (by) => remembered.set(jkt, by),
        revoke: () => enrolled.delete(jkt),
      };
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
  on: {
    database: Database;
    store: EventStore;
    enrolled: ReadonlyMap<string, string>;
    remembered: ReadonlyMap<string, KnownBy<string>>;
    refused: TokenRefusal[];
  },
  signingKeys: string,
  env: Readonly<Record<string, string>>,
  remoteIssuer: boolean,
) {
  const told = remoteIssuer ? undefined : env['PORT'];
  const port = told === undefined ? await freePort() : Number(told);
  const settings = Settings.from({
    REQUESTS_PER_SECOND: '100000',
    REQUESTS_OF_ONE_ADDRESS: '100000',
    ...env,
    PORT: String(port),
  });
  const { pool, dataSource } = on.database;
  const services = identityServices({ store: on.store, pool, clock, settings });
  const identity = mountIdentity({
    issuer: `${settings.publicUrl}/identity`,
    audience: settings.publicUrl,
    signingKeys: readSigningKeys(signingKeys),
    clock,
    pool,
    clients: services.clients,
    operators: services.operators,
    passkeys: services.passkeys,
    accounts: accountsIn(settings, pool),
    longest: settings.signIn.longest,
    replays: services.replays,
    admit: (client) => services.door.count(client),
    onRefused: (refusal) => on.refused.push(refusal),
  });
  class EnrolledPhones extends PhoneKeys {
    override lastKnown(jkt: string) {
      return Promise.resolve(on.remembered.get(jkt) ?? null);
    }
    subjectOf(jkt: string) {
      const subject = on.enrolled.get(jkt);
      return Promise.resolve(subject === undefined ? null : { subject, jwk: {} });
    }
  }
  @Global()
  @Module({ providers: [{ provide: PhoneKeys, useClass: EnrolledPhones }], exports: [PhoneKeys] })
  class PhonesModule {}
  /** The catalogue is no part of these programs: every type is there but ZZ999. */
  class AllTypes extends IssuableTypes {
    has(type: string): Promise<boolean> {
      return Promise.resolve(type !== 'ZZ999');
    }
  }
  @Global()
  @Module({
    providers: [{ provide: IssuableTypes, useClass: AllTypes }],
    exports: [IssuableTypes],
  })
  class TypesModule {}
  const departments = { provide: OtherDepartments, useValue: { names: () => Promise.resolve([]) } };
  @Global()
  @Module({ providers: [departments], exports: [departments] })
  class DepartmentsModule {}
  const names = { provide: OperatorNames, useClass: NamesInMemory };
  @Global()
  @Module({ providers: [names], exports: [names] })
  class NamesModule {}
  @Module({
    imports: [
      PlatformModule.with({
        settings,
        clock,
        log,
        pool,
        dataSource,
        store: on.store,
        storeHealth: new StoreHealth({ probe: () => Promise.resolve() }),
        metrics: new Metrics(),
      }),
      PhonesModule,
      TypesModule,
      DepartmentsModule,
      NamesModule,
      IdentityModule.with(
        services,
        remoteIssuer ? new RemoteJwks(settings.issuerUrl) : new LocalJwks(identity.jwks),
        randomBytes(32),
      ),
    ],
    controllers: [ProbeController, ForgottenController],
  })
  class ProcessModule {}
  const app = await createHttpApplication(ProcessModule, {
    log,
    guards: (made) => [made.get(AccessGuard).takingCommands(made.get(CommandContexts))],
    guardsOfBodies: (made) => [made.get(CommandContexts)],
    mounted: [{ prefix: '/identity', handler: identity.handler }],
  });
  await app.listen(port, '127.0.0.1');
  return { app, baseUrl: settings.publicUrl };
}

/** Keys of the operators' issuer are looked for without a pause, as tests change them. */
function accountsIn({ signIn: { operatorsIssuer }, publicUrl }: Settings, pool: pg.Pool) {
  if (operatorsIssuer === null) return null;
  const elsewhere = new OperatorsIssuer(operatorsIssuer, `${publicUrl}/sign-in`, 0);
  return { elsewhere, owners: new AccountOwners(pool), accountKey: randomBytes(32) };
}

/**
 * A GET whose headers are sent exactly as given, the Host header too, which `fetch` would write
 * itself.
 */
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
