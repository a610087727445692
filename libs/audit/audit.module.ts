import { Module } from '@nestjs/common';
import { AuthorityKeysController } from './authority-keys.controller.js';
import { PublishedAuthorityKeys } from './authority-keys.js';
import { AuthorityKeysProjection } from './authority-keys.projection.js';
import { RecordsController } from './records.controller.js';

export { auditMigrations } from './audit.migrations.js';
export const auditProjections = [AuthorityKeysProjection];

/** Routes for auditors to the ledger's records, and the public note of the authorities' keys. */
@Module({
  controllers: [RecordsController, AuthorityKeysController],
  providers: [PublishedAuthorityKeys],
})
export class AuditModule {}
