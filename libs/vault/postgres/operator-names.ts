import { Injectable } from '@nestjs/common';
import { OperatorNames, type SealedOperatorName } from '#libs/identity';
import { Vault } from '../ports.js';
import { newKey, open, seal } from '../seal.js';
import { SubjectKeyAbsent } from '../vault.errors.js';

/** Distinguishes an operator's key from a subject's, whose id has the same form. */
const keyOf = (operator: string): string => `operator:${operator}`;

/** Operators' names under keys in the vault. */
@Injectable()
export class VaultOperatorNames extends OperatorNames {
  constructor(private readonly vault: Vault) {
    super();
  }

  override async seal(operator: string, name: string): Promise<SealedOperatorName> {
    const key = newKey();
    return {
      key: await this.vault.wrap(keyOf(operator), key),
      text: seal(key, name, placeOf(operator)),
    };
  }

  override async open(operator: string, { key, text }: SealedOperatorName): Promise<string | null> {
    try {
      const opened = await this.vault.unwrap(keyOf(operator), key);
      return open(opened, text, placeOf(operator)).toString('utf8');
    } catch (error) {
      if (error instanceof SubjectKeyAbsent) return null;
      throw error;
    }
  }
}

const placeOf = (operator: string): string => `operator-name/${operator}`;
