import type { Command } from 'commander';
import { join } from 'node:path';
import { isObject, utf8Bytes } from '#libs/kernel';
import { openStatementKeys, type StatementOnFile, verifyStatement } from '#libs/verify';
import { group } from '../group.js';
import { FileUnusable, means, parse, read, readPolicy, say, seenBy } from '../offline.js';

/** `mianzheng verify statement FILE`: offline, from the log's and the witnesses' public keys alone. */
export function register(program: Command): void {
  group(program, 'verify', 'check what the ledger says')
    .command('statement')
    .description('that materials of a case were not asked for, and which records answered them')
    .argument('<file>', 'the JSON of GET /v1/phone/cases/<case>/statement')
    .option(
      '--policy <folder>',
      'folder with log-policy (keys of log and witnesses, got another way than from the city) and statement-keys, which the log signed',
      'data',
    )
    .action(statement);
}

async function statement(file: string, options: { readonly policy: string }): Promise<void> {
  const policy = await readPolicy(join(options.policy, 'log-policy'));
  const keys = openStatementKeys(await read(join(options.policy, 'statement-keys')), policy, means);
  const shown = verifyStatement(onFile(parse(await read(file))), policy, keys, means);
  const { statement } = shown;
  say([
    `The ledger ${statement.city} stated at ${statement.issued}, and its log bears it out:`,
    `in the case ${statement.case} at the window ${statement.window} of ${statement.department},`,
    `for ${statement.matterNameZh} (${statement.matter}, rule version ${statement.ruleVersion}), the holder ${statement.subject}`,
    'was not asked for',
    ...statement.materials.map(
      ({ material, nameZh, type, answeredBy }) =>
        `  ${material} ${nameZh}: answered by a certificate ${type}, ${answeredBy.time}, ${answeredBy.stream} version ${answeredBy.version}`,
    ),
    ...shown.receipts.flatMap((receipt) => [
      `leaf ${receipt.index} of the log, as the log signed it at ${receipt.checkpoint.size} leaves`,
      ...seenBy(receipt),
    ]),
    'Names, rule version and the holder’s name are the ledger’s signed word; the rest stands in the log.',
  ]);
}

/** The file as the verifier takes it. Whether it holds anything true is the verifier's to say. */
function onFile(value: unknown): StatementOnFile {
  if (!isObject(value) || typeof value['statement'] !== 'string') throw malformed();
  const { statement, records } = value;
  if (!Array.isArray(records)) throw malformed();
  return {
    statement,
    records: records.map((record: unknown) => {
      if (!isObject(record)) throw malformed();
      const { bytes, receipt } = record;
      if (typeof bytes !== 'string' || typeof receipt !== 'string') throw malformed();
      return { bytes: utf8Bytes(bytes), receipt: utf8Bytes(receipt) };
    }),
  };
}

const malformed = () =>
  new FileUnusable('statement_file_malformed', 'the file is not the JSON of a statement');
