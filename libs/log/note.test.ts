import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { utf8Bytes } from '#libs/kernel';
import { base64, fromBase64 } from './base64.js';
import {
  checkpointText,
  CheckpointError,
  cosign,
  findCosignature,
  formatCheckpoint,
  openCheckpoint,
  parseAnyCheckpoint,
  parseCheckpoint,
  signCheckpoint,
  type SignedCheckpoint,
  withSignature,
} from './checkpoint.js';
import { nodeHash } from './merkle.js';
import {
  formatKey,
  formatNote,
  NoteError,
  parseKey,
  parseNote,
  seedSigner,
  SignatureType,
  signNote,
  verifierKey,
  verifyNote,
} from './note.js';
import { formatReceipt, parseReceipt, ReceiptError } from './proof.js';

const origin = 'city.example/log';
const logKey = seedSigner(origin, SignatureType.ed25519, new Uint8Array(32).fill(1));
const witnessKey = seedSigner(
  'witness.example/w',
  SignatureType.cosignature,
  new Uint8Array(32).fill(2),
);
const root = nodeHash(new Uint8Array(32), new Uint8Array(32));
const signed = signCheckpoint({ origin, size: 2, root }, logKey);
const cosigned = withSignature(signed, cosign(signed, 1_763_800_000, witnessKey));

const flip = (bytes: Uint8Array, bit: number) => {
  const flipped = bytes.slice();
  const at = bit % (bytes.length * 8);
  flipped[at >> 3] = (flipped[at >> 3] ?? 0) ^ (1 << (at & 7));
  return flipped;
};

const seedOf = (length: number) => new Uint8Array(length).fill(3);

describe('base64', () => {
  it('agrees with Node, and has one text for one value', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
        expect(fromBase64(base64(bytes))).toEqual(bytes);
      }),
    );
    for (const text of [
      'QQ',
      'QQ=',
      'QR==',
      'Q===',
      '====',
      'QUI',
      'Q-==',
      'QQ==\n',
      'QUJD=',
      'QUJDQQ=='.slice(0, 6),
    ])
      expect(fromBase64(text)).toBeNull();
  });
});

describe('a signed note', () => {
  // C2SP signed-note, Example.
  const key = parseKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k');
  const example = utf8Bytes(
    'This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n',
  );
  it('of the specification verifies, and is written back as it was', () => {
    const note = parseNote(example);
    verifyNote(note, key);
    expect(note.text).toBe('This is an example message.\n');
    expect(utf8Bytes(formatNote(note))).toEqual(example);
    expect(formatKey(key)).toBe(
      'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    );
  });
  it('with any flipped bit is refused', () => {
    fc.assert(
      fc.property(fc.nat(example.length * 8 - 1), (bit) => {
        expect(() => {
          verifyNote(parseNote(flip(example, bit)), key);
        }).toThrow(NoteError);
      }),
    );
  });
  it('may hold lines of keys that nobody knows, but none in a known key’s name that is wrong', () => {
    const text = 'one\n\ntwo\n';
    const other = seedSigner('other.example', SignatureType.ed25519, new Uint8Array(32).fill(9));
    const right = signNote(text, logKey);
    const both = parseNote(
      utf8Bytes(formatNote({ text, signatures: [signNote(text, other), right] })),
    );
    expect(both.text).toBe(text);
    verifyNote(both, logKey.key);
    const forged = { ...right, signature: flip(right.signature, 7) };
    const note = { text, signatures: [right, forged] };
    expect(() => {
      verifyNote(note, logKey.key);
    }).toThrow(expect.objectContaining({ code: 'signature_wrong' }));
    expect(() => {
      verifyNote({ text, signatures: [forged] }, other.key);
    }).toThrow(expect.objectContaining({ code: 'signature_missing' }));
  });
  it.each([
    ['no signature', 'text\n\n'],
    ['no blank line', 'text\n— a AAAAAAA=\n'],
    ['a carriage return', 'text\r\n\n— a AAAAAAA=\n'],
    ['no newline at the end', 'text\n\n— a AAAAAAA='],
    ['a hyphen for the dash', 'text\n\n- a AAAAAAA=\n'],
    ['no signature bytes', 'text\n\n— a AAAAAA==\n'],
    ['a plus in a name', 'text\n\n— a+b AAAAAAA=\n'],
    ['a byte order mark', '\ufefftext\n\n— a AAAAAAA=\n'],
    ['two spaces', 'text\n\n—  a AAAAAAA=\n'],
    ['a no-break space in a name', 'text\n\n— a\u00a0b AAAAAAA=\n'],
    ['a next line in a name', 'text\n\n— a\u0085b AAAAAAA=\n'],
    ['an ideographic space in a name', 'text\n\n— a\u3000b AAAAAAA=\n'],
    ['a control character in a name', 'text\n\n— a\u0001b AAAAAAA=\n'],
    ['65 signatures', `text\n\n${'— a AAAAAAA=\n'.repeat(65)}`],
    ['256 KiB', `${'x'.repeat(256 * 1024)}\n\n— a AAAAAAA=\n`],
    ['nothing', ''],
  ])('with %s is refused', (_, text) => {
    expect(() => parseNote(utf8Bytes(text))).toThrow(NoteError);
  });
  it('is read with as many and as long signatures as signed-note asks of verifiers', () => {
    const signatures = Array.from({ length: 16 }, (_, n) => ({
      name: `witness.example/${n}`,
      id: new Uint8Array([0, 0, 0, n]),
      signature: new Uint8Array(4900).fill(n),
    }));
    const note = { text: signed.note.text, signatures: [...signed.note.signatures, ...signatures] };
    const text = formatNote(note);
    expect(parseNote(utf8Bytes(text))).toEqual(note);
    const receipt = { extra: null, index: 1, path: [root], checkpoint: { ...signed, note } };
    expect(parseReceipt(utf8Bytes(formatReceipt(receipt)))).toEqual(receipt);
  });
  it.each(['\x7f', '\u009f', '\ufeff', '\u200b', '\u202e'])(
    'may name an unknown signer with %j, which is no Unicode space',
    (letter) => {
      const text = `${formatNote(signed.note)}— a${letter}b AAAAAAA=\n`;
      const note = parseNote(utf8Bytes(text));
      expect(note.signatures.at(-1)?.name).toBe(`a${letter}b`);
      expect(formatNote(note)).toBe(text);
      verifyNote(note, logKey.key);
    },
  );
  it('passes over an ML-DSA-44 cosignature, of a signer whom no key here can name', () => {
    const line = { name: witnessKey.key.name, id: new Uint8Array(4), signature: seedOf(2428) };
    const more = parseCheckpoint(utf8Bytes(formatCheckpoint(withSignature(cosigned, line))));
    verifyNote(more.note, logKey.key);
    expect(findCosignature(more, witnessKey.key)?.time).toBe(1_763_800_000n);
    const vkey = `${witnessKey.key.name}+00000000+${base64(new Uint8Array([6, ...seedOf(1312)]))}`;
    expect(() => parseKey(vkey)).toThrow(expect.objectContaining({ code: 'key_malformed' }));
  });
  it('is not verified by a key that is no point, not in its one spelling, or of small order', () => {
    const key = (first: number, last: number, fill = 0) =>
      new Uint8Array(32).fill(fill).with(0, first).with(31, last);
    for (const bytes of [key(2, 0), key(1, 0), key(0, 0x80), key(0xee, 0x7f, 255), seedOf(31)])
      expect(() => verifierKey(origin, SignatureType.ed25519, bytes)).toThrow(
        expect.objectContaining({ code: 'key_malformed' }),
      );
  });
  it.each([
    'example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'example.com/fop+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    'example.com/foo+530d903a+',
    '+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
    '',
  ])('is not verified by what is no key: %j', (text) => {
    expect(() => parseKey(text)).toThrow(NoteError);
  });
});

describe('a checkpoint', () => {
  it('is a note of origin, size and root', () => {
    expect(checkpointText({ origin, size: 2, root })).toBe(`${origin}\n2\n${base64(root)}\n`);
    const opened = openCheckpoint(utf8Bytes(formatCheckpoint(signed)), origin, logKey.key);
    expect(opened).toEqual(signed);
  });
  it('of another origin is refused, however alike', () => {
    for (const name of ['city.example', `${origin}/`, 'City.example/log'])
      expect(() => openCheckpoint(utf8Bytes(formatCheckpoint(signed)), name, logKey.key)).toThrow(
        expect.objectContaining({ code: 'origin_other' }),
      );
  });
  it.each([
    ['a size with a leading zero', `${origin}\n02\n${base64(root)}\n`],
    ['a negative size', `${origin}\n-2\n${base64(root)}\n`],
    ['a size past what numbers hold', `${origin}\n9007199254740993\n${base64(root)}\n`],
    ['a short root', `${origin}\n2\n${base64(root.slice(1))}\n`],
    ['an extension line', `${origin}\n2\n${base64(root)}\nmore\n`],
    ['no origin', `\n2\n${base64(root)}\n`],
    ['two lines', `${origin}\n2\n`],
  ])('with %s is refused', (_, text) => {
    const note = { text, signatures: [signNote(text, logKey)] };
    expect(() => parseCheckpoint(utf8Bytes(formatNote(note)))).toThrow(CheckpointError);
  });
  it('of another log may have extension lines, none of them empty', () => {
    const text = `${origin}\n2\n${base64(root)}\nmore\nand more\n`;
    const note = { text, signatures: [signNote(text, logKey)] };
    expect(parseAnyCheckpoint(utf8Bytes(formatNote(note)))).toEqual({
      origin,
      size: 2,
      root,
      note,
    });
    for (const bad of [`${text}\n`, text.replace('more\n', '\nmore\n'), text.slice(0, -1)])
      expect(() =>
        parseAnyCheckpoint(utf8Bytes(formatNote({ text: bad, signatures: note.signatures }))),
      ).toThrow();
  });
  it('carries the cosignature of a witness, with its time', () => {
    const again = openCheckpoint(utf8Bytes(formatCheckpoint(cosigned)), origin, logKey.key);
    expect(findCosignature(again, witnessKey.key)?.time).toBe(1_763_800_000n);
    expect(findCosignature(signed, witnessKey.key)).toBeNull();
  });
  it.each([0n, 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n])(
    'is cosigned at any time that tlog-cosignature allows, exactly: %s',
    (time) => {
      const at = withSignature(signed, cosign(signed, time, witnessKey));
      expect(findCosignature(at, witnessKey.key)?.time).toBe(time);
      const next = cosign(signed, time + 1n, witnessKey);
      const moved = { ...next, signature: new Uint8Array(next.signature) };
      moved.signature.set(at.note.signatures.at(-1)!.signature.subarray(0, 8));
      expect(() => findCosignature(withSignature(signed, moved), witnessKey.key)).toThrow(
        expect.objectContaining({ code: 'signature_wrong' }),
      );
    },
  );
  it('is not cosigned at a time past 2^63 − 1', () => {
    const line = cosign(signed, 2n ** 63n, witnessKey);
    expect(() => findCosignature(withSignature(signed, line), witnessKey.key)).toThrow(
      expect.objectContaining({ code: 'signature_wrong' }),
    );
  });
  it('is not cosigned by a plain signature of the witness’s key, nor by its cosignature of something else', () => {
    const plain = signNote(signed.note.text, witnessKey);
    expect(() => findCosignature(withSignature(signed, plain), witnessKey.key)).toThrow(NoteError);
    const other = signCheckpoint({ origin, size: 3, root }, logKey);
    const moved: SignedCheckpoint = withSignature(signed, cosign(other, 1_763_800_000, witnessKey));
    expect(() => findCosignature(moved, witnessKey.key)).toThrow(NoteError);
  });
  it('is refused with any bit of a cosignature flipped', () => {
    const line = cosign(signed, 1_763_800_000, witnessKey);
    fc.assert(
      fc.property(fc.nat(72 * 8 - 1), (bit) => {
        const flipped = { ...line, signature: flip(line.signature, bit) };
        expect(() => findCosignature(withSignature(signed, flipped), witnessKey.key)).toThrow(
          NoteError,
        );
      }),
    );
  });
  it('of the specification’s example has the text that its authors wrote', () => {
    const example =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n' +
      '— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n';
    const read = parseCheckpoint(utf8Bytes(example));
    expect(read).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
    expect(formatCheckpoint(read)).toBe(example);
  });
});

describe('the text of a receipt', () => {
  const receipt = {
    extra: new Uint8Array(32).fill(7),
    index: 1,
    path: [root],
    checkpoint: cosigned,
  };
  const text = formatReceipt(receipt);
  it('is that of tlog-proof, and reads back', () => {
    expect(text).toBe(
      `c2sp.org/tlog-proof@v1\nextra ${base64(receipt.extra)}\nindex 1\n${base64(root)}\n\n${formatCheckpoint(cosigned)}`,
    );
    expect(parseReceipt(utf8Bytes(text))).toEqual(receipt);
    const bare = formatReceipt({ ...receipt, extra: null, path: [] });
    expect(parseReceipt(utf8Bytes(bare))).toEqual({ ...receipt, extra: null, path: [] });
  });
  it.each([
    ['another first line', text.replace('@v1', '@v2')],
    ['a byte order mark', `\ufeff${text}`],
    ['an index with a leading zero', text.replace('index 1', 'index 01')],
    ['no index', text.replace('index 1\n', '')],
    ['the extra data after the index', text.replace(/(extra .*\n)(index 1\n)/, '$2$1')],
    ['a short hash', text.replace(base64(root), base64(root.slice(1)))],
    ['64 hashes', text.replace(base64(root), Array<string>(64).fill(base64(root)).join('\n'))],
    ['carriage returns', text.replaceAll('\n', '\r\n')],
    ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 2)],
    ['nothing', ''],
  ])('with %s is refused', (_, changed) => {
    expect(() => parseReceipt(utf8Bytes(changed))).toThrow(
      expect.objectContaining({ family: 'invalid' }),
    );
  });
  it('over 1 MiB is refused before it is read', () => {
    expect(() => parseReceipt(new Uint8Array(1024 * 1024 + 1))).toThrow(ReceiptError);
  });
});
