import type { Command } from 'commander';
import { clientFetch } from '#libs/api-client';
import { amendReasons } from '#libs/certificate';
import {
  saltSecretOf,
  amendCertificate,
  ImportingCity,
  openSource,
  ResultsFile,
  type CurrentCertificate,
} from '#libs/department-client';
import { readClientKey } from '#libs/department-client/client-key';
import type { JsonObject } from '#libs/kernel';
import { group } from '../group.js';
import { asOfTime, creditCodeOf, oneOf } from '../options.js';
import { tellResult } from '../output.js';
import {
  listOf,
  OwnCertificates,
  ownCertificates,
  type OwnCertificatesOptions,
  word,
} from '../own-certificates.js';

interface Options extends OwnCertificatesOptions {
  readonly from: string;
  readonly authority: string;
  readonly reason: string;
  readonly city?: string;
  readonly encoding?: string;
  readonly asOf?: string;
}

/**
 * `mianzheng certificates amend`: one certificate, also where a file cannot name it: a type without
 * number, or one that is granted anew.
 */
export function register(program: Command): void {
  ownCertificates(group(program, 'certificates').command('amend').argument('[id]'))
    .requiredOption(
      '--from <file>',
      'the new content: one certificate in the format of `import certificates` (.csv or .ndjson)',
    )
    .requiredOption('--reason <reason>', `reason code: ${amendReasons.join(', ')}`)
    .requiredOption('--authority <code>', "the authority's unified social credit code")
    .option(
      '--as-of <time>',
      'time as of which it holds: 2026-11-22 or 2026-11-22T18:30:00; needed if the file has no as_of',
    )
    .option('--city <code>', 'credit code for types without a national code; default: --authority')
    .option('--encoding <name>', 'utf-8, utf-16le, utf-16be or gb18030, if it cannot be detected')
    .action(amend);
}

async function amend(id: string | undefined, options: Options): Promise<void> {
  const authority = creditCodeOf('--authority', options.authority);
  const reason = oneOf('--reason', options.reason, amendReasons);
  const asOf = options.asOf === undefined ? {} : { asOf: asOfTime('--as-of', options.asOf) };
  const { apiKey, signing } = await readClientKey(options.key);
  const own = await OwnCertificates.open(options);
  const city = new ImportingCity(
    options.url,
    clientFetch({
      baseUrl: options.url,
      client: options.client,
      key: apiKey,
      scopes: ['certificates:issue', 'matters:read'],
    }),
  );
  const path = await own.named(id, options);
  const answer = await amendCertificate({
    file: options.from,
    source: await openSource(options.from, city, options.encoding),
    city,
    issuer: {
      creditCode: authority,
      cityCreditCode: options.city === undefined ? authority : creditCodeOf('--city', options.city),
      secret: saltSecretOf(signing.key),
    },
    key: signing,
    reason,
    current: async () => currentIn(await own.get(path)),
    ...asOf,
  });
  const { line, certificate, version, state, record, flags } = answer;
  const results = new ResultsFile(options.from);
  await results.add({ line, certificate, version, state, record, flags });
  await results.close();
  tellResult({ certificate, version, state, record, resultsFile: results.path }, [
    `${certificate}: version ${version} ${state}; record ${record}`,
    `给 watch authority / for watch authority: ${results.path ?? ''}`,
  ]);
}

const currentIn = (answer: JsonObject): CurrentCertificate => ({
  certificate: word(answer['certificate']),
  type: word(answer['type']),
  versions: listOf(answer['versions']).map(({ number, digest, asOf }) => ({
    number: Number(number),
    digest: word(digest),
    asOf: typeof asOf === 'string' ? asOf : null,
  })),
});
