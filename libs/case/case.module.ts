import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamCaseReader } from './case-reader.js';
import { CloseCaseHandler } from './commands/close-case.js';
import { OpenCaseHandler } from './commands/open-case.js';
import { OpenCaseOnlineHandler } from './commands/open-case-online.js';
import { TakeCaseHandler } from './commands/take-case.js';
import { PostgresApplicationLimits } from './application-limits.postgres.js';
import { ApplicationLimits, CaseReader } from './ports.js';

export { caseMigrations } from './case.migrations.js';

@Global()
@Module({
  imports: [CqrsModule],
  providers: [
    OpenCaseHandler,
    CloseCaseHandler,
    OpenCaseOnlineHandler,
    TakeCaseHandler,
    { provide: ApplicationLimits, useClass: PostgresApplicationLimits },
    { provide: CaseReader, useClass: StreamCaseReader },
  ],
  exports: [CaseReader],
})
export class CaseModule {}
