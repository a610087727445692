import type { CatalogueFile } from './catalogue-file.js';

/** What has no English name in a file, so that notices in English show the Chinese one. */
export const englishMissingReasons = [
  'department_en_missing',
  'material_en_missing',
  'field_en_missing',
] as const;

/** A Chinese name that stands without an English one: first in `line`, in `lines` lines in all. */
export interface EnglishMissing {
  readonly reason: (typeof englishMissingReasons)[number];
  readonly nameZh: string;
  readonly line: number;
  readonly lines: number;
}

/** Of the lines that can be taken; each name once a reason, in the order of its first line. */
export function englishMissingOf(file: CatalogueFile): readonly EnglishMissing[] {
  switch (file.kind) {
    case 'rules':
      return [];
    case 'types':
      return mergeEnglishMissing(
        file.lines.flatMap(({ line, value: { department, departmentEn, fields } }) => [
          ...missing('department_en_missing', line, department, departmentEn),
          ...fields.flatMap(({ key, nameEn }) => missing('field_en_missing', line, key, nameEn)),
        ]),
      );
    case 'matters':
      return mergeEnglishMissing(
        file.lines.flatMap(({ line, value: { department, departmentEn, materials } }) => [
          ...missing('department_en_missing', line, department, departmentEn),
          ...materials.flatMap(({ nameZh, nameEn }) =>
            missing('material_en_missing', line, nameZh, nameEn),
          ),
        ]),
      );
  }
}

const missing = (
  reason: EnglishMissing['reason'],
  line: number,
  nameZh: string,
  nameEn: string | undefined,
): readonly EnglishMissing[] => (nameEn === undefined ? [{ reason, nameZh, line, lines: 1 }] : []);

/** Adds up what parts of one file told: each name once a reason. */
export function mergeEnglishMissing(all: Iterable<EnglishMissing>): readonly EnglishMissing[] {
  const byName = new Map<string, EnglishMissing>();
  for (const each of all) {
    const key = `${each.reason}\0${each.nameZh}`;
    const known = byName.get(key);
    byName.set(
      key,
      known === undefined
        ? each
        : {
            ...known,
            line: Math.min(known.line, each.line),
            lines: known.lines + each.lines,
          },
    );
  }
  return [...byName.values()].sort((a, b) => a.line - b.line);
}
