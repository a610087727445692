import { Injectable } from '@nestjs/common';
import { Pairwise } from '../ports.js';
import { VaultKeys } from './keys.js';

/**
 * Pairwise ids by HMAC: nothing is stored, and only the holder of the pairwise key can link two
 * departments' ids.
 */
@Injectable()
export class HmacPairwise extends Pairwise {
  constructor(private readonly keys: VaultKeys) {
    super();
  }

  override of(department: string, subject: string): string {
    return this.keys.pairwise(department, subject);
  }
}
