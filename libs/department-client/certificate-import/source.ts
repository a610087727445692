import { openText } from '../text-file/text-file.js';
import { openCsv } from './csv-rows.js';
import { openNdjson } from './ndjson-rows.js';
import { type Columns, ImportRefused, type Source } from './rows.js';

/**
 * Opens a CSV (`.csv`, `.tsv`, `.txt`) or NDJSON (`.ndjson`, `.jsonl`) file. A CSV has the columns
 * type, holder_kind, holder_number and valid_from, if wanted role, valid_until, identifier or
 * serial, then fields of the type by name, and `file.NAME` with the path of a file; several holders
 * stand in one cell each, parted by `;`.
 * @param encoding as the user named it
 * @throws ImportRefused, TextFileRefused, and ImportRefused while rows are read
 */
export async function openSource(
  file: string,
  columns: Columns,
  encoding?: string,
): Promise<Source> {
  if (/\.(csv|tsv|txt)$/i.test(file)) return openCsv(await openText(file, encoding), columns);
  if (/\.(ndjson|jsonl)$/i.test(file)) return openNdjson(await openText(file, encoding));
  throw new ImportRefused(
    'import_format_unknown',
    '文件应为 .csv 或 .ndjson / a file is imported as .csv (.tsv, .txt) or .ndjson (.jsonl)',
    {},
    {
      hint: '电子表格请另存为 CSV UTF-8 / a spreadsheet is saved as "CSV UTF-8" first',
    },
  );
}
