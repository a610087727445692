// Refuses names that were given up: docs/glossary.md has the word that stands for each thing now.
// Run by `npm run boundaries`.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folders = ['libs', 'apps', 'contracts', 'docs'];

/** What was given up, and what stands in its place. */
const givenUp = [
  [/\bUnmoved\b|\borWithhold\b/, 'ReleasePreconditions.recheckOrWithhold'],
  [/\bHandingOver\b/, 'DisclosureAssembler.assemble'],
  [/\bReceiptOffice\b/, 'Receipts.waitFor'],
  [/\bLogShelf\b/, 'LogStorage'],
  [/\bSealersDesk\b|\btakeDesk\b/, 'SealerLease, acquire'],
  [/\bclass Crew\b|\bnew Crew\b/, 'WorkerPool'],
  [/\bSaying\b/, 'DecodedRecord'],
  [
    /\bkey-hands\b|\bsameHands\b|\bkeyGivers\b|\bhandsInCommon\b/,
    'separation-of-duties: sharedControl, registrars',
  ],
  [/\bWhomToErase\b/, 'ErasureTargetResolver'],
  [/\bEraserRounds\b/, 'ErasureRetryJob'],
  [/\binTodaysShape\b|\btype Lift\b/, 'upcastRecord, Upcaster'],
  [
    /\bopenGround\b|\bopenHouse\b|\binterface (Ground|House)\b/,
    'openInfrastructure, openCompositionRoot',
  ],
  [
    /\bPrivacy(Module|Keys|Event|Controller)\b|\bprivacySchemas\b/,
    'VaultModule, VaultKeys, SubjectEvent, SubjectController',
  ],
  [/\b(do|does): '[a-z-]+'/, "kind: '…', the tag of every command"],
  [/\bstatus(:| ===| !==) '(none|unknown)'/, "'absent', the status of what is not there"],
  [
    /\b(most|longest|largest)[A-Z]\w*|\bMAX_\w*BYTES\b/,
    'maxX: a limit, with the unit where it is none of its name',
  ],
  [/\bunmoved\b|\bhandingOver\b/, 'preconditions, assembler'],
  [/\b[sS]helf\b|\bshelves\b|LogShelf/, 'storage'],
  [/\bSealingOffice\b/, 'PolicyReceipts'],
  [/\b(Issue|Amend)Certificate(Handler)?\b/, 'HandInCertificate'],
  [/\bStatement(Rules|Lines)\b/, 'RecordRules, RuleInputLines'],
  [/\bClientStandings\b|\bstandingsBehind\b/, 'ClientHistories, historiesBehind'],
  [
    /\blibs\/(privacy|projection)\b|\bapps\/(house|schema)\b|\bplatform\/embedded-postgres\b/,
    'the rooms of docs/architecture.md',
  ],
];

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else yield path;
  }
}

let found = 0;
for (const folder of folders)
  for (const path of files(join(root, folder)))
    for (const [index, line] of readFileSync(path, 'utf8').split('\n').entries())
      for (const [word, now] of givenUp)
        if (word.test(line)) {
          found++;
          process.stdout.write(
            `${path.slice(root.length)}:${index + 1}: ${word.exec(line)?.[0]} is now ${now}\n`,
          );
        }
process.stdout.write(`${found} old words\n`);
process.exitCode = found === 0 ? 0 : 1;
