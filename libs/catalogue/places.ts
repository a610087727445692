import { readTable } from './table.js';

/**
 * How many matters a district serves: at district level and above, and in its towns and villages.
 */
export const districtScale = { above: 7016, townsAndVillages: 6220 } as const;

/**
 * Spreads a matters file over invented places (`SX0001.0001`, …) until a district's 13,236 matters
 * are reached, for trials and measurements. Places are named 示例…, so that they are not taken for
 * real ones; the result is a matters file (TSV) with `place_zh`.
 */
export function spreadOverPlaces(
  mattersFile: string,
  scale: { readonly above: number; readonly townsAndVillages: number } = districtScale,
): string {
  const { columns, lines } = readTable(mattersFile);
  // A kiosk does the same wherever it stands.
  const rows = lines.flatMap(({ cells }) =>
    cells === null || (cells['self_service'] ?? '') !== '' ? [] : [cells],
  );
  const low = (row: Readonly<Record<string, string>>) =>
    row['level'] === 'town' || row['level'] === 'village';
  const header = [...columns, 'place_zh'];
  const spread = [
    ...overPlaces(
      rows.filter((row) => !low(row)),
      scale.above,
    ),
    ...overPlaces(rows.filter(low), scale.townsAndVillages),
  ];
  return [header, ...spread.map((row) => header.map((column) => row[column] ?? ''))]
    .map((cells) => `${cells.join('\t')}\n`)
    .join('');
}

function overPlaces(
  rows: readonly Readonly<Record<string, string>>[],
  count: number,
): Readonly<Record<string, string>>[] {
  if (rows.length === 0) return [];
  return Array.from({ length: count }, (_, i) => {
    const row = rows[i % rows.length] ?? {};
    const number = Math.floor(i / rows.length) + 1;
    return {
      ...row,
      code: `${row['code'] ?? ''}.${String(number).padStart(4, '0')}`,
      place_zh: placeName(row['level'] ?? '', number),
    };
  });
}

function placeName(level: string, number: number): string {
  const kind = level === 'village' ? '村' : level === 'town' ? '镇' : '区';
  return `示例${kind}${String(number).padStart(3, '0')}`;
}
