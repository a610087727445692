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
  type NoteSigner,
  recordBytes,
  seedSigner,
  SignatureType,
  signCheckpoint,
  signNote,
  type SignedCheckpoint,
  verifyEd25519,
  withSignature,
} from '#libs/log';
import {
  alone,
  log,
  origin,
  policyText,
  seed,
  signerOf,
  SmallLog,
  twoOfThree,
  witnesses,
} from '../../test/support/small-log.js';
import {
  bookOf,
  type BookOnFile,
  contradicts,
  openStatementKeys,
  openStreamHead,
  parsePolicy,
  type Policy,
  signStatementKeys,
  signStreamHead,
  trustCheckpoint,
  verifyBook,
  verifyReceipt,
} from './index.js';
import { opaqueText } from './opaque-text.js';

describe('the verdict on a log', () => {
  it.each([
    ['trial.city.example', true],
    ['city.example', false],
    ['trials.city.example', false],
    ['city.trial.example', false],
  ])('of %s says whether it is a trial', (name, trial) => {
    const small = new SmallLog(name);
    const stream = 'book-AAAAAAAAAAAAAAAAAAAAAA';
    const record = small.write({ stream, version: 0, prev: null });
    const policy = parsePolicy(policyText('none', [signerOf(name)]));
    expect(verifyReceipt(small.receipt(0, null), policy, record)).toMatchObject({ trial });
    const { size, root } = small.checkpoint();
    const head = utf8Bytes(
      formatNote(
        signStreamHead(
          { origin: name, stream, version: 0, leaf: leafHash(record), size, root },
          signerOf(name),
        ),
      ),
    );
    const book = { stream, records: [record], receipts: [small.receipt(0, null)], head };
    expect(verifyBook(book, policy)).toMatchObject({ trial });
  });
});

/** A log of `others` unrelated records around one book of `length`. */
function ledger(length: number, others: number) {
  const stream = 'book-AAAAAAAAAAAAAAAAAAAAAA';
  const small = new SmallLog();
  const records: Uint8Array[] = [];
  const places: number[] = [];
  const alien = (of: string) => small.write({ stream: of, version: 0, prev: null });
  for (let n = 0; n < others; n++) alien(`case-${n}`);
  for (let version = 0; version < length; version++) {
    const before = records.at(-1);
    places.push(small.leaves.length);
    records.push(small.write({ stream, version, prev: before ? hex(leafHash(before)) : null }));
    alien(`type-${version}`);
  }
  const signed = small.checkpoint();
  const { size, root } = signed;
  const receipt = (version: number, extra: Uint8Array | null, checkpoint = signed) =>
    small.receipt(places[version]!, extra, checkpoint);
  return { stream, records, places, small, head: { origin, size, root }, signed, receipt };
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
      { name: 'w0', time: 1_763_800_000n },
      { name: 'w1', time: 1_763_800_000n },
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

describe('a log with two keys in the policy', () => {
  const next = seedSigner(origin, SignatureType.ed25519, seed(11));
  const stranger = seedSigner(origin, SignatureType.ed25519, seed(12));
  const both = parsePolicy(policyText('none', [log, next]));
  const bothTurned = parsePolicy(policyText('none', [next, log]));
  /** Notes of each kind, by whether one of the log's keys signed them. */
  const kinds: [
    string,
    (signer: NoteSigner) => { text: string },
    (note: string, by: Policy) => unknown,
  ][] = [
    [
      'checkpoint',
      (signer) => signCheckpoint(book.head, signer).note,
      (note, by) =>
        verifyReceipt(
          utf8Bytes(
            new TextDecoder()
              .decode(book.receipt(1, null, book.signed))
              .replace(/\n\n[^]*/, '\n\n') + note,
          ),
          by,
          record,
        ),
    ],
    [
      'head of a stream',
      (signer) =>
        signStreamHead({ ...book.head, stream: book.stream, version: 0, leaf: seed(0) }, signer),
      (note, by) => openStreamHead(utf8Bytes(note), by),
    ],
    [
      'list of statement keys',
      (signer) => signStatementKeys([{ kid: 'a', publicKey: seed(9) }], signer),
      (note, by) => openStatementKeys(utf8Bytes(note), by),
    ],
  ];
  it.each(kinds)(
    'is believed under either of them, and refused with a wrong one: a %s',
    (_, make, open) => {
      const { text } = make(log);
      const verdict = (signers: readonly NoteSigner[], by: Policy, wrong?: NoteSigner) => {
        const signatures = signers.map((signer) => signNote(text, signer));
        if (wrong !== undefined) signatures.push({ ...signNote(`${text}x`, wrong) });
        return codeOf(() => open(formatNote({ text, signatures }), by));
      };
      for (const by of [both, bothTurned]) {
        for (const signers of [[log], [next], [log, next], [stranger, next]])
          expect(verdict(signers, by)).toBe('accepted');
        expect(verdict([stranger], by)).toBe('signature_missing');
        expect(verdict([log], by, next)).toBe('signature_wrong');
        expect(verdict([next], by, log)).toBe('signature_wrong');
      }
      expect(verdict([next], alone)).toBe('signature_missing');
    },
  );
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
    [
      'one key as a log’s and a witness’s',
      `log ${formatKey(log.key)}\nwitness a ${formatKey(
        seedSigner('witness.example/1', SignatureType.cosignature, seed(1)).key,
      )}\nquorum a`,
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
  it('is read as octets: what is no UTF-8 may stand in comments, URLs and names, which stay apart', () => {
    const octets = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
    const key = formatKey(log.key);
    const text = `# gr\xfc\xdfe \xff\nlog ${key} https://\xe5\xb8/\nwitness \xff ${vkey(0)}\nwitness \xfe ${vkey(1)}\ngroup g 2 \xff \xfe\nquorum g\n`;
    const policy = parsePolicy(octets(text));
    const names = policy.witnesses.map(({ name }) => name);
    expect(new Set(names).size).toBe(2);
    expect(names.some((name) => name.isWellFormed())).toBe(false);
    expect(trustCheckpoint(book.signed, policy).witnesses.map(({ name }) => name)).toEqual(names);
    expect(codeOf(() => parsePolicy(octets(`log ${key}\xff\nquorum none`)))).toBe(
      'policy_malformed',
    );
    expect(codeOf(() => parsePolicy(utf8Bytes('quorum none\u0085')))).toBe('policy_unknown_name');
  });
  it('tells two names apart wherever their octets differ', () => {
    const name = fc
      .array(
        fc.integer({ min: 0x21, max: 0xff }).filter((octet) => octet !== 0x7f),
        { minLength: 1, maxLength: 6 },
      )
      .map((list) => new Uint8Array(list));
    fc.assert(
      fc.property(name, name, (a, b) => {
        expect(opaqueText(a) === opaqueText(b)).toBe(Buffer.compare(a, b) === 0);
      }),
    );
    expect(opaqueText(utf8Bytes('市 K'))).toBe('市 K');
  });
  it('may name the monitoring prefix of a witness in a comment, which other readers pass over', () => {
    const text = (line: string) =>
      `${line}\nwitness a ${vkey(0)} https://w.example/s\nwitness b ${vkey(1)}\nquorum a`;
    const [a, b] = parsePolicy(text('#monitoring a https://cdn.example/m')).witnesses;
    expect([a!.url, a!.monitoringUrl]).toEqual(['https://w.example/s', 'https://cdn.example/m']);
    expect([b!.url, b!.monitoringUrl]).toEqual([null, null]);
    for (const line of [
      '# monitoring c https://x',
      '#monitoring',
      '#monitoring is done by others',
      '#monitoring later',
    ])
      expect(parsePolicy(text(line)).witnesses[0]!.monitoringUrl).toBeNull();
    expect(codeOf(() => parsePolicy(text('#monitoring c https://x')))).toBe('policy_unknown_name');
    expect(
      codeOf(() => parsePolicy(text('#monitoring a https://b\n#monitoring a https://c'))),
    ).toBe('policy_duplicate');
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

  it.each([
    ['ConsentGranted', 'grant_without_request'],
    ['NumberMismatched', 'mismatch_without_request'],
    ['ConsentRefused', 'accepted'],
    ['ConsentWithdrawn', 'accepted'],
  ])('is refused where %s names another caller than the subject of the book', (type, otherwise) => {
    const answer = (caller?: string) => {
      const small = new SmallLog();
      const stream = bookOf('holder');
      const data = caller === undefined ? {} : { caller };
      const bytes = small.write({ stream, version: 0, prev: null, type, data });
      const { size, root } = small.checkpoint();
      const head = { origin, stream, version: 0, leaf: leafHash(bytes), size, root };
      return codeOf(() =>
        verifyBook(
          {
            stream,
            records: [bytes],
            receipts: [small.receipt(0, null)],
            head: utf8Bytes(formatNote(signStreamHead(head, log))),
          },
          twoOfThree,
        ),
      );
    };
    expect(answer('holder')).toBe(otherwise);
    expect(answer('another')).toBe('caller_not_principal');
    expect(answer()).toBe('caller_not_principal');
  });

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
  it('has its checkpoint verified once, however many records stand under it', () => {
    let verified = 0;
    const verify: typeof verifyEd25519 = (...given) => {
      verified++;
      return verifyEd25519(...given);
    };
    verifyBook(whole, twoOfThree, { verify });
    // The head, and of one checkpoint the log's signature and two witnesses'.
    expect(verified).toBe(4);
    // One receipt's note with another signature is another note: what it is worth is found out for
    // itself.
    const wrong = signNote(`${book.signed.note.text}x`, log);
    const receipts = [
      ...whole.receipts.slice(0, 2),
      book.receipt(2, null, withSignature(book.signed, wrong)),
    ];
    expect(verdict({ receipts })).toBe('signature_wrong');
  });

  const headAt = (version: number) => {
    const note = utf8Bytes(formatNote(signStreamHead(headOf(book, version), log)));
    const leaves = book.records.slice(0, version + 1).map((bytes) => leafHash(bytes));
    return { head: openStreamHead(note, twoOfThree), leaves };
  };
  it('cannot hide a record for ever: one that turns up later proves the city wrong', () => {
    const short = headAt(1);
    const found = verifyReceipt(book.receipt(2, null), twoOfThree, book.records[2]);
    expect(contradicts(short, found)).toBe(true);
    expect(contradicts(verifyBook(whole, twoOfThree), found)).toBe(false);
    // A record that was sealed after the head was signed is no contradiction.
    expect(contradicts({ ...short, head: { ...short.head, size: found.index } }, found)).toBe(
      false,
    );
  });
  it.each([0, 1, 2])('cannot show one record as version %i, and have another sealed', (version) => {
    const shown = verifyBook(whole, twoOfThree);
    const { small } = ledger(3, 300);
    const { prev } = shown.records[version]!;
    const index = small.leaves.length;
    const hidden = small.write({ stream: book.stream, version, prev, data: { hidden: true } });
    const of = (at: number, bytes: Uint8Array) =>
      verifyReceipt(small.receipt(at, null), twoOfThree, bytes);
    // The other one may have been sealed before the head was signed, or after it: one version has
    // one record.
    for (const size of [shown.head.size, index + 1])
      expect(contradicts({ ...shown, head: { ...shown.head, size } }, of(index, hidden))).toBe(
        true,
      );
    expect(contradicts(shown, of(book.places[version]!, book.records[version]!))).toBe(false);
  });
  it('is contradicted by no record of another stream, and by none that is not there', () => {
    const shown = verifyBook(whole, twoOfThree);
    const index = book.places[2]! + 1;
    const bytes = new SmallLog().write({ stream: 'type-2', version: 0, prev: null });
    const found = verifyReceipt(book.small.receipt(index, null), twoOfThree, bytes);
    expect(contradicts(shown, found)).toBe(false);
    expect(contradicts(shown, { ...found, record: null })).toBe(false);
  });
});
