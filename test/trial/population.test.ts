import { beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TypeDefinition } from '#libs/catalogue';
import { judgeContent } from '#libs/certificate';
import { isCreditCode, residentIdFault, shanghaiDay, SystemClock } from '#libs/kernel';
import { catalogueFolder, importing } from '../support/catalogue.js';
import { CatalogueImport } from '../../libs/catalogue/catalogue-import.js';
import { StreamCatalogue } from '../../libs/catalogue/catalogue.stream.js';
import { MemoryEventStore } from '../../libs/event-store/memory/index.js';
import { Records } from '../../apps/proof-source/records.js';
import { authorities } from '../../apps/trial/authorities.js';
import { proofRecords, recordedTypes } from '../../apps/trial/population/proof-records.js';
import { tries } from '../../apps/trial/tries.js';
import {
  minNumbers,
  maxNumbers,
  populationOf,
  usualNumbers,
} from '../../apps/trial/population/population.js';

const today = shanghaiDay(new SystemClock().now());
const types = new Map<string, TypeDefinition>();
const issuers = new Map(
  authorities.flatMap(({ department, types: its }) => its.map((type) => [type, department])),
);

const store = new MemoryEventStore('city.example');
const catalogue = new StreamCatalogue(store);

beforeAll(async () => {
  await new CatalogueImport(store, catalogue).importFolder(catalogueFolder.pathname, importing());
  for (const type of issuers.keys()) {
    const definition = await catalogue.type(type);
    if (definition !== null) types.set(type, definition);
  }
});

describe.each([
  ['the usual', usualNumbers],
  ['the smallest', minNumbers],
  ['the largest', maxNumbers],
])('the people of %s trial', (_, numbers) => {
  const { people, companies, papers } = populationOf(numbers, 'a seed', today);

  test('have numbers of nobody, each its own, with a check that fits', () => {
    const persons = people.map(({ number }) => number);
    expect(new Set(persons).size).toBe(numbers.holders);
    expect(persons.filter((number) => residentIdFault(number, today) !== null)).toEqual([]);
    expect(persons.filter((number) => !number.startsWith('99'))).toEqual([]);
    const codes = companies.map(({ code }) => code);
    expect(new Set(codes).size).toBe(numbers.companies);
    expect(codes.filter((code) => !isCreditCode(code))).toEqual([]);
    expect([...people, ...companies].filter(({ name }) => !name.startsWith('示例'))).toEqual([]);
  });

  test('hold certificates of 40 types of the catalogue, each of its own department', () => {
    expect([...new Set(papers.map(({ type }) => type))].sort()).toEqual([...issuers.keys()].sort());
    expect(issuers.size).toBe(40);
    for (const [type, department] of issuers) expect(types.get(type)?.department).toBe(department);
  });

  test('hold what the ledger takes: every field as its type says, and true of its holder', () => {
    for (const paper of papers) {
      const type = types.get(paper.type);
      if (type === undefined) throw new Error(paper.type);
      const content = { authority: '11990001T00000000X', ...paper };
      expect(judgeContent(content, type, today).holders).toHaveLength(paper.holders.length);
    }
  });

  test('hold one paper of a number', () => {
    const seen = papers.map(({ type, fields, holders }) => {
      const number = types.get(type)?.number;
      const whose = number?.unique === 'paper' ? '' : holders[0]?.number;
      return `${type} ${JSON.stringify(fields[number?.field ?? ''])} ${whose ?? ''}`;
    });
    expect(seen.filter((one, n) => seen.indexOf(one) !== n)).toEqual([]);
  });

  test('hold expired and revoked papers, but not those with whom the main job is tried', () => {
    const bad = papers.filter(
      ({ validUntil, isRevoked }) => isRevoked || (validUntil !== null && validUntil < today),
    );
    expect(bad.some(({ isRevoked }) => isRevoked)).toBe(true);
    expect(bad.some(({ isRevoked }) => !isRevoked)).toBe(true);
    const tried = tries.map(({ holder }) => people[holder]?.number);
    expect(
      bad.filter(({ holders }) => holders.some(({ number }) => tried.includes(number))),
    ).toEqual([]);
  });

  test('are the same again for a seed', () => {
    expect(populationOf(numbers, 'a seed', today)).toEqual({ people, companies, papers });
    expect(populationOf(numbers, 'another', today).people).not.toEqual(people);
  });
});

test('what the departments of a trial say of its people is what they may attest', async () => {
  const { people, companies } = populationOf(usualNumbers, 'a seed', today);
  const records = proofRecords(people, companies, today);
  const folder = await mkdtemp(join(tmpdir(), 'mianzheng-records-'));
  try {
    const file = join(folder, 'records.ndjson');
    await writeFile(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const known = new Map(
      await Promise.all(
        recordedTypes.map(async (code) => [code, await catalogue.type(code)] as const),
      ),
    );
    const about = { creditCode: '91990001T00000000X', now: new SystemClock().now() };
    const read = await Records.from(file, known as ReadonlyMap<string, TypeDefinition>, about);
    expect(read.size).toBe(records.length);
    expect([...known.values()].every((type) => type?.category === 'proof')).toBe(true);
    await writeFile(file, `${JSON.stringify({ ...records[0], type: 'ZM016' })}\n`);
    await expect(Records.from(file, known as never, about)).rejects.toMatchObject({
      code: 'records_unusable',
      facts: { line: 1 },
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});
