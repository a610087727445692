import type { Command } from 'commander';
import {
  cancelReasons,
  certificateStandings,
  reinstateReasons,
  revokeReasons,
  suspendReasons,
} from '#libs/certificate';
import type { JsonObject } from '#libs/kernel';
import {
  OwnCertificates,
  type OwnCertificatesOptions,
  listOf,
  ownCertificates,
  soughtBy,
  textIn,
  word,
} from '../own-certificates.js';
import { group } from '../group.js';
import { oneOf, OptionUnusable } from '../options.js';
import { isSilent, tellResult } from '../output.js';

const changes = {
  suspend: { reasons: suspendReasons, says: 'suspend a valid certificate' },
  reinstate: { reasons: reinstateReasons, says: 'reinstate a suspended certificate' },
  revoke: { reasons: revokeReasons, says: 'take a certificate back for good' },
  cancel: { reasons: cancelReasons, says: 'end a certificate that is not needed any more' },
} as const;

/**
 * `mianzheng certificates …`: an authority's own certificates, one by one. Numbers come in files: a
 * command line is seen by others.
 */
export function register(program: Command): void {
  const certificates = group(program, 'certificates');
  ownCertificates(certificates.command('show').argument('[id]'))
    .description('show the state and the versions of a certificate')
    .action(async (id: string | undefined, options: OwnCertificatesOptions) => {
      const city = await OwnCertificates.open(options);
      const answer = await city.get(await city.named(id, options));
      tellResult(answer, shown(answer), word(answer['standing']));
    });
  ownCertificates(certificates.command('search'))
    .description('list the authority’s certificates, newest first')
    .option('--holder-from-file <file>', 'a file that holds only the number of a holder')
    .option('--holder-kind <kind>', 'kind of the number (GB/T 36903)', '111')
    .option(
      '--holder-issuer <code>',
      'issuer of the number: for kinds 411–414 the state as in the passport (CHN, USA, D), for 999 the authority',
    )
    .option('--state <state>', certificateStandings.join(', '))
    .action(search);
  for (const [kind, { reasons, says }] of Object.entries(changes))
    ownCertificates(certificates.command(kind).argument('[id]'))
      .description(says)
      .requiredOption('--reason <reason>', `reason code: ${reasons.join(', ')}`)
      .action(
        async (id: string | undefined, options: OwnCertificatesOptions & { reason: string }) => {
          const reason = oneOf<string>('--reason', options.reason, reasons);
          const city = await OwnCertificates.open(options);
          const path = `${await city.named(id, options)}/${kind}`;
          const answer = await city.post(path, { reason });
          tellResult(answer, [changed(answer)]);
        },
      );
}

interface SearchOptions extends OwnCertificatesOptions {
  readonly holderFromFile?: string;
  readonly holderKind: string;
  readonly holderIssuer?: string;
  readonly state?: string;
}

async function search(options: SearchOptions): Promise<void> {
  const { holderFromFile, holderKind, holderIssuer } = options;
  const state =
    options.state === undefined ? undefined : oneOf('--state', options.state, certificateStandings);
  if (holderFromFile === undefined && holderIssuer !== undefined)
    throw new OptionUnusable(
      'option_wrong',
      '--holder-issuer 须与 --holder-from-file 同用 / goes with --holder-from-file',
      { option: '--holder-issuer' },
    );
  const city = await OwnCertificates.open(options);
  const sought = {
    ...(await soughtBy(options)),
    ...(holderFromFile !== undefined && {
      holder: {
        kind: holderKind,
        number: (await textIn(holderFromFile)).trim(),
        ...(holderIssuer !== undefined && { issuer: holderIssuer }),
      },
    }),
    ...(state !== undefined && { state }),
  };
  let count = 0;
  for (let after: unknown = null; ;) {
    const answer = await city.post('/v1/certificates/search', {
      ...sought,
      ...(typeof after === 'string' && { after }),
    });
    for (const one of listOf(answer['certificates'])) {
      tellResult(one, [found(one)], word(one['certificate']));
      count++;
    }
    after = answer['next'];
    if (typeof after !== 'string') break;
  }
  // Programs read an object for each certificate, and nothing where there is none.
  if (count === 0 && !isSilent())
    process.stdout.write('没有符合的证照 / no certificate of yours was found\n');
}

const found = (one: JsonObject): string =>
  `${word(one['certificate'])}  ${word(one['type'])}  ${word(one['standing'])}  version ${word(one['version'])}  ${word(one['validFrom'])} to ${word(one['validUntil'])}`;

const changed = ({ certificate, status, state }: JsonObject): string =>
  `${word(certificate)}: ${word(status)} (${word(state)})`;

function shown(answer: JsonObject): readonly string[] {
  const versions = listOf(answer['versions']);
  const { standsAsOf } = answer;
  const confirmed = typeof standsAsOf === 'string' && standsAsOf !== versions.at(-1)?.['asOf'];
  return [
    `${word(answer['certificate'])}  ${word(answer['type'])}  ${word(answer['standing'])}`,
    ...versions.map(
      (each) =>
        `  version ${word(each['number'])}: ${word(each['validFrom'])} to ${word(each['validUntil'])}, as of ${word(each['asOf'])}`,
    ),
    ...(confirmed
      ? [`  confirmed as of ${word(standsAsOf)}: the same came in again; older lines are refused`]
      : []),
  ];
}
