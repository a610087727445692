import { describe, expect, test } from '@jest/globals';
import { programs, text } from './repository.js';
import { variablesRead } from './variables.js';

const service = text('systemd/mianzheng-kiosk.service');
const browser = text('systemd/mianzheng-kiosk-browser.service');
const valuesOf = (unit: string, name: string) =>
  [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value = '']) => value);

describe('the units of a kiosk', () => {
  test('start a program that there is, by settings that it reads', () => {
    const [command = ''] = valuesOf(service, 'ExecStart');
    expect(programs()).toContain(command.split('scripts/start.mjs ')[1]);
    const named = valuesOf(service, 'Environment').map((value) => value.split('=')[0] ?? '');
    expect(named.filter((name) => !variablesRead().has(name))).toEqual([]);
  });

  test('open the page where the program leaves it, and begin again with the program', () => {
    const [folder = ''] = valuesOf(service, 'Environment')
      .filter((value) => value.startsWith('DATA_DIR='))
      .map((value) => value.slice('DATA_DIR='.length));
    expect(valuesOf(browser, 'ExecStart')[0]).toContain(` file://${folder}/page.html`);
    expect(folder).toBe(`/var/lib/${valuesOf(service, 'StateDirectory')[0] ?? ''}`);
    expect(valuesOf(browser, 'BindsTo')).toEqual(['mianzheng-kiosk.service']);
  });

  test('have the browser reach this machine alone', () => {
    expect([valuesOf(browser, 'IPAddressDeny'), valuesOf(browser, 'IPAddressAllow')]).toEqual([
      ['any'],
      ['localhost'],
    ]);
  });
});
