import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { OperatorNames, type SealedOperatorName } from '#libs/identity';

/** Names under keys of this process, for programs without a vault. */
export class NamesInMemory extends OperatorNames {
  readonly #keys = new Map<string, Buffer>();

  override seal(operator: string, name: string): Promise<SealedOperatorName> {
    const key = randomBytes(32);
    this.#keys.set(operator, key);
    const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
    const text = Buffer.concat([cipher.update(name), cipher.final()]).toString('base64url');
    return Promise.resolve({ key: operator, text });
  }

  override open(operator: string, { text }: SealedOperatorName): Promise<string | null> {
    const key = this.#keys.get(operator);
    if (key === undefined) return Promise.resolve(null);
    const decipher = createDecipheriv('aes-256-ctr', key, Buffer.alloc(16));
    return Promise.resolve(decipher.update(text, 'base64url', 'utf8') + decipher.final('utf8'));
  }
}
