import { isCreditCode, residentIdFacts } from '#libs/kernel';
import { isWrittenAs } from '#libs/subject';
import { type Header, trimmed } from './header.js';

/**
 * Whether a line that stands within an open cell would by itself be a row of the file: where the
 * header has the holder's number stands one that checks. The line is cut at separators alone, for
 * what opened the cell may have been a stray quotation mark.
 * @param from cells before this one are not of the open cell
 */
export function looksLikeRow(text: string, { columns, separator }: Header, from = 0): boolean {
  const at = columns.indexOf('holder_number');
  if (at < from) return false;
  const cells = text.split(separator);
  const list = (cell: string | undefined) => (cell ?? '').split(';').map(trimmed);
  const kinds = list(cells[columns.indexOf('holder_kind')]);
  return list(cells[at]).some((number, n) => isHoldersNumber(number, kinds[n] ?? ''));
}

const isHoldersNumber = (number: string, kind: string): boolean =>
  isCreditCode(number) || residentIdFacts(number) !== null || isWrittenAs(kind, number);
