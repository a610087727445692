import { expect, test } from '@jest/globals';
import type { Vault } from '../ports.js';
import { SubjectKeyAbsent } from '../vault.errors.js';
import { newKey, unwrapKey, wrapKey } from '../seal.js';
import { VaultOperatorNames } from './operator-names.js';

/** The part of the vault that names need; vault.test.ts tests the PostgreSQL one. */
function keys() {
  const known = new Map<string, Buffer>();
  const of = (subject: string) => {
    const key = known.get(subject);
    if (key === undefined) throw new SubjectKeyAbsent('subject_key_destroyed', 'destroyed');
    return key;
  };
  return {
    wrap: (subject: string, key: Uint8Array) => {
      if (!known.has(subject)) known.set(subject, newKey());
      return Promise.resolve(wrapKey(of(subject), key).toString('base64url'));
    },
    unwrap: async (subject: string, wrapped: string) =>
      Promise.resolve(unwrapKey(of(subject), Buffer.from(wrapped, 'base64url'))),
    destroy: (subject: string) => Promise.resolve(void known.delete(subject)),
  } as unknown as Vault;
}

test('a name opens for its operator alone, and for nobody once the key is destroyed', async () => {
  const vault = keys();
  const names = new VaultOperatorNames(vault);
  const sealed = await names.seal('one', '示例·甲');
  expect(await names.open('one', sealed)).toBe('示例·甲');
  await names.seal('other', '示例·乙');
  await expect(names.open('other', sealed)).rejects.toMatchObject({ code: 'seal_broken' });
  await vault.destroy('operator:one');
  expect(await names.open('one', sealed)).toBeNull();
});
