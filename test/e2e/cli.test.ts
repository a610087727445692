import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from '../../apps/cli/commands.js';
import { groups } from '../../apps/cli/group.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const mianzheng = (args: readonly string[], options: readonly string[] = []) =>
  execFileSync(process.execPath, [...options, join(root, 'scripts/mianzheng.mjs'), ...args], {
    encoding: 'utf8',
  });

describe('the command line', () => {
  test('tells what there is, and its version, without loading what the commands need', () => {
    const shown = mianzheng(['--help']);
    for (const name of Object.keys(groups)) expect(shown).toMatch(new RegExp(`^  ${name}`, 'm'));
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(mianzheng(['--version'])).toBe(`${version}\n`);
    expect(mianzheng(['keys', '--help'])).toMatch(/rotate-signing/);
    // A loader would see each file: that of the packages, which every room of the ledger needs, is
    // not among them.
    const loaded = execFileSync(
      process.execPath,
      [
        '--import',
        `data:text/javascript,${encodeURIComponent(watch)}`,
        join(root, 'scripts/mianzheng.mjs'),
        '--help',
      ],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    expect(loaded).toContain('dist/programs/cli/main.js');
    expect(loaded).not.toMatch(/dist\/libs\/|chunks\/packages-|node_modules\//);
  });

  test.each(Object.entries(commands))(
    '%s: its help has an example that calls it, --json and --quiet',
    async (name, { load, examples }) => {
      const program = new Command();
      (await load()).register(program, commands);
      let command: Command | undefined = program;
      for (const word of name.split(' '))
        command = command?.commands.find((one) => one.name() === word);
      expect(command?.name()).toBe(name.split(' ').at(-1));
      expect(examples.length).toBeGreaterThan(0);
      for (const example of examples) {
        expect(example.startsWith(`${name} `) || example === name).toBe(true);
        const flags: string[] = example.match(/(?<= )--[a-z-]+/g) ?? [];
        const known = [
          ...(command?.options.map(({ long }) => long) ?? []),
          '--json',
          '--quiet',
          '--help',
        ];
        for (const flag of flags) expect([example, known.includes(flag)]).toEqual([example, true]);
      }
    },
  );

  test('is what npx runs without reading every installed package before', () => {
    const project = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      bin?: unknown;
      version: string;
      devDependencies: Record<string, string>;
    };
    const folder = join(root, 'scripts/command');
    expect(project.devDependencies['mianzheng-command']).toBe('file:scripts/command');
    expect(project.bin).toBeUndefined();
    const { bin, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      bin: { mianzheng: string };
      version: string;
    };
    expect(version).toBe(project.version);
    const said = execFileSync(process.execPath, [join(folder, bin.mianzheng), '--version'], {
      encoding: 'utf8',
    });
    expect(said).toBe(`${project.version}\n`);
  });

  test('a command says in its --help what it takes, with an example', () => {
    const shown = mianzheng(['keys', 'new', '--help']);
    expect(shown).toMatch(/Examples:\n  mianzheng keys new window-7\.jwk/);
    expect(shown).toMatch(/--json .*\n.*--quiet /);
  });

  test.each([
    [['--help'], 0],
    [['completion', 'bash'], 0],
    [['verify', 'receipt', '/nowhere', '--json'], 2],
    [['log', 'key', '--json'], 1],
  ])('ends quietly where nothing reads what it says: %j ends with %i', async (words, code) => {
    const child = spawn(process.execPath, [join(root, 'scripts/mianzheng.mjs'), ...words], {
      env: { ...process.env, DATA_DIR: '/nowhere' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy(); // as `| head -1` does after its line
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    await once(child, 'exit');
    expect({ errors, code: child.exitCode }).toEqual({ errors: '', code });
  });

  test('tells programs why a command ended, where they look for the answer', () => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [join(root, 'scripts/mianzheng.mjs'), 'verify', 'receipt', '/nowhere', '--json'],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'file_unreadable' } });
  });

  test('is completed by bash: commands, what stands under them, and their options', () => {
    const script = mianzheng(['completion', 'bash']);
    const complete = (...words: string[]) =>
      execFileSync(
        'bash',
        [
          '-c',
          `${script}\nCOMP_WORDS=(mianzheng "$@"); COMP_CWORD=$#; _mianzheng; printf '%s\\n' "\${COMPREPLY[@]}"`,
          'bash',
          ...words,
        ],
        { encoding: 'utf8' },
      )
        .trim()
        .split('\n');
    expect(complete('cl')).toEqual(['clients']);
    expect(complete('keys', 'rotate-')).toEqual(['rotate-master', 'rotate-signing']);
    expect(complete('clients', 'register', '--holder')).toEqual(['--holder-key']);
    expect(complete('backup', '/somewhere', '--q')).toEqual(['--quiet']);
    expect(mianzheng(['completion', 'zsh'])).toMatch(/^autoload -U \+X bashcompinit/);
  });
});

/** Writes the address of each module that is loaded to standard output. */
const watch = `import { registerHooks } from 'node:module';
registerHooks({ load(url, context, next) { process.stdout.write(url + '\\n'); return next(url, context); } });`;
