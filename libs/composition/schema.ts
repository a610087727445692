import { auditMigrations, auditProjections } from '#libs/audit/audit.module';
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
import { caseMigrations } from '#libs/case/case.module';
import { consentMigrations, consentProjections } from '#libs/consent/consent.module';
import { deskEntities, deskMigrations, deskProjections } from '#libs/desk/desk.module';
import { identityMigrations } from '#libs/identity/identity.module';
import { recordTables } from '#libs/event-store/postgres';
import { feedMigrations, feedTables } from '#libs/feed/runner';
import { leaseMigrations, leaseTables } from '#libs/lease/postgres';
import { databaseTables, type Schema } from '#libs/platform';
import { logTables, sealingMigrations } from '#libs/sealing/sealing.module';
import {
  statisticsEntities,
  statisticsMigrations,
  statisticsProjections,
} from '#libs/statistics/statistics.module';
import { subjectMigrations } from '#libs/subject/subject.module';
import { vaultMigrations } from '#libs/vault/vault.module';
import { idempotencyMigrations } from '../identity/http/idempotency.migrations.js';
import { eventStoreMigrations } from '../event-store/event-store.migrations.js';

/** Every table of the ledger: what a program that opens the database brings up to date. */
export const schema: Schema = {
  migrations: [
    ...idempotencyMigrations,
    ...leaseMigrations,
    ...feedMigrations,
    ...eventStoreMigrations,
    ...identityMigrations,
    ...vaultMigrations,
    ...catalogueMigrations,
    ...certificateMigrations,
    ...caseMigrations,
    ...consentMigrations,
    ...deskMigrations,
    ...subjectMigrations,
    ...statisticsMigrations,
    ...sealingMigrations,
    ...auditMigrations,
  ],
  entities: [...catalogueEntities, ...certificateEntities, ...deskEntities, ...statisticsEntities],
};

/** Every read model that is folded from the feed. */
export const projectionClasses = [
  ...catalogueProjections,
  ...certificateProjections,
  ...consentProjections,
  ...deskProjections,
  ...statisticsProjections,
  ...auditProjections,
];

/**
 * Tables without rows in a backup: read models are folded again from the records, migrations run
 * again, and a lease ends with its holder. Where the records are in a separate store, whose backup
 * is of another moment, the log is rebuilt as well, because it could be ahead of them.
 * @param apart whether they are
 */
export const leftOutOfBackups = (apart: boolean): readonly string[] =>
  [
    ...databaseTables,
    ...leaseTables,
    ...feedTables,
    ...projectionClasses.flatMap((Class) => new Class().tables),
    ...(apart ? [...recordTables, ...logTables] : []),
  ].map((table) => `public.${table}`);
