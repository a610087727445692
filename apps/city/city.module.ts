import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { AuditModule } from '#libs/audit/audit.module';
import { CaseModule } from '#libs/case/case.module';
import { CatalogueModule } from '#libs/catalogue/catalogue.module';
import { CertificateModule } from '#libs/certificate/certificate.module';
import { LedgerKeys } from '#libs/consent';
import { ConsentModule } from '#libs/consent/consent.module';
import { IdentityModule, type JwksSource } from '#libs/identity/identity.module';
import { PlatformModule } from '#libs/platform';
import { PrivacyModule } from '#libs/privacy/privacy.module';
import { ReleaseModule } from '#libs/release/release.module';
import { SealingModule } from '#libs/sealing/sealing.module';
import type { House } from '../house/house.js';
import { FiledLedgerKeys } from '../house/keys.js';

/** The keys of the consent tokens, for the rooms that mint and read them. */
@Global()
@Module({})
class LedgerKeysModule {
  static with(keys: LedgerKeys): DynamicModule {
    const provider = { provide: LedgerKeys, useValue: keys };
    return { module: LedgerKeysModule, providers: [provider], exports: [provider] };
  }
}

/** Every room of the house in one process. */
@Module({})
export class CityModule {
  /** @param accessKeys where the keys of access tokens come from */
  static with(house: House, accessKeys: JwksSource): DynamicModule {
    const { services, identity, keys, sealed } = house;
    return {
      module: CityModule,
      imports: [
        CqrsModule.forRoot(),
        PlatformModule.with(services),
        LedgerKeysModule.with(new FiledLedgerKeys(keys.ledger, services.settings)),
        IdentityModule.with(identity, accessKeys),
        PrivacyModule,
        CatalogueModule,
        CertificateModule,
        CaseModule,
        ConsentModule,
        ReleaseModule,
        AuditModule,
        SealingModule.with(sealed),
      ],
    };
  }
}
