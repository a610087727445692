import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { settingsOf } from './settings-of.js';

const programs = { identity: 'I', ledger: 'L', window: 'W', front: 'F' } as const;

/** What `services.ts` tells its children itself; addresses are counted at the front alone. */
const told = (program: string) => [
  ...['PUBLIC_URL', 'ISSUER_URL', 'KEYS_DIR', 'DATABASE_URL', 'LOG_POLICY'],
  ...['IDENTITY_URLS', 'LEDGER_URLS', 'WINDOW_URLS'],
  ...(program === 'front' ? [] : ['PROXIES']),
];

/** Rows of docs/operations/settings.md: the setting, and the letters of the programs it is for. */
const rows = [
  ...readFileSync('docs/operations/settings.md', 'utf8').matchAll(
    /^\| `([A-Z_]+)` *\|[^|]*\|([CILWFTM ]+)\|/gm,
  ),
].map(([, name = '', letters = '']) => ({ name, letters: letters.trim().split(' ') }));

test.each(Object.entries(programs))(
  '%s of `npm run start:services` gets each setting that docs/operations names for it',
  (program, letter) => {
    const named = rows
      .filter(({ letters }) => letters.includes(letter))
      .map(({ name }) => name)
      // The first process reads the file, and hands on what it holds.
      .filter((name) => !name.endsWith('_FILE') && !told(program).includes(name));
    expect(settingsOf[program]?.toSorted()).toEqual(named.toSorted());
  },
);
