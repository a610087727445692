import { describe, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { takeIdsWithDashes } from './ids-with-dashes.js';

describe('an id of the ledger may begin with a dash, and is an argument all the same:', () => {
  function parsed(...words: readonly string[]): unknown {
    let seen: unknown;
    const program = new Command('mianzheng').version('1.0.0').exitOverride();
    program.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    const group = program.command('certificates');
    const command = group
      .command('show')
      .argument('[id]')
      .option('--json')
      .option('--case <id>')
      .action((id, options) => {
        seen = { id, ...(options as object) };
      });
    takeIdsWithDashes([program, group, command]);
    program.parse(['certificates', 'show', ...words], { from: 'user' });
    return seen;
  }
  const dashed = '-FK5oKHbd1qAEyjmd4k3dg';

  test.each([dashed, '-hK5oKHbd1qAEyjmd4k3dg', '-VK5oKHbd1qAEyjmd4k3dg', '--K5oKHbd1qAEyjmd4k3dg'])(
    '%s',
    (id) => {
      expect(parsed(id)).toEqual({ id });
      expect(parsed(id, '--json')).toEqual({ id, json: true });
      expect(parsed('--json', id)).toEqual({ id, json: true });
      expect(parsed('--', id)).toEqual({ id });
    },
  );

  test('as the value of an option it stays its value', () => {
    expect(parsed('--case', dashed)).toEqual({ id: undefined, case: dashed });
    expect(parsed('--case', dashed, dashed)).toEqual({ id: dashed, case: dashed });
  });

  test('other words with a dash are options, known or not', () => {
    expect(() => parsed('-x')).toThrow(/unknown option '-x'/);
    expect(() => parsed(`${dashed}A`)).toThrow(/unknown option/);
  });
});
