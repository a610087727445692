import type { JsonValue } from '#libs/kernel';

/** A field as lines of text: a row of a table is one line. */
export function linesOf(value: JsonValue | undefined): readonly string[] {
  if (value === undefined || value === null || value === '') return [];
  if (Array.isArray(value)) return value.flatMap((one: JsonValue) => [flat(one)]);
  return [flat(value)];
}

function flat(value: JsonValue): string {
  if (value === null) return '';
  if (Array.isArray(value)) return value.map(flat).join('，');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, one]) => `${name}：${flat(one)}`)
      .join('，');
  return String(value);
}
