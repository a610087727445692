import { describe, expect, test } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import { sampleProof } from '../../../../test/support/papers.js';
import { pdfWith } from '../../../../test/support/pdf-with.js';
import { pdfOf } from '../../../../test/support/typesetter.js';
import { embeddedFiles, isPdf } from './pdf.ts';

const content = Buffer.from('https://city.example/p#0123456789\n');
const read = async (pdf: Buffer) =>
  (await embeddedFiles(new Uint8Array(pdf))).map((file) => Buffer.from(file).toString());

describe('files in a PDF', () => {
  test('are found packed and plain, among other streams', async () => {
    expect(
      await read(pdfWith([{ content }, { content: Buffer.from('two'), packed: false }])),
    ).toEqual([content.toString(), 'two']);
  });

  test('are found in a page as it is printed', async () => {
    const attachments = [
      { name: 'proof.txt', mediaType: 'text/plain', description: 'proof', bytes: content },
    ];
    expect(
      await read(Buffer.from(await pdfOf(sampleProof('ZM001', 'zh', { attachments })))),
    ).toEqual([content.toString()]);
  });

  test('are none where it has none', async () => {
    expect(await read(pdfWith([]))).toEqual([]);
    expect(isPdf(new Uint8Array(pdfWith([])))).toBe(true);
    expect(isPdf(new Uint8Array([0x89, 0x50, 0x4e, 0x47]))).toBe(false);
  });

  test('stay what they are where a signature was added behind them', async () => {
    const signed = Buffer.concat([
      pdfWith([{ content }]),
      Buffer.from('\n9 0 obj\n<< /Type /Sig >>\nendobj\n%%EOF\n'),
    ]);
    expect(await read(signed)).toEqual([content.toString()]);
  });

  test('are refused where a byte of them was changed or lost', async () => {
    const pdf = pdfWith([{ content }]);
    const packed = deflateSync(content);
    const from = pdf.indexOf(packed);
    for (let at = from; at < from + packed.length; at += 1) {
      const changed = Buffer.from(pdf);
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(read(changed)).rejects.toThrow();
    }
    await expect(read(pdf.subarray(0, from + 10))).rejects.toThrow();
  });

  test('are refused where they unpack to more than any proof is', async () => {
    await expect(read(pdfWith([{ content: Buffer.alloc(2 * 1024 * 1024) }]))).rejects.toThrow(
      'too large',
    );
  });
});
