import { caseEntities, caseMigrations, caseProjections } from '#libs/case/case.module';
import {
  catalogueEntities,
  catalogueMigrations,
  catalogueProjections,
} from '#libs/catalogue/catalogue.module';
import {
  certificateEntities,
  certificateMigrations,
  certificateProjections,
} from '#libs/certificate/certificate.module';
import { consentMigrations } from '#libs/consent/consent.module';
import { identityMigrations } from '#libs/identity/identity.module';
import { platformMigrations, type Schema } from '#libs/platform';
import { privacyMigrations } from '#libs/privacy/privacy.module';
import { projectionMigrations } from '#libs/projection/runner';
import {
  releaseEntities,
  releaseMigrations,
  releaseProjections,
} from '#libs/release/release.module';
import { sealingMigrations } from '#libs/sealing/sealing.module';
import { eventStoreMigrations } from '../libs/event-store/event-store.migrations.js';

/** Every table of the ledger: what a program that opens the database brings up to date. */
export const schema: Schema = {
  migrations: [
    ...platformMigrations,
    ...projectionMigrations,
    ...eventStoreMigrations,
    ...identityMigrations,
    ...privacyMigrations,
    ...catalogueMigrations,
    ...certificateMigrations,
    ...caseMigrations,
    ...consentMigrations,
    ...releaseMigrations,
    ...sealingMigrations,
  ],
  entities: [...catalogueEntities, ...certificateEntities, ...caseEntities, ...releaseEntities],
};

/** Every read model that is folded from the feed. */
export const projectionClasses = [
  ...catalogueProjections,
  ...certificateProjections,
  ...caseProjections,
  ...releaseProjections,
];
