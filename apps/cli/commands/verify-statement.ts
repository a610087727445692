import type { Command } from 'commander';
import { isObject, utf8Bytes } from '#libs/kernel';
import { type StatementOnFile, verifyStatement } from '#libs/verify';
import { group } from '../group.js';
import { judged } from '../judged.js';
import {
  checkpointFacts,
  FileUnusable,
  means,
  policyOption,
  readJsonAs,
  readPolicy,
  readStatementKeys,
  say,
  seenBy,
  type Trusting,
} from '../offline.js';

/**
 * `mianzheng verify statement FILE`: offline, from the log's and the witnesses' public keys alone.
 */
export function register(program: Command): void {
  group(program, 'verify', 'verify the ledger and its proofs')
    .command('statement')
    .description('that materials of a case were not asked for, and which records answered them')
    .argument('<file>', 'the JSON of GET /v1/phone/cases/<case>/statement')
    .option(...policyOption)
    .option(
      '--statement-keys <file>',
      'statement keys of the ledger, signed by its log; default: statement-keys beside the policy',
    )
    .action(judged(statement));
}

async function statement(file: string, options: Trusting): Promise<void> {
  const policy = await readPolicy(options);
  const keys = await readStatementKeys(options, policy);
  const shown = verifyStatement(
    onFile(await readJsonAs(file, ['statement'], 'statement_file_malformed')),
    policy,
    keys,
    means,
  );
  const { statement } = shown;
  const facts = {
    statement,
    receipts: shown.receipts.map((receipt) => ({
      index: receipt.index,
      ...checkpointFacts(receipt),
    })),
  };
  say(shown, facts, [
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
