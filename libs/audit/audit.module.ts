import { Module } from '@nestjs/common';
import { RecordsController } from './records.controller.js';

/** The auditor's door to the ledger's records. */
@Module({ controllers: [RecordsController] })
export class AuditModule {}
