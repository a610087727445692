import { type DynamicModule, Global, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AuditModule } from '#libs/audit/audit.module';
import { CaseModule } from '#libs/case/case.module';
import { CatalogueModule, CatalogueReadingModule } from '#libs/catalogue/catalogue.module';
import { CertificateModule } from '#libs/certificate/certificate.module';
import { LedgerKeys } from '#libs/consent';
import { ConsentModule } from '#libs/consent/consent.module';
import { board, BoardModule, DeskModule } from '#libs/desk/desk.module';
import { ExclusionModule } from '#libs/exclusion/exclusion.module';
import {
  AccessModule,
  IdentityModule,
  type IdentityServices,
  type JwksSource,
} from '#libs/identity/identity.module';
import { NoticeModule } from '#libs/notice/notice.module';
import { builtPages } from '#libs/pages';
import { PagesModule, RecordedPagesModule } from '#libs/pages/pages.module';
import { PlatformModule, type Services } from '#libs/platform';
import { ProofSourceModule } from '#libs/proof/proof-source.module';
import { ReleaseModule } from '#libs/release/release.module';
import { SealingModule } from '#libs/sealing/sealing.module';
import { StatisticsModule } from '#libs/statistics/statistics.module';
import { PhoneKeysModule, SubjectModule } from '#libs/subject/subject.module';
import { VaultModule } from '#libs/vault/vault.module';
import type { CompositionRoot } from './composition-root.js';
import { FiledLedgerKeys } from './keys.js';

/*
 * Which rooms a program opens, and by that which routes it serves: a room's module brings its
 * controllers along. This is the only place that says it; the front door's table
 * (contracts/services.json) is written from here.
 */

type Rooms = NonNullable<ModuleMetadata['imports']>;

/** The keys of the consent tokens, for the rooms that mint and read them. */
@Global()
@Module({})
class LedgerKeysModule {
  static with(keys: LedgerKeys): DynamicModule {
    const provider = { provide: LedgerKeys, useValue: keys };
    return { module: LedgerKeysModule, providers: [provider], exports: [provider] };
  }
}

/**
 * The writing side: everything that appends, and everything that is read from streams and books
 * themselves or opened with a key.
 * @param accessKeys where the keys of access tokens come from
 */
const writingRooms = (
  { services, identity, keys, sealed }: CompositionRoot,
  accessKeys: JwksSource,
): Rooms => [
  LedgerKeysModule.with(new FiledLedgerKeys(keys.ledger, services.settings)),
  IdentityModule.with(identity, accessKeys, keys.requestSecret),
  VaultModule,
  SubjectModule,
  CatalogueModule,
  CertificateModule,
  CaseModule,
  DeskModule,
  ConsentModule,
  ProofSourceModule,
  ReleaseModule,
  NoticeModule.after(board),
  AuditModule,
  ExclusionModule,
  RecordedPagesModule,
  SealingModule.with(sealed),
];

/**
 * The reading side: what is answered from read models and the public catalogue. Nothing here
 * appends, and nothing needs a key.
 */
const readingRooms: Rooms = [
  CatalogueReadingModule,
  BoardModule,
  StatisticsModule,
  PagesModule.from(builtPages),
];

const program = (module: Type, services: Services, rooms: Rooms): DynamicModule => ({
  module,
  imports: [CqrsModule.forRoot(), PlatformModule.with(services), ...rooms],
});

/** Every room in one process. */
@Module({})
export class CityModule {
  static with(house: CompositionRoot, accessKeys: JwksSource): DynamicModule {
    return program(CityModule, house.services, [
      ...writingRooms(house, accessKeys),
      ...readingRooms,
    ]);
  }
}

@Module({})
export class LedgerModule {
  static with(house: CompositionRoot, accessKeys: JwksSource): DynamicModule {
    return program(LedgerModule, house.services, writingRooms(house, accessKeys));
  }
}

@Module({})
export class WindowModule {
  static with(
    services: Services,
    identity: IdentityServices,
    accessKeys: JwksSource,
  ): DynamicModule {
    return program(WindowModule, services, [
      AccessModule.with(identity, accessKeys),
      PhoneKeysModule,
      ...readingRooms,
    ]);
  }
}
