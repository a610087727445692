import { Injectable } from '@nestjs/common';
import { LedgerSecrets } from '../ports.js';
import { VaultKeys } from './keys.js';

@Injectable()
export class HmacSecrets extends LedgerSecrets {
  constructor(private readonly keys: VaultKeys) {
    super();
  }

  override of(purpose: string, name: string): Uint8Array {
    return this.keys.secret(purpose, name);
  }
}
