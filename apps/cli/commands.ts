import type { CommandTable } from './command-entry.js';
import { keepHeapSmall } from './small-heap.js';

/**
 * By the words that call them. A file is loaded when its command is called: some bring the whole
 * ledger with them.
 */
export const commands: CommandTable = {
  backup: {
    description: 'back up the whole ledger into a folder, while it runs',
    examples: ['backup /backups/2026-07-01'],
    load: () => import('./commands/backup.js'),
  },
  'certificates amend': {
    description: 'sign and submit the next version of one of the authority’s certificates',
    examples: [
      'certificates amend qf3H0m1V2bQ0v4yJ8m7TJw --from now.csv --as-of 2026-11-22 --reason change --key authority.jwk --client ID --authority CREDIT_CODE',
      'certificates amend --serial-from-file number.txt --from granted-anew.ndjson --as-of 2026-11-22 --reason reissue --key authority.jwk --client ID --authority CREDIT_CODE',
    ],
    load: () => import('./commands/certificates-amend.js'),
  },
  'certificates cancel': {
    description: 'cancel one of the authority’s certificates that is no longer needed',
    examples: [
      'certificates cancel qf3H0m1V2bQ0v4yJ8m7TJw --reason holder_request --key authority.jwk --client ID',
    ],
    load: () => import('./commands/certificates.js'),
  },
  'certificates reinstate': {
    description: 'reinstate a suspended certificate',
    examples: [
      'certificates reinstate qf3H0m1V2bQ0v4yJ8m7TJw --reason review_closed --key authority.jwk --client ID',
    ],
    load: () => import('./commands/certificates.js'),
  },
  'certificates revoke': {
    description: 'revoke one of the authority’s certificates permanently',
    examples: [
      'certificates revoke --serial-from-file number.txt --reason penalty --key authority.jwk --client ID',
    ],
    load: () => import('./commands/certificates.js'),
  },
  'certificates search': {
    description: 'list the authority’s certificates, newest first',
    examples: ['certificates search --state suspended --key authority.jwk --client ID'],
    load: () => import('./commands/certificates.js'),
  },
  'certificates show': {
    description: 'show the state and the versions of one of the authority’s certificates',
    examples: ['certificates show qf3H0m1V2bQ0v4yJ8m7TJw --key authority.jwk --client ID --json'],
    load: () => import('./commands/certificates.js'),
  },
  'certificates suspend': {
    description: 'suspend one of the authority’s valid certificates',
    examples: [
      'certificates suspend qf3H0m1V2bQ0v4yJ8m7TJw --reason under_review --key authority.jwk --client ID',
    ],
    load: () => import('./commands/certificates.js'),
  },
  'clients change-types': {
    description: 'change the certificate types that an issuing authority may issue',
    examples: ['clients change-types VwYdZzZk0n4mX8yq1rT7Cg --add ZZ003,ZZ018 --remove ZZ001'],
    load: () => import('./commands/clients-change-types.js'),
  },
  'clients disable': {
    description: 'disable a client, at once and in every process',
    examples: ['clients disable VwYdZzZk0n4mX8yq1rT7Cg --reason stolen'],
    load: () => import('./commands/clients-access.js'),
  },
  'clients enable': {
    description: 'enable a disabled client',
    examples: ['clients enable VwYdZzZk0n4mX8yq1rT7Cg --reason returned'],
    load: () => import('./commands/clients-access.js'),
  },
  'clients list': {
    description: 'list registered clients',
    examples: ['clients list', 'clients list --json'],
    load: () => import('./commands/clients-list.js'),
  },
  'clients register': {
    description: 'register a client by the request made with its key (keys prove)',
    examples: [
      'clients register window-7.json',
      'clients register --holder-key window-7.jwk --kind terminal --name 三号窗口 --department 人社 --window hall-1-03',
    ],
    load: () => import('./commands/clients-register.js'),
  },
  'clients rotate-key': {
    description: 'replace all keys of a client with a new one',
    examples: ['clients rotate-key VwYdZzZk0n4mX8yq1rT7Cg new-key.json'],
    load: () => import('./commands/clients-rotate-key.js'),
  },
  'clients show': {
    description: 'show the registration of a client',
    examples: ['clients show VwYdZzZk0n4mX8yq1rT7Cg'],
    load: () => import('./commands/clients-show.js'),
  },
  completion: {
    description: 'print the completion script of a shell',
    examples: [
      'completion bash > /etc/bash_completion.d/mianzheng',
      'completion zsh > ~/.mianzheng.zsh   # and: source ~/.mianzheng.zsh',
    ],
    load: () => import('./commands/completion.js'),
  },
  erase: {
    description: "erase a subject, as the privacy officer who holds an administrator's key",
    examples: ['erase --help'],
    load: () => import('./commands/erase.js'),
  },
  'event-store prepare': {
    description: 'create the ledger’s user in EventStoreDB and restrict writing to it',
    examples: [
      'event-store prepare',
      'event-store prepare --others keep',
      'event-store prepare --reset-password',
    ],
    load: () => import('./commands/event-store-prepare.js'),
  },
  exclude: {
    description: 'exclude foreign events from the ledger, by two administrators',
    examples: [
      'exclude book-9aX4mY0q2bC7dE1fG3hI5j --reason another-program',
      'exclude --position 40185 --hash 9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a --reason unknown',
      'exclude --approve w0vF4cZtYyq9p4rT1dJZ3w --as second-administrator --key second.jwk',
    ],
    load: () => import('./commands/exclude.js'),
  },
  'import catalogue': {
    description: 'import types, matters and rules from a file',
    examples: ['import catalogue contracts/catalogue/matters.tsv'],
    load: () => import('./commands/import-catalogue.js'),
  },
  'import certificates': {
    description: 'sign and submit the certificates of a file',
    examples: [
      'import certificates nightly.csv --key authority.jwk --client ID --authority CREDIT_CODE',
    ],
    load: () => import('./commands/import-certificates.js'),
  },
  'keys approve': {
    description: 'approve a new key of a client, with its old key or an administrator’s',
    examples: [
      'keys approve new-key.json --client VwYdZzZk0n4mX8yq1rT7Cg --by second-administrator --key mine.jwk',
    ],
    load: () => import('./commands/keys-approve.js'),
  },
  'keys new': {
    description: 'make a private key in a new file, and print its public half',
    examples: ['keys new window-7.jwk'],
    load: () => import('./commands/keys.js'),
  },
  'keys prove': {
    description: 'make the registration request for a key, with its proof of possession',
    examples: [
      'keys prove window-7.jwk --city city.example --kind terminal --name 三号窗口 --department 人社 --window hall-1-03 > window-7.json',
      'keys prove new.jwk --city city.example --client VwYdZzZk0n4mX8yq1rT7Cg --old-key authority.jwk > new-key.json',
    ],
    load: () => import('./commands/keys-prove.js'),
  },
  'keys rotate-master': {
    description: 'rotate the master key of the vault (while no city runs)',
    examples: ['keys rotate-master'],
    load: () => import('./commands/rotate-keys.js'),
  },
  'keys rotate-signing': {
    description: 'rotate the keys that sign access tokens, consent tokens and statements',
    examples: ['keys rotate-signing', 'keys rotate-signing --issuer --announce'],
    load: () => import('./commands/rotate-signing.js'),
  },
  'log key': {
    description: "print the log's verifier key, for witnesses and policies; needs no database",
    examples: ['log key', 'log key --make'],
    load: () => import('./commands/log-key.js'),
  },
  'log new-witness': {
    description: 'accept a new witness beside a city whose log has been signed',
    examples: ['log new-witness'],
    load: () => import('./commands/log-new-witness.js'),
  },
  'log resume': {
    description: 'lift the refusal of the sealer, once its cause is fixed',
    examples: ['log resume'],
    load: () => import('./commands/log-resume.js'),
  },
  replay: {
    description: 'rebuild read models from the records, while the city runs',
    examples: ['replay', 'replay wallet --check'],
    load: () => import('./commands/replay.js'),
  },
  restore: {
    description: 'restore a backup into an empty database, and check the whole ledger',
    examples: ['restore /backups/2026-07-01'],
    load: () => {
      keepHeapSmall();
      return import('./commands/restore.js');
    },
  },
  'verify book': {
    description: 'check offline that a list of accesses is complete',
    examples: ['verify book book.json --policy log-policy'],
    load: () => import('./commands/verify-receipt.js'),
  },
  'verify chains': {
    description: 'check every record and chain of the whole ledger; needs no policy',
    examples: ['verify chains'],
    load: () => {
      keepHeapSmall();
      return import('./commands/verify-chains.js');
    },
  },
  'verify ledger': {
    description:
      'check a whole ledger: hashes, chains, tree, tiles, checkpoints, redemptions, signatures',
    examples: [
      'verify ledger',
      'verify ledger --json --policy log-policy',
      'verify ledger --url https://city.example --client ID --key auditor.jwk --policy log-policy',
    ],
    load: () => {
      keepHeapSmall();
      return import('./commands/verify-ledger.js');
    },
  },
  'verify pages': {
    description: 'check that a city serves the pages that were built here',
    examples: ['verify pages https://city.example'],
    load: () => import('./commands/verify-pages.js'),
  },
  'verify receipt': {
    description: 'check a release or a receipt offline (of a book: verify book)',
    examples: ['verify receipt release.json --policy log-policy'],
    load: () => import('./commands/verify-receipt.js'),
  },
  'verify statement': {
    description: 'check an exemption statement offline',
    examples: ['verify statement statement.json --policy log-policy'],
    load: () => import('./commands/verify-statement.js'),
  },
  'watch authority': {
    description: 'alert an authority of keys and certificates in its name that it did not make',
    examples: [
      'watch authority --url https://city.example --authority CREDIT_CODE --keys kids.txt --policy log-policy',
      'watch authority --url https://city.example --authority CREDIT_CODE --keys kids.txt --policy log-policy --client ID --key auditor.jwk --certificates "*.results*.csv" --every 60',
    ],
    load: () => import('./commands/watch-authority.js'),
  },
};
