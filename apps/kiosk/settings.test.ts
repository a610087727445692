import { describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kioskSettings } from './settings.js';

const least = {
  PUBLIC_URL: 'https://ledger.city.example',
  PRINTER_URI: 'ipps://printer.local/ipp/print',
};
const read = (env: Readonly<Record<string, string>> = {}) =>
  kioskSettings({ ...least, ...env }, '/srv', 'kiosk');

describe('the settings of a kiosk', () => {
  test('need the city and the printer alone', () => {
    expect(read()).toMatchObject({
      host: '127.0.0.1',
      port: 8377,
      origin: 'http://localhost:8377',
      pagesPerDay: 500,
      unchangedSeconds: 120,
      outputReason: null,
      sampleDocuments: null,
      printer: { certificate: undefined },
    });
  });

  test.each([
    ['PUBLIC_URL', 'http://ledger.city.example'],
    ['PUBLIC_URL', 'https://ledger.city.example/kiosk'],
    ['PRINTER_URI', 'ipp://printer.local/ipp/print'],
    ['PRINTER_URI', 'http://127.0.0.1:631/ipp/print'],
    ['PRINTER_CERTIFICATE', '/nowhere.pem'],
    ['PRINTER_OUTPUT_REASON', 'Output Full'],
    ['KIOSK_ORIGIN', 'http://kiosk.hall.example:8377'],
    ['KIOSK_ORIGIN', 'https://localhost'],
    ['HOST', '0.0.0.0'],
    ['HOST', '192.0.2.7'],
    ['PAGES_PER_DAY', '0'],
    ['PRINT_WAIT_SECONDS', '3601'],
  ])('refuse %s=%s', (setting, value) => {
    expect(() => read({ [setting]: value })).toThrow(
      expect.objectContaining({ code: 'setting_invalid', facts: { setting } }),
    );
  });

  test('take a printer of this machine in clear, a city of a trial on it, and a port of a container', () => {
    expect(read({ PRINTER_URI: 'ipp://localhost:60000/ipp/print' }).printer.uri).toMatch(/^ipp:/);
    expect(read({ PUBLIC_URL: 'http://localhost:8080' }).city.host).toBe('localhost:8080');
    const KIOSK_ORIGIN = 'http://localhost:8377';
    expect(read({ HOST: '0.0.0.0', PORT: '8080', KIOSK_ORIGIN }).origin).toBe(KIOSK_ORIGIN);
  });

  test('take the certificate of one printer', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-kiosk-'));
    const [one, two] = [join(folder, 'one.pem'), join(folder, 'two.pem')];
    const pem = '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n';
    await Promise.all([writeFile(one, pem), writeFile(two, pem + pem)]);
    expect(read({ PRINTER_CERTIFICATE: one }).printer.certificate).toBe(pem);
    expect(() => read({ PRINTER_CERTIFICATE: two })).toThrow(/PRINTER_CERTIFICATE/);
    await rm(folder, { recursive: true });
  });
});
