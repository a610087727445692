import { Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { StreamCaseReader } from './case-reader.js';
import { CloseCaseHandler } from './commands/close-case.js';
import { OpenCaseHandler } from './commands/open-case.js';
import { CaseReader } from './ports.js';

@Global()
@Module({
  imports: [CqrsModule],
  providers: [
    OpenCaseHandler,
    CloseCaseHandler,
    { provide: CaseReader, useClass: StreamCaseReader },
  ],
  exports: [CaseReader],
})
export class CaseModule {}
