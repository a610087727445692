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

test('every contract has a record in one of the golden ledgers', async () => {
  const met = new Set<string>();
  for (const version of versions)
    for await (const bytes of goldenRecords(version)) {
      const { type, schema } = readRecord(bytes);
      met.add(`${type}.${schema}`);
    }
  expect([...met].sort()).toEqual([...(await contracts()).keys()].sort());
});

describe.each(versions)('records of the golden ledger of %s', (version) => {
  test('are as the contracts of their types and schemas say', async () => {
    const known = await contracts();
    for await (const bytes of goldenRecords(version)) {
      const { type, schema, data } = readRecord(bytes);
      const name = `${type}.${schema}`;
      const holds = known.get(name);
      expect([name, holds?.(data), holds?.errors ?? []]).toEqual([name, true, []]);
    }
  });

  test('with a member more, a member less or a value of another kind are refused', async () => {
    const known = await contracts();
    const met = new Set<string>();
    const refused = new Set<string>();
    for await (const bytes of goldenRecords(version)) {
      const { type, schema, data } = readRecord(bytes);
      const name = `${type}.${schema}`;
      const holds = known.get(name);
      if (holds === undefined || !isObject(data)) continue;
      met.add(name);
      expect([name, holds({ ...data, unexpected: 1 })]).toEqual([name, false]);
      for (const member of Object.keys(data)) {
        expect([name, member, holds({ ...data, [member]: [[]] })]).toEqual([name, member, false]);
        const less = Object.fromEntries(Object.entries(data).filter(([other]) => other !== member));
        if (!holds(less)) refused.add(name);
      }
    }
    expect([...refused].sort()).toEqual([...met].sort());
  });
});
