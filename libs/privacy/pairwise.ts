import { Injectable } from '@nestjs/common';
import { PrivacyKeys } from './keys.js';
import { Pairwise } from './ports.js';

/** Pairwise ids by HMAC: nothing is stored, and only the holder of the pairwise key can join two departments' ids. */
@Injectable()
export class HmacPairwise extends Pairwise {
  constructor(private readonly keys: PrivacyKeys) {
    super();
  }

  override of(department: string, subject: string): string {
    return this.keys.pairwise(department, subject);
  }
}
