import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hex, ProductError, utf8Bytes } from '#libs/kernel';
import {
  cosign,
  formatCheckpoint,
  formatKey,
  formatNote,
  formatReceipt,
  GrowingTree,
  leafHash,
  proveInclusion,
  recordBytes,
  seedSigner,
  SignatureType,
  signCheckpoint,
  signNote,
  type SignedCheckpoint,
  type Tile,
  withSignature,
} from '#libs/log';
import {
  type BookOnFile,
  contradicts,
  openStreamHead,
  parsePolicy,
  signStreamHead,
  trustCheckpoint,
  verifyBook,
  verifyReceipt,
} from './index.js';

const origin = 'city.example/log';
const seed = (n: number) => new Uint8Array(32).fill(n);
const log = seedSigner(origin, SignatureType.ed25519, seed(1));
const witnesses = [2, 3, 4].map((n) =>
  seedSigner(`witness.example/${n}`, SignatureType.cosignature, seed(n)),
);

const policyText = (quorum: string) => `# whom we trust
log ${formatKey(log.key)} https://city.example/log/
${witnesses.map(({ key }, n) => `witness w${n} ${formatKey(key)}`).join('\n')}
group two 2 w0 w1 w2
quorum ${quorum}
`;
const twoOfThree = parsePolicy(policyText('two'));
const alone = parsePolicy(policyText('none'));

/** A log of `others` unrelated records around one book of `length`. */
function ledger(length: number, others: number) {
  const stream = 'book-AAAAAAAAAAAAAAAAAAAAAA';
  const leaves: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  const places: number[] = [];
  const write = (of: string, version: number, prev: string | null) => {
    const bytes = recordBytes({
      v: 1,
      city: origin,
      id: hex(leafHash(utf8Bytes(`${of} ${version}`))).slice(0, 32),
      stream: of,
      version,
      type: 'ReleaseReadAgain',
      schema: 1,
      time: '2026-11-22T01:02:03.004Z',
      actor: { client: 'window-7' },
      data: {},
      prev,
    });
    leaves.push(leafHash(bytes));
    return bytes;
  };
  for (let n = 0; n < others; n++) write(`case-${n}`, 0, null);
  for (let version = 0; version < length; version++) {
    const before = records.at(-1);
    places.push(leaves.length);
    records.push(write(stream, version, before ? hex(leafHash(before)) : null));
    write(`type-${version}`, 0, null);
  }
  const tree = new GrowingTree();
  for (const leaf of leaves) tree.append(leaf);
  const head = { origin, size: leaves.length, root: tree.root() };
  const read = ({ level, index }: Tile) => {
    if (level > 0) return tree.edgeTile(level)!.hashes;
    const tile = leaves.slice(index * 256, (index + 1) * 256);
    return new Uint8Array(tile.flatMap((leaf) => [...leaf]));
  };
  const signed = witnesses
    .slice(0, 2)
    .reduce<SignedCheckpoint>(
      (checkpoint, witness) =>
        withSignature(checkpoint, cosign(checkpoint, 1_763_800_000, witness)),
      signCheckpoint(head, log),
    );
  const receipt = (version: number, extra: Uint8Array | null, checkpoint = signed) =>
    utf8Bytes(
      formatReceipt({
        extra,
        index: places[version]!,
        path: proveInclusion(places[version]!, checkpoint.size, read),
        checkpoint,
      }),
    );
  return { stream, records, leaves, places, head, signed, receipt };
}

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof ProductError) return error.code as string;
    throw error;
  }
  return 'accepted';
};

const book = ledger(3, 300);
const record = book.records[1]!;
const receipt = book.receipt(1, leafHash(record));

describe('a receipt', () => {
  it('shows, from public keys alone, that the record is in the log that the city and two witnesses signed', () => {
    const shown = verifyReceipt(receipt, twoOfThree, record);
    expect(shown.index).toBe(302);
    expect(shown.record).toMatchObject({ stream: book.stream, version: 1 });
    expect(shown.witnesses).toEqual([
      { name: 'w0', time: 1_763_800_000 },
      { name: 'w1', time: 1_763_800_000 },
    ]);
    expect(verifyReceipt(receipt, twoOfThree).leaf).toEqual(leafHash(record));
    expect(verifyReceipt(book.receipt(1, record), twoOfThree).record?.version).toBe(1);
    expect(verifyReceipt(book.receipt(1, null), twoOfThree, record).record?.version).toBe(1);
  });
  it('is refused with any bit flipped', () => {
    fc.assert(
      fc.property(fc.nat(receipt.length * 8 - 1), (bit) => {
        const flipped = receipt.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(codeOf(() => verifyReceipt(flipped, twoOfThree, record))).not.toBe('accepted');
      }),
      { numRuns: 500 },
    );
  });
  it('is refused for a record with any bit flipped', () => {
    fc.assert(
      fc.property(fc.nat(record.length * 8 - 1), (bit) => {
        const flipped = record.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        expect(codeOf(() => verifyReceipt(book.receipt(1, null), twoOfThree, flipped))).toBe(
          'inclusion_not_proved',
        );
        expect(codeOf(() => verifyReceipt(receipt, twoOfThree, flipped))).toBe('record_other');
      }),
    );
  });
  it('meets any bytes with a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(receipt.length), (junk, at) => {
        const spliced = new Uint8Array([...receipt.subarray(0, at), ...junk]);
        codeOf(() => verifyReceipt(junk, twoOfThree));
        codeOf(() => verifyReceipt(spliced, twoOfThree));
      }),
    );
  });
  it('of a record that names another log is refused, though the log holds it', () => {
    const foreign = recordBytes({
      ...verifyReceipt(receipt, alone, record).record!,
      city: 'other.example/log',
    });
    const tree = new GrowingTree();
    tree.append(leafHash(foreign));
    const checkpoint = signCheckpoint({ origin, size: 1, root: tree.root() }, log);
    const bytes = utf8Bytes(formatReceipt({ extra: foreign, index: 0, path: [], checkpoint }));
    expect(codeOf(() => verifyReceipt(bytes, alone))).toBe('record_of_other_log');
  });
  it('that says nothing of its record needs the record', () => {
    expect(codeOf(() => verifyReceipt(book.receipt(1, null), twoOfThree))).toBe('record_unknown');
  });
});

describe('a quorum', () => {
  const [w0] = witnesses;
  const bare = signCheckpoint(book.head, log);
  const trust = (checkpoint: SignedCheckpoint, policy = twoOfThree) =>
    codeOf(() => trustCheckpoint(checkpoint, policy));

  it('counts a witness once, however often it signs', () => {
    const once = withSignature(bare, cosign(bare, 1_763_800_000, w0!));
    expect(trust(withSignature(once, cosign(bare, 1_763_800_001, w0!)))).toBe('quorum_missing');
    expect(trust(bare, alone)).toBe('accepted');
  });
  it('does not count witnesses that the policy does not know', () => {
    const strangers = [8, 9].map((n) =>
      seedSigner(`witness.example/${n}`, SignatureType.cosignature, seed(n)),
    );
    const checkpoint = strangers.reduce(
      (signed, stranger) => withSignature(signed, cosign(signed, 1_763_800_000, stranger)),
      bare,
    );
    expect(trust(checkpoint)).toBe('quorum_missing');
  });
  it('is not reached by the log’s own key in a witness’s place', () => {
    const masked = seedSigner('witness.example/2', SignatureType.cosignature, seed(1));
    expect(trust(withSignature(book.signed, cosign(bare, 1_763_800_000, masked)))).toBe('accepted');
    expect(trust(withSignature(bare, cosign(bare, 1_763_800_000, masked)))).toBe('quorum_missing');
  });
  it('says nothing for a log that the policy does not name', () => {
    const other = seedSigner('other.example/log', SignatureType.ed25519, seed(1));
    const foreign = signCheckpoint({ ...book.head, origin: 'other.example/log' }, other);
    expect(trust(foreign, alone)).toBe('log_unknown');
    const borrowed = signCheckpoint({ ...book.head, origin: 'other.example/log' }, log);
    expect(trust(borrowed, alone)).toBe('log_unknown');
    const unsigned = {
      ...bare,
      note: { ...bare.note, signatures: [signNote(bare.note.text, other)] },
    };
    expect(trust(unsigned, alone)).toBe('signature_missing');
  });
});

describe('a policy', () => {
  const vkey = (n: number) => formatKey(witnesses[n]!.key);
  it.each([
    ['no quorum', '', 'policy_malformed'],
    ['two quorums', 'quorum none\nquorum none', 'policy_duplicate'],
    ['a quorum that nobody is', 'quorum w0', 'policy_unknown_name'],
    [
      'a member that comes later',
      `group g any w0\nwitness w0 ${vkey(0)}\nquorum g`,
      'policy_unknown_name',
    ],
    [
      'one key under two names',
      `witness a ${vkey(0)}\nwitness b ${vkey(0)}\nquorum none`,
      'policy_duplicate',
    ],
    ['a name twice', `witness a ${vkey(0)}\nwitness a ${vkey(1)}\nquorum none`, 'policy_duplicate'],
    ['a member twice', `witness a ${vkey(0)}\ngroup g 2 a a\nquorum g`, 'policy_duplicate'],
    [
      'more needed than there are',
      `witness a ${vkey(0)}\ngroup g 2 a\nquorum g`,
      'policy_malformed',
    ],
    ['none needed', `witness a ${vkey(0)}\ngroup g 0 a\nquorum g`, 'policy_malformed'],
    [
      'a log’s key for a witness',
      `witness a ${formatKey(log.key)}\nquorum none`,
      'policy_malformed',
    ],
    ['a witness’s key for a log', `log ${vkey(0)}\nquorum none`, 'policy_malformed'],
    ['an unknown keyword', 'wirness a\nquorum none', 'policy_malformed'],
    ['a carriage return', 'quorum none\r', 'policy_malformed'],
  ])('with %s is refused', (_, text, code) => {
    expect(codeOf(() => parsePolicy(text))).toBe(code);
  });
  it('may name groups of groups', () => {
    const text = `log ${formatKey(log.key)}
      witness a ${vkey(0)}\n\twitness b ${vkey(1)}\nwitness c ${vkey(2)}
      group one any a b\ngroup both all one c\nquorum both`;
    const policy = parsePolicy(text);
    expect(codeOf(() => trustCheckpoint(book.signed, policy))).toBe('quorum_missing');
    const third = withSignature(book.signed, cosign(book.signed, 1_763_800_000, witnesses[2]!));
    expect(codeOf(() => trustCheckpoint(third, policy))).toBe('accepted');
  });
});

describe('a book', () => {
  const headOf = (of: typeof book, version = of.records.length - 1) => ({
    ...of.head,
    stream: of.stream,
    version,
    leaf: leafHash(of.records[version]!),
  });
  const onFile = (of: typeof book): BookOnFile => ({
    stream: of.stream,
    records: of.records,
    receipts: of.records.map((_, version) => of.receipt(version, null)),
    head: utf8Bytes(formatNote(signStreamHead(headOf(of), log))),
  });
  const whole = onFile(book);
  const verdict = (changed: Partial<BookOnFile>) =>
    codeOf(() => verifyBook({ ...whole, ...changed }, twoOfThree));

  it('is shown whole up to the head that the city signed', () => {
    expect(verifyBook(whole, twoOfThree).records.map(({ version }) => version)).toEqual([0, 1, 2]);
  });
  it.each<[string, Partial<BookOnFile>, string]>([
    ['its last record left out', { records: book.records.slice(0, 2) }, 'head_other'],
    ['a record left out', { records: [book.records[0]!, book.records[2]!] }, 'chain_gap'],
    ['its first record left out', { records: book.records.slice(1) }, 'chain_gap'],
    ['a record twice', { records: [...book.records, book.records[2]!] }, 'chain_gap'],
    ['nothing in it', { records: [] }, 'head_other'],
    ['another stream’s name', { stream: 'book-B' }, 'chain_of_other_stream'],
    ['a receipt missing', { receipts: whole.receipts.slice(0, 2) }, 'receipt_missing'],
    ['receipts of each other', { receipts: whole.receipts.toReversed() }, 'inclusion_not_proved'],
    ['a head that nobody signed', { head: utf8Bytes('x\n\n— a AAAAAAA=\n') }, 'head_malformed'],
    [
      'a checkpoint for a head',
      { head: utf8Bytes(formatCheckpoint(book.signed)) },
      'head_malformed',
    ],
  ])('with %s is refused', (_, changed, code) => {
    expect(verdict(changed)).toBe(code);
  });
  it('with receipts of an older checkpoint than its head is refused', () => {
    const older = ledger(2, 300);
    const receipts = [older.receipt(0, null), ...whole.receipts.slice(1)];
    expect(verdict({ receipts })).toBe('receipt_of_other_checkpoint');
  });
  it('whose chain breaks in the middle is refused, though each record is sealed', () => {
    const torn = ledger(3, 10);
    const strange = recordBytes({
      ...verifyReceipt(torn.receipt(1, null), alone, torn.records[1]).record!,
      prev: 'a'.repeat(64),
    });
    expect(verdict({ records: [book.records[0]!, strange, book.records[2]!] })).toBe(
      'chain_broken',
    );
  });
  it('cannot hide a record for ever: one that turns up later proves the city wrong', () => {
    const short = openStreamHead(
      utf8Bytes(formatNote(signStreamHead(headOf(book, 1), log))),
      twoOfThree,
    );
    const found = verifyReceipt(receiptOf(2), twoOfThree, book.records[2]);
    expect(contradicts(short, found)).toBe(true);
    expect(contradicts(openStreamHead(whole.head, twoOfThree), found)).toBe(false);
    // A record that was sealed after the head was signed is no contradiction.
    expect(contradicts({ ...short, size: found.index }, found)).toBe(false);
  });
  const receiptOf = (version: number) => book.receipt(version, null);
});
