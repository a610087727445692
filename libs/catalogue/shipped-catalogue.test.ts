import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { catalogueFolder as folder, importing } from '../../test/support/catalogue.js';
import { MemoryEventStore } from '../event-store/memory/index.js';
import { CatalogueImport, type ImportReport } from './catalogue-import.js';
import { readCatalogueFile } from './catalogue-file.js';
import { StreamCatalogue } from './catalogue.stream.js';

describe('the catalogue that ships with the program', () => {
  const store = new MemoryEventStore('city.example');
  const catalogue = new StreamCatalogue(store);
  let first: ImportReport[];

  beforeAll(async () => {
    first = await new CatalogueImport(store, catalogue).importFolder(
      folder.pathname,
      importing('the-first-request'),
    );
  });

  it('is taken without a refused line', () => {
    expect(first.map(({ kind, added, refused }) => ({ kind, added, refused }))).toEqual([
      { kind: 'types', added: 186, refused: [] },
      { kind: 'matters', added: 192 + 27, refused: [] },
      { kind: 'rules', added: 479 + 26 + 160, refused: [] },
    ]);
  });

  it('has an English name for every department, material and field, and one for each Chinese name', async () => {
    expect(first.flatMap(({ englishMissing }) => englishMissing)).toEqual([]);
    const english = new Map<string, Set<string | undefined>>();
    const note = (nameZh: string, nameEn: string | undefined) => {
      english.set(nameZh, (english.get(nameZh) ?? new Set()).add(nameEn));
    };
    for (const name of ['certificate-types.tsv', 'matters.tsv']) {
      const file = readCatalogueFile(await readFile(new URL(name, folder), 'utf8'));
      if (file.kind === 'types')
        for (const { value } of file.lines) {
          note(`department ${value.department}`, value.departmentEn);
          note(`material ${value.nameZh}`, value.nameEn);
          for (const { key, nameEn } of value.fields) note(`field ${key}`, nameEn);
        }
      if (file.kind === 'matters')
        for (const { value } of file.lines) {
          note(`department ${value.department}`, value.departmentEn);
          for (const { nameZh, nameEn } of value.materials) note(`material ${nameZh}`, nameEn);
        }
    }
    expect(english.size).toBeGreaterThan(500);
    for (const names of english.values())
      expect([...names]).toEqual([expect.stringMatching(/^[A-Z][\x20-\x7e]+$/)]);
  });

  it('has a rule for every material of every matter, with fields that the type has or a reason why none', async () => {
    const matters = readCatalogueFile(await readFile(new URL('matters.tsv', folder), 'utf8'));
    if (matters.kind !== 'matters') throw new Error('matters.tsv is no matters file');
    expect(matters.lines).toHaveLength(192 + 27);
    let materials = 0;
    for (const { value } of matters.lines) {
      const found = await catalogue.matter(value.code);
      expect(found?.ruleVersion).toBe(1);
      for (const rule of found?.materials ?? []) {
        materials++;
        if (rule.answers.length === 0) expect(rule.original).toBeDefined();
        for (const { type, fields } of rule.answers) {
          const keys = (await catalogue.type(type))?.fields.map(({ key }) => key);
          expect(fields.length).toBeGreaterThan(0);
          expect(keys).toEqual(expect.arrayContaining([...fields]));
        }
      }
    }
    expect(materials).toBe(479 + 26 + 160);
  });

  it('tells papers apart by a number that every paper of the type has, of 173 types; 13 proofs have none', async () => {
    const { lines } = readCatalogueFile(
      await readFile(new URL('certificate-types.tsv', folder), 'utf8'),
    ) as Extract<ReturnType<typeof readCatalogueFile>, { kind: 'types' }>;
    const unique = lines.map(({ value: { number } }) => number?.unique ?? 'none');
    const count = (by: string) => unique.filter((each) => each === by).length;
    expect([count('paper'), count('paper-and-holder'), count('none')]).toEqual([170, 3, 13]);
    const without = lines.filter(({ value }) => value.number === null);
    expect(without.every(({ value }) => value.category === 'proof')).toBe(true);
    for (const { value } of lines)
      if (value.number !== null)
        expect(value.schema['required']).toEqual(expect.arrayContaining([value.number.field]));
  });

  it('has a self-service matter for each proof and one for certificates, each of all that they say', async () => {
    const { lines } = readCatalogueFile(
      await readFile(new URL('matters.tsv', folder), 'utf8'),
    ) as Extract<ReturnType<typeof readCatalogueFile>, { kind: 'matters' }>;
    const types = readCatalogueFile(
      await readFile(new URL('certificate-types.tsv', folder), 'utf8'),
    ) as Extract<ReturnType<typeof readCatalogueFile>, { kind: 'types' }>;
    const printed = lines.filter(({ value }) => value.selfService === 'print');
    const of = (category: string) =>
      types.lines.filter(({ value }) => value.category === category).map(({ value }) => value.code);
    const asked = printed.map(({ value }) => value.materials.map(({ code }) => code));
    expect(asked.slice(0, 26)).toEqual(of('proof').map((code) => [code]));
    expect(asked.slice(26)).toEqual([of('certificate')]);
    for (const { value } of printed)
      for (const { answers } of (await catalogue.matter(value.code))?.materials ?? [])
        for (const { type, fields } of answers)
          expect(fields).toEqual((await catalogue.type(type))?.fields.map(({ key }) => key));
  });

  it('marks the six proofs that are decisions, which a kiosk prints again and does not make', async () => {
    const codes = Array.from({ length: 26 }, (_, n) => `ZM0${String(n + 1).padStart(2, '0')}`);
    const types = await Promise.all(codes.map((code) => catalogue.type(code)));
    expect(codes.filter((_, n) => types[n]?.decision === true)).toEqual(
      ['09', '12', '16', '19', '20', '26'].map((n) => `ZM0${n}`),
    );
  });

  it('asks for less than the certificate holds, of every identity card at a window', async () => {
    const { lines } = readCatalogueFile(
      await readFile(new URL('rules.tsv', folder), 'utf8'),
    ) as Extract<ReturnType<typeof readCatalogueFile>, { kind: 'rules' }>;
    const asked = new Set(
      lines
        .filter(({ value: { type, matter } }) => type === 'ZZ001' && matter.startsWith('SX'))
        .flatMap(({ value }) => value.fields),
    );
    expect([...asked].sort()).toEqual(['住址', '公民身份号码', '姓名'].sort());
  });

  it('appends nothing when it is taken again', async () => {
    const head = await store.head();
    const again = await new CatalogueImport(store, catalogue).importFolder(
      folder.pathname,
      importing(),
    );
    expect(
      again.map(({ kind, unchanged, added, changed }) => [kind, unchanged, added, changed]),
    ).toEqual([
      ['types', 186, 0, 0],
      ['matters', 192 + 27, 0, 0],
      ['rules', 479 + 26 + 160, 0, 0],
    ]);
    expect(await store.head()).toBe(head);
  });

  it('reports the same when the same request comes again', async () => {
    const again = await new CatalogueImport(store, catalogue).importFolder(
      folder.pathname,
      importing('the-first-request'),
    );
    expect(again).toEqual(first);
  });
});
