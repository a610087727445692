import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { text } from './repository.js';

// Only what the script itself decides: pg_basebackup and postgres are doubles that write down what
// they were told.
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mianzheng-standby-'));
  for (const each of ['bin', 'secrets']) mkdirSync(join(folder, each));
  writeFileSync(join(folder, 'secrets/replication_password'), 'word\n');
  program(
    'pg_basebackup',
    `for each; do case $each in --pgdata=*) to=\${each#*=};; esac; done
     mkdir -p "$to"
     echo 15 >"$to/PG_VERSION"
     : >"$to/standby.signal"
     printf "%s\\n" "synchronous_standby_names = 'standby'" "primary_conninfo = 'x'" >"$to/postgresql.auto.conf"`,
  );
  // The primary is not there the first time.
  program('pg_isready', `[ -e '${folder}/asked' ] || { : >'${folder}/asked'; exit 1; }`);
  program('postgres', ':');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string, does: string): void {
  const file = join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\necho ${name} "$@" >>'${folder}/told'\n${does}\n`);
  chmodSync(file, 0o755);
}

/** Starts the standby, and says what the doubles were told. */
function start(env: Readonly<Record<string, string>> = {}): string {
  const script = text('docker/postgres/standby.sh')
    .replace('/tmp/replication.pgpass', join(folder, 'pgpass'))
    .replace('/run/secrets', join(folder, 'secrets'));
  writeFileSync(join(folder, 'told'), '');
  execFileSync('/bin/sh', ['-c', script, 'standby.sh', '-c', 'max_connections=300'], {
    env: {
      PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      PGDATA: join(folder, 'data'),
      ...env,
    },
    stdio: 'pipe',
  });
  return readFileSync(join(folder, 'told'), 'utf8');
}

const waitsFor = () =>
  [
    ...readFileSync(join(folder, 'data/postgresql.auto.conf'), 'utf8').matchAll(
      /^synchronous_standby_names = (.*)$/gm,
    ),
  ].at(-1)?.[1];

describe('docker/postgres/standby.sh', () => {
  test('copies the primary once, from the host that it is told, and follows it under the name that the primary waits for', () => {
    expect(start()).toMatch(
      /^(pg_isready --quiet --host=postgres .*\n){2}pg_basebackup --host=postgres .*--slot=standby/,
    );
    expect(start()).toBe('postgres -c cluster_name=standby -c max_connections=300\n');
    rmSync(join(folder, 'data'), { recursive: true });
    expect(start({ PRIMARY_HOST: 'postgres-standby' })).toContain('--host=postgres-standby ');
  });

  test('shows the primary its password, and does nothing without one', () => {
    start();
    expect(readFileSync(join(folder, 'pgpass'), 'utf8')).toBe('*:*:*:replicator:word\n');
    rmSync(join(folder, 'secrets/replication_password'));
    rmSync(join(folder, 'data'), { recursive: true });
    expect(() => start()).toThrow('replication_password');
    expect(readFileSync(join(folder, 'told'), 'utf8')).toBe('');
  });

  test('waits for nobody, although the primary’s setting came with the copy', () => {
    start();
    expect(waitsFor()).toBe("''");
  });

  test('once promoted, waits for whom it was told by ALTER SYSTEM, also after a restart', () => {
    start();
    rmSync(join(folder, 'data/standby.signal'));
    writeFileSync(
      join(folder, 'data/postgresql.auto.conf'),
      "synchronous_standby_names = 'standby'\n",
    );
    expect(start()).not.toContain('synchronous_standby_names');
    expect(waitsFor()).toBe("'standby'");
  });
});
