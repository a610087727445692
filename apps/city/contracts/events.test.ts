import { describe, expect, test } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { readdir, readFile } from 'node:fs/promises';
import { isObject, type JsonObject } from '#libs/kernel';
import { readRecord } from '#libs/log';
import { goldenRecords } from '../../../test/support/golden-records.js';

const root = new URL('../../../', import.meta.url);

/** Every contract of contracts/events, by `Type.schema`. */
async function contracts(): Promise<ReadonlyMap<string, ValidateFunction>> {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  const found = new Map<string, ValidateFunction>();
  for (const name of await readdir(new URL('contracts/events/', root))) {
    const text = await readFile(new URL(`contracts/events/${name}`, root), 'utf8');
    found.set(name.replace(/\.schema\.json$/, ''), ajv.compile(JSON.parse(text) as JsonObject));
  }
  return found;
}

const versions = (await readdir(new URL('test/golden/', root))).filter((name) =>
  /^\d+\.\d+\.\d+/.test(name),
);

describe.each(versions)('records of the golden ledger of %s', (version) => {
  test('are as the contracts of their types and schemas say, and every contract has a record', async () => {
    const known = await contracts();
    const met = new Set<string>();
    for await (const bytes of goldenRecords(version)) {
      const { type, schema, data } = readRecord(bytes);
      const name = `${type}.${schema}`;
      const holds = known.get(name);
      met.add(name);
      expect([name, holds?.(data), holds?.errors ?? []]).toEqual([name, true, []]);
    }
    expect([...met].sort()).toEqual([...known.keys()].sort());
  });

  test('with a member more, a member less or a value of another kind are refused', async () => {
    const known = await contracts();
    const refused = new Set<string>();
    for await (const bytes of goldenRecords(version)) {
      const { type, schema, data } = readRecord(bytes);
      const holds = known.get(`${type}.${schema}`);
      if (holds === undefined || !isObject(data)) continue;
      expect([type, holds({ ...data, unexpected: 1 })]).toEqual([type, false]);
      for (const member of Object.keys(data)) {
        expect([type, member, holds({ ...data, [member]: [[]] })]).toEqual([type, member, false]);
        const less = Object.fromEntries(Object.entries(data).filter(([name]) => name !== member));
        if (!holds(less)) refused.add(type);
      }
    }
    expect(refused.size).toBe(known.size);
  });
});
