import { Global, Module } from '@nestjs/common';
import { HttpProofSource } from './source/http-source.js';
import { ProofMaker } from './source/proof-maker.js';
import { ProofSource } from './source/ports.js';

/** Needs certificates, clients, subjects and the ledger's keys from their modules. */
@Global()
@Module({
  providers: [ProofMaker, { provide: ProofSource, useClass: HttpProofSource }],
  exports: [ProofMaker],
})
export class ProofSourceModule {}
