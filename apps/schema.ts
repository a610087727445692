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
import { leaseMigrations } from '#libs/lease/postgres';
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
    ...leaseMigrations,
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

/** What the log keeps in tables beside the records: the sealer makes all of it anew from them. */
const logTables = ['log_tile', 'log_sealed', 'log_leaf', 'log_edge'];
/** What the event store on PostgreSQL keeps. */
const recordTables = ['log_head', 'log_record'];

/**
 * Tables that a backup has no rows of: read models are folded anew from the records, migrations are run anew,
 * and a lease ends with its holder. Where the records are in a store of their
 * own, whose backup is of another moment, the log is made anew as well, or it could be ahead of them.
 * @param apart whether they are
 */
export const leftOutOfBackups = (apart: boolean): readonly string[] =>
  [
    'migrations',
    'restore_under_way',
    'lease',
    'projection_checkpoint',
    ...projectionClasses.flatMap((Class) => new Class().tables),
    ...(apart ? [...recordTables, ...logTables] : []),
  ].map((table) => `public.${table}`);
