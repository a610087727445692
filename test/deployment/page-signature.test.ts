import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleSigner, signerName } from '../support/page-signer.js';
import { sampleProof } from '../support/papers.js';
import { pdfOf } from '../support/typesetter.js';

/** What other programs say of a signed page: poppler's pdfsig, and OpenSSL. */
const at = '2026-11-30T10:05:02.000Z';
let folder: string;
let signed: Buffer;
let certificate: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mianzheng-signature-'));
  const sample = sampleSigner();
  certificate = sample.certificate;
  signed = Buffer.from(await sample.signer.sign(await pdfOf(sampleProof('ZM002', 'zh')), at));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const file = (name: string, bytes: Uint8Array | string): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
const pdfsig = (bytes: Uint8Array): string => {
  const { stdout } = spawnSync('pdfsig', [file('page.pdf', bytes)], {
    env: { PATH: process.env['PATH'], TZ: 'UTC', LANG: 'C.UTF-8' },
    encoding: 'utf8',
  });
  return stdout;
};

describe('pdfsig', () => {
  test('finds the signature valid, over the whole document, of the kind of PAdES', () => {
    const said = pdfsig(signed);
    expect(said).toContain('Signature is Valid.');
    expect(said).toContain('Total document signed');
    expect(said).toContain('ETSI.CAdES.detached');
    expect(said).toContain('Nov 30 2026 10:05:02');
    expect(said).toContain(`样品 SAMPLE ${signerName}`);
  });

  test('finds one bit that was changed anywhere outside the signature', () => {
    const places = [200, Math.floor(signed.length / 2), signed.length - 120];
    for (const place of places) {
      const changed = Buffer.from(signed);
      changed[place] = changed[place]! ^ 1;
      expect([place, pdfsig(changed)]).toEqual([place, expect.not.stringContaining('is Valid.')]);
    }
  });

  test('does not find the whole document signed where something was appended', () => {
    expect(pdfsig(Buffer.concat([signed, Buffer.from('% more\n')]))).not.toContain(
      'Total document signed',
    );
  });
});

test('OpenSSL verifies it as CAdES: the certificate is among what was signed', () => {
  const text = signed.toString('latin1');
  const [, ...range] = /\/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]/.exec(text) ?? [];
  const [, first = 0, second = 0] = range.map(Number);
  const content = Buffer.concat([signed.subarray(0, first), signed.subarray(second)]);
  const hex = text.slice(first + 1, second - 1);
  const pem = `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64')}\n-----END CERTIFICATE-----\n`;
  const args = [
    ...['cms', '-verify', '-cades', '-binary', '-inform', 'DER', '-purpose', 'any'],
    ...['-in', file('signature', Buffer.from(hex, 'hex'))],
    ...['-content', file('content', content), '-CAfile', file('certificate', pem)],
    ...['-attime', String(Date.parse(at) / 1000), '-out', join(folder, 'out')],
  ];
  expect(() => execFileSync('openssl', args, { stdio: 'pipe' })).not.toThrow();
  file('content', Buffer.concat([content, Buffer.of(0)]));
  expect(() => execFileSync('openssl', args, { stdio: 'pipe' })).toThrow();
});
