import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { CertificatePageSigner, sampleCertificate } from '#libs/proof/paper';
import { sampleSigner, signerName } from '../support/page-signer.js';
import { embeddedFiles, greatestDifference, rastersOfPages } from '../support/pdf-pages.js';
import { sampleProof } from '../support/papers.js';
import { pdfOf } from '../support/typesetter.js';

const at = '2026-11-30T10:05:02.000Z';
let pdf: Uint8Array;
beforeAll(async () => {
  pdf = await pdfOf(sampleProof('ZM002', 'zh'));
});

const code = (code: string) => expect.objectContaining({ code });

describe('a signed page', () => {
  test('begins with the page as it was drawn, byte for byte, and looks and carries the same', async () => {
    const signed = await sampleSigner().signer.sign(pdf, at);
    expect(Buffer.from(signed).subarray(0, pdf.length).equals(pdf)).toBe(true);
    expect(embeddedFiles(signed)).toEqual(embeddedFiles(pdf));
    const [before, after] = [await rastersOfPages(pdf), await rastersOfPages(signed)];
    expect(after).toHaveLength(before.length);
    expect(greatestDifference(before[0]!, after[0]!)).toBe(0);
  });

  test('is signed from its first byte to its last, all but the signature itself', async () => {
    const signed = Buffer.from(await sampleSigner().signer.sign(pdf, at)).toString('latin1');
    const [, ...range] = /\/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]/.exec(signed) ?? [];
    const [start, first, second, rest] = range.map(Number) as [number, number, number, number];
    expect([start, second + rest]).toEqual([0, signed.length]);
    expect(signed.slice(first, second)).toMatch(/^<[0-9a-f]+>$/);
  });

  test('is signed in its own objects, whatever an attachment looks like', async () => {
    const bytes = Buffer.from(
      '\n1 0 obj\n<< /Type /Page >>\nendobj\n49 0 obj\n<< /Type /Page /X 1 >>\nendobj\n',
    );
    const forged = { name: 'x.txt', mediaType: 'text/plain', description: 'x', bytes };
    const page = await pdfOf(sampleProof('ZM002', 'zh', { attachments: [forged] }));
    const signed = Buffer.from(await sampleSigner().signer.sign(page, at)).toString('latin1');
    const revision = signed.slice(page.length);
    expect(revision).toMatch(/\/Type \/Page\n[^]*\/Contents[^]*\/Annots \[\d+ 0 R\]/);
    expect(revision).not.toContain('/X 1');
  });

  test('keeps what PDF/A-3 asks of a field without an area: it prints, and is not hidden', async () => {
    const signed = Buffer.from(await sampleSigner().signer.sign(pdf, at)).toString('latin1');
    expect(signed).toMatch(/\/Subtype \/Widget \/FT \/Sig .*\/F 132 \/Rect \[0 0 0 0\]/);
    expect(signed).not.toContain('/NeedAppearances');
    expect(signed).toContain(`/M (D:20261130100502Z)`);
  });

  test('has the certificate of a trial say that it is a sample', () => {
    const { certificate, key } = sampleSigner();
    const read = new X509Certificate(certificate);
    expect(read.subject).toContain(`样品 SAMPLE ${signerName}`);
    expect(read.verify(read.publicKey)).toBe(true);
    expect(read.checkPrivateKey(key)).toBe(true);
  });
});

describe('a page is not signed', () => {
  test('that the renderer did not write so: one that is signed, cut, or of another form', async () => {
    const { signer } = sampleSigner();
    const signed = await signer.sign(pdf, at);
    for (const other of [signed, pdf.subarray(0, -40), Buffer.from('%PDF-1.7\n%%EOF')])
      expect(() => signer.sign(other, at)).toThrow(code('pdf_not_ours'));
  });

  test.each(['2026-10-31T23:59:59.000Z', '2027-11-01T00:00:01.000Z'])(
    'at a time for which the certificate is not: %s',
    (moment) => {
      expect(() => sampleSigner().signer.sign(pdf, moment)).toThrow(code('paper_part_wrong'));
    },
  );

  test('with a certificate of another key, or a key of another curve', () => {
    const { certificate } = sampleSigner();
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
    for (const key of [other, curve])
      expect(() => new CertificatePageSigner(signerName, key, certificate)).toThrow(
        code('paper_part_wrong'),
      );
  });
});

test('a certificate names years after 2049 as RFC 5280 writes them', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const made = sampleCertificate(
    privateKey,
    signerName,
    '2049-12-31T23:59:59.000Z',
    '2050-01-01T00:00:00.000Z',
  );
  const { validFrom, validTo, fingerprint256 } = new X509Certificate(made);
  expect([validFrom, validTo].map((time) => new Date(time).toISOString())).toEqual([
    '2049-12-31T23:59:59.000Z',
    '2050-01-01T00:00:00.000Z',
  ]);
  const hash = createHash('sha256').update(made).digest('hex').toUpperCase();
  expect(fingerprint256.replaceAll(':', '')).toBe(hash);
});
