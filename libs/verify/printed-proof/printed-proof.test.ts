import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProductError } from '#libs/kernel';
import { seedSigner, SignatureType } from '#libs/log';
import { nodeVerify } from '#libs/sealing';
import { parsePolicy } from '#libs/verify';
import {
  authorities,
  day,
  factsOf,
  keysNote,
  knowledgeOf,
  fullFacts,
  noon,
  openKeys,
  policyOfPrints,
  printedProof,
  type PrintOptions,
} from '../../../test/support/printed-pages.js';
import { seed, witnesses } from '../../../test/support/small-log.js';
import {
  codeBits,
  decodeFacts,
  decodeProof,
  encodeFacts,
  encodeProof,
  fromDigits,
  judgePrint,
  maxCodeBits,
  newVerificationCode,
  printedCodes,
  type PrintedFacts,
  printedFactsLimits,
  type PrintedProof,
  type ReaderKnowledge,
  readPrintedCodes,
  toDigits,
} from './index.js';

const address = 'https://ledger.city.example/p#';
const many = [2, 3, 4, 5, 6, 7, 8, 9].map((n) =>
  seedSigner(`witness.example/${n}`, SignatureType.cosignature, seed(n)),
);
const textOf = (proof: PrintedProof, to = address): string[] =>
  printedCodes(proof, to).map(({ address: first, digits }) => `${first}${digits}`);
const codeOf = (run: () => unknown): string => {
  try {
    run();
    return 'taken';
  } catch (error) {
    if (error instanceof ProductError) return String(error.code);
    throw error;
  }
};
const verdict = (proof: PrintedProof, known: Partial<ReaderKnowledge> = {}) =>
  judgePrint(proof, knowledgeOf(known), { verify: nodeVerify });
/** The lines that did not pass, but for the reader's own task. */
const notPassed = (proof: PrintedProof, known: Partial<ReaderKnowledge> = {}) =>
  verdict(proof, known).checks.flatMap(({ check, state, why }) =>
    state === 'passed' || state === 'readers-task' ? [] : [`${check} ${state} ${why}`],
  );

/** As many bytes of facts as the form can hold. */
const longest = fullFacts();

const lines = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 });
const someFacts: fc.Arbitrary<PrintedFacts> = fc
  .record({
    type: fc.stringMatching(/^[A-Z0-9]{1,8}$/),
    code: fc.uint8Array({ minLength: 8, maxLength: 8 }).map(newVerificationCode),
    issued: fc.integer({ min: 1, max: 2 ** 31 }),
    wait: fc.nat(1e8),
    ends: fc.option(fc.integer({ min: 1, max: 1e8 })),
    name: fc.oneof(lines, fc.constantFrom('测*', '欧**', '𠮷*', 'Te**')),
    number: fc.stringMatching(/^[0-9A-Z]{4}$/),
    compare: fc.array(fc.record({ label: lines, value: lines }), { maxLength: 4 }),
  })
  .map(({ wait, ends, ...rest }) =>
    factsOf(authorities.fund, {
      ...rest,
      checkAgain: rest.issued + wait,
      expires: ends === null ? null : rest.issued + ends,
    }),
  );

describe('the facts of a printed page', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(someFacts, (facts) => {
        expect(decodeFacts(encodeFacts(facts))).toEqual(facts);
      }),
    );
  });

  it.each<[string, Partial<PrintedFacts>, string]>([
    ['a name that hides a letter', { name: '测\u200b甲' }, 'name'],
    ['no name', { name: '' }, 'name'],
    ['a name of two lines', { name: '测\n甲' }, 'name'],
    [
      'a value that turns letters round',
      { compare: [{ label: '甲', value: 'a\u202eb' }] },
      'compare',
    ],
    ['nine facts', { compare: Array(9).fill({ label: '甲', value: '1' }) as [] }, 'compare'],
    ['an end before the beginning', { expires: noon - 1 }, 'expires'],
    ['a later look before the first', { checkAgain: noon - 1 }, 'checkAgain'],
    ['no time', { issued: 0 }, 'issued'],
    ['five characters of the number', { number: '1002X' }, 'number'],
    ['a credit code that is none', { authority: '114300005555000010' }, 'authority'],
    ['a code in another writing', { code: 'QWERTY23ASDF' }, 'code'],
    [
      'more bytes than there is room for',
      {
        city: 'a'.repeat(63),
        name: '测'.repeat(16),
        compare: [{ label: '甲', value: '乙'.repeat(30) }],
      },
      'whole',
    ],
  ])('are refused with %s', (_, more, member) => {
    expect(() => encodeFacts(factsOf(authorities.fund, more))).toThrow(
      expect.objectContaining({
        code: 'printed_facts_unfit',
        facts: expect.objectContaining({ member }) as object,
      }),
    );
  });

  it('are refused as bytes that nobody would write: one more, one less, another form', () => {
    const bytes = encodeFacts(factsOf());
    for (const other of [new Uint8Array([...bytes, 0]), bytes.slice(0, -1), new Uint8Array()])
      expect(codeOf(() => decodeFacts(other))).toBe('printed_code_unreadable');
    expect(codeOf(() => decodeFacts(bytes.with(0, 2)))).toBe('printed_code_version');
  });
});

describe('the codes of a page', () => {
  const options: fc.Arbitrary<PrintOptions> = fc.record({
    before: fc.nat(2 ** 31 - 1),
    after: fc.nat(7),
    ledgerSize: fc.integer({ min: 0, max: 2 ** 47 }),
    cosigners: fc.subarray(many),
  });

  it('read back as the proof, in either order, each at most 1,050 bytes with its address', () => {
    fc.assert(
      fc.property(options, fc.boolean(), (how, long) => {
        const proof = printedProof(long ? longest : factsOf(), how);
        expect(decodeProof(encodeProof(proof))).toEqual(proof);
        const codes = printedCodes(proof, address);
        for (const code of codes) expect(codeBits(code)).toBeLessThanOrEqual(8400);
        const texts = textOf(proof);
        expect(readPrintedCodes(texts)).toEqual({ is: 'whole', proof });
        expect(readPrintedCodes([...texts, ...texts].reverse())).toEqual({ is: 'whole', proof });
      }),
      { numRuns: 40 },
    );
  });

  it('are one while three witnesses are enough, whatever the size of the log', () => {
    // The last index below 2^32 whose path has twelve hashes, and facts of 240 bytes.
    const proof = printedProof(longest, { before: 2 ** 32 - 2 ** 20, cosigners: many.slice(0, 3) });
    expect([proof.factBytes.length, proof.path.length]).toEqual([printedFactsLimits.whole, 12]);
    const [code, ...more] = printedCodes(proof, `https://${'a'.repeat(34)}/p#`);
    expect(more).toEqual([]);
    expect(codeBits(code!)).toBeLessThanOrEqual(maxCodeBits);
    expect(codeBits(code!)).toBeGreaterThan(8300);
  });

  it('are two of equal length for eight witnesses, each with room to spare', () => {
    const proof = printedProof(longest, { before: 2 ** 32 - 2 ** 20, cosigners: many });
    const codes = printedCodes(proof, `https://${'a'.repeat(52)}/p#`);
    expect(codes).toHaveLength(2);
    for (const code of codes) expect(codeBits(code)).toBeLessThan(6300);
    const [left = '', right = ''] = textOf(proof);
    expect(readPrintedCodes([left])).toEqual({ is: 'half', part: 1 });
    expect(readPrintedCodes([right, right])).toEqual({ is: 'half', part: 2 });
  });

  it('of two pages cannot be joined', () => {
    const two = [3, 4].map((n) =>
      textOf(printedProof(factsOf(authorities.fund, { number: `000${n}` }), { cosigners: many })),
    );
    const [[a = '', b = ''] = [], [c = '', d = ''] = []] = two;
    for (const [left, right] of [
      [a, d],
      [c, b],
      [a, c],
    ] as const)
      expect(codeOf(() => readPrintedCodes([left, right]))).toBe('printed_code_of_other_page');
    // Under the name of the first page.
    const bytes = (text: string) => fromDigits(text.slice(text.indexOf('#') + 1))!;
    const forged = new Uint8Array([...bytes(b).slice(0, 6), ...bytes(d).slice(6)]);
    expect(codeOf(() => readPrintedCodes([a, toDigits(forged)]))).toBe(
      'printed_code_of_other_page',
    );
    const single = textOf(printedProof());
    expect(codeOf(() => readPrintedCodes([a, ...single]))).toBe('printed_code_of_other_page');
    const other = textOf(printedProof(factsOf(authorities.fund, { number: '0005' })));
    expect(codeOf(() => readPrintedCodes([...single, ...other]))).toBe(
      'printed_code_of_other_page',
    );
  });

  it.each([
    ['nothing', []],
    ['another QR code', ['https://example.com/']],
    ['an empty text', ['']],
    ['no proof', [toDigits(new Uint8Array([1, 0x11]))]],
    ['a third of three', [toDigits(new Uint8Array([1, 0x33, 0, 0, 0, 0, 9]))]],
    ['more than any page has', [`#${'0'.repeat(20_000)}`]],
  ])('are refused as %s', (_, texts) => {
    expect(codeOf(() => readPrintedCodes(texts))).toBe('printed_code_unreadable');
  });

  it('of a later form are told as such', () => {
    const later = toDigits(new Uint8Array([2, 0x11, 0]));
    expect(codeOf(() => readPrintedCodes([later]))).toBe('printed_code_version');
  });

  it('are not written for a proof that nobody could read', () => {
    const proof = printedProof();
    const thirteen = Array.from({ length: 13 }, () => proof.path[0]!);
    for (const bad of [
      { ...proof, path: thirteen },
      { ...proof, size: proof.index + 300 },
      { ...proof, ledgerSize: 2 ** 48 },
      { ...proof, log: 256 },
      { ...proof, cosignatures: proof.cosignatures.toReversed() },
    ])
      expect(codeOf(() => printedCodes(bad, address))).toMatch(/^printed_/);
    for (const to of [
      'https://city.example/p',
      'ftp://city.example/#',
      `https://${'a'.repeat(70)}/p#`,
    ])
      expect(codeOf(() => printedCodes(proof, to))).toBe('printed_facts_unfit');
  });
});

describe('a page is judged', () => {
  it('genuine, where every check passed and the reader is told to compare the paper', () => {
    const { verdict: said, trial, checks, witnesses: by } = verdict(printedProof());
    expect(said).toBe('genuine');
    expect(trial).toBe(false);
    expect(by).toEqual([
      { name: 'w0', time: noon + 5 },
      { name: 'w1', time: noon + 5 },
    ]);
    expect(checks.map(({ check, state }) => `${check} ${state}`)).toEqual([
      'city passed',
      'authority-signature passed',
      'authority-key passed',
      'logged passed',
      'witnessed passed',
      'issued-time passed',
      'clock passed',
      'validity passed',
      'standing passed',
      'paper-text readers-task',
    ]);
    const ofCourt = printedProof(factsOf(authorities.court), {
      signer: authorities.court,
      after: 5,
    });
    expect(verdict(ofCourt).verdict).toBe('genuine');
  });

  const current = { is: 'current', asOf: noon + 60 } as const;
  it.each<[string, string, Partial<ReaderKnowledge>, string[]]>([
    [
      'offline, never asked',
      'standing-unknown',
      { standing: null, answered: null },
      ['clock not-checked clock_not_compared', 'standing not-checked not_asked'],
    ],
    [
      'with what the city said a month ago',
      'standing-unknown',
      { now: noon + 31 * day, answered: { at: noon + 60, city: noon + 60 } },
      ['standing not-checked stale'],
    ],
    [
      'revoked',
      'revoked',
      { standing: { is: 'revoked', asOf: noon + 90 } },
      ['standing failed revoked'],
    ],
    [
      'changed since',
      'changed-since',
      { standing: { is: 'changed', asOf: noon + 90 } },
      ['standing failed changed_since'],
    ],
    [
      'erased since',
      'erased-since',
      { standing: { is: 'erased', asOf: noon + 90 } },
      ['standing failed erased_since'],
    ],
    [
      'revoked a month ago, as far as is known',
      'revoked',
      { now: noon + 31 * day, standing: { is: 'revoked', asOf: noon + 90 } },
      ['standing failed revoked'],
    ],
    [
      'unknown to its city, which logged it',
      'standing-unknown',
      { standing: { is: 'unknown', asOf: noon + 90 } },
      ['standing failed unknown_to_city'],
    ],
    [
      'after its end',
      'expired',
      {
        now: noon + 181 * day,
        answered: { at: noon + 181 * day, city: noon + 181 * day },
        standing: { is: 'current', asOf: noon + 181 * day },
      },
      ['validity failed expired'],
    ],
    [
      'on a clock a year behind',
      'standing-unknown',
      { now: noon - 365 * day, answered: null },
      [
        'clock failed clock_behind',
        'validity not-checked clock_behind',
        'standing not-checked clock_behind',
      ],
    ],
    [
      'on a clock a year behind that the city put right',
      'genuine',
      { now: noon - 365 * day + 120, answered: { at: noon - 365 * day + 60, city: noon + 60 } },
      ['clock failed clock_corrected'],
    ],
    [
      'on a clock a year ahead that was never compared',
      'expired',
      { now: noon + 365 * day, answered: null },
      [
        'clock not-checked clock_not_compared',
        'validity failed expired',
        'standing not-checked stale',
      ],
    ],
    [
      'on a clock a year ahead that the city put right',
      'genuine',
      { now: noon + 365 * day, answered: { at: noon + 365 * day, city: noon + 60 } },
      ['clock failed clock_corrected'],
    ],
    [
      'by a device that has no policy',
      'undecided',
      { policy: null },
      [
        'logged not-checked policy_missing',
        'witnessed not-checked policy_missing',
        'issued-time not-checked no_witness',
      ],
    ],
    [
      'by a device that has no keys',
      'undecided',
      { authorityKeys: null },
      [
        'authority-signature not-checked keys_missing',
        'authority-key not-checked signature_not_checked',
      ],
    ],
    [
      'where the city is another',
      'not-issued-here',
      { city: 'other.city.example', standing: current },
      [
        'city failed city_other',
        'authority-signature not-checked city_other',
        'authority-key not-checked signature_not_checked',
      ],
    ],
  ])('%s: %s', (_, said, known, lines_) => {
    const proof = printedProof();
    expect(verdict(proof, known).verdict).toBe(said);
    expect(notPassed(proof, known)).toEqual(lines_);
  });

  it('of a trial, as what it is: no page of a city, and in the trial itself marked', () => {
    const city = 'trial.city.example';
    const proof = printedProof(factsOf(authorities.fund, { city }));
    expect(verdict(proof)).toMatchObject({ verdict: 'not-issued-here', trial: true });
    expect(notPassed(proof)).toContain('city failed city_trial');
    const policy = parsePolicy(policyOfPrints(city));
    const authorityKeys = openKeys(keysNote(2000, city), policy);
    expect(verdict(proof, { city, policy, authorityKeys })).toMatchObject({
      verdict: 'genuine',
      trial: true,
    });
  });

  it.each<[string, string, PrintedProof, string[], Partial<ReaderKnowledge>?]>([
    [
      'signed by a key of no authority',
      'not-issued-here',
      printedProof(factsOf(authorities.stranger), { signer: authorities.stranger }),
      ['authority-signature failed key_unknown', 'authority-key not-checked signature_not_checked'],
    ],
    [
      'signed by a key that the device cannot know yet',
      'undecided',
      printedProof(factsOf(authorities.stranger), {
        signer: authorities.stranger,
        ledgerSize: 2001,
      }),
      [
        'authority-signature not-checked keys_older_than_page',
        'authority-key not-checked signature_not_checked',
      ],
    ],
    [
      'signed by another than it names',
      'not-issued-here',
      printedProof(factsOf(), { signer: authorities.stranger }),
      [
        'authority-signature failed signature_wrong',
        'authority-key not-checked signature_not_checked',
      ],
    ],
    [
      'signed before its key was retired',
      'genuine',
      printedProof(factsOf(authorities.retired), { signer: authorities.retired, ledgerSize: 500 }),
      [],
    ],
    [
      'signed after its key was retired',
      'not-issued-here',
      printedProof(factsOf(authorities.retired), { signer: authorities.retired, ledgerSize: 501 }),
      ['authority-key failed key_not_in_force'],
    ],
    [
      'signed before its key was registered',
      'not-issued-here',
      printedProof(factsOf(), { ledgerSize: 11 }),
      ['authority-key failed key_not_in_force'],
    ],
    [
      'newer than the keys of the device',
      'standing-unknown',
      printedProof(factsOf(), { ledgerSize: 2001 }),
      ['authority-key not-checked keys_older_than_page'],
    ],
    [
      'that one witness saw',
      'not-issued-here',
      printedProof(factsOf(), { cosigners: witnesses.slice(0, 1) }),
      ['witnessed failed quorum_missing'],
    ],
    [
      'with a cosignature moved to another time',
      'not-issued-here',
      moved(),
      ['witnessed failed cosignature_wrong', 'issued-time not-checked no_witness'],
    ],
    [
      'that another log signed',
      'not-issued-here',
      printedProof(factsOf(), {
        logSigner: seedSigner('ledger.city.example', SignatureType.ed25519, seed(77)),
      }),
      [
        'logged failed log_signature_wrong',
        'witnessed not-checked not_logged',
        'issued-time not-checked no_witness',
      ],
    ],
    [
      'with a path that no tree has',
      'not-issued-here',
      { ...printedProof(), path: [] },
      [
        'logged failed not_included',
        'witnessed not-checked not_logged',
        'issued-time not-checked no_witness',
      ],
    ],
    [
      'that was witnessed an hour before it was issued',
      'not-issued-here',
      printedProof(factsOf(), { time: noon - 3600 }),
      ['issued-time failed issued_after_witnessed'],
    ],
    [
      'that was issued a month before it was witnessed',
      'not-issued-here',
      printedProof(factsOf(), { time: noon + 30 * day }),
      ['issued-time failed issued_long_before_witnessed'],
      {
        now: noon + 30 * day,
        answered: { at: noon + 30 * day, city: noon + 30 * day },
        standing: { is: 'current', asOf: noon + 30 * day },
      },
    ],
    [
      'that no witness saw, where none is needed',
      'genuine',
      printedProof(factsOf(), { cosigners: [] }),
      ['witnessed not-checked none_needed', 'issued-time not-checked no_witness'],
      { policy: parsePolicy(policyOfPrints('ledger.city.example', 'none')) },
    ],
  ])('%s: %s', (_, said, ...rest) => {
    const [proof, lines_, known] = rest;
    expect([verdict(proof, known).verdict, notPassed(proof, known)]).toEqual([said, lines_]);
  });

  function moved(): PrintedProof {
    const proof = printedProof();
    const [first, ...rest] = proof.cosignatures;
    return { ...proof, cosignatures: [{ ...first!, time: first!.time + 1 }, ...rest] };
  }
});

describe('a page of which one byte or digit is another', () => {
  const accepted = (texts: readonly string[], known = knowledgeOf()) => {
    try {
      const read = readPrintedCodes(texts);
      return (
        read.is === 'whole' &&
        judgePrint(read.proof, known, { verify: nodeVerify }).verdict !== 'not-issued-here'
      );
    } catch (error) {
      if (error instanceof ProductError) return false;
      throw error;
    }
  };

  it('is never accepted, whichever byte it is', () => {
    const [text = ''] = textOf(printedProof());
    const bytes = fromDigits(text.slice(text.indexOf('#') + 1))!;
    expect(accepted([toDigits(bytes)])).toBe(true);
    for (let at = 0; at < bytes.length; at++)
      expect([at, accepted([toDigits(bytes.with(at, bytes[at]! ^ (1 << (at % 8))))])]).toEqual([
        at,
        false,
      ]);
  });

  it.each([
    ['one', address],
    ['one of two', `https://${'a'.repeat(52)}/p#`],
  ])('is never accepted, whichever digit it is, in %s', (_, to) => {
    const device = knowledgeOf({
      policy: parsePolicy(policyOfPrints('ledger.city.example', 'two', 3)),
    });
    const proof = printedProof(longest, { before: 2 ** 32 - 2 ** 20, cosigners: witnesses });
    const texts = textOf(proof, to);
    expect([texts.length, accepted(texts, device)]).toEqual([to === address ? 1 : 2, true]);
    fc.assert(
      fc.property(
        fc.nat(texts.length - 1),
        fc.nat(2399),
        fc.integer({ min: 1, max: 9 }),
        (n, place, by) => {
          const text = texts[n]!;
          const at = text.indexOf('#') + 1 + place;
          fc.pre(at < text.length);
          const other = String((Number(text.charAt(at)) + by) % 10);
          const changed = texts.with(n, text.slice(0, at) + other + text.slice(at + 1));
          expect(accepted(changed, device)).toBe(false);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('is refused where bytes are added or left out', () => {
    const bytes = encodeProof(printedProof());
    for (const other of [new Uint8Array([...bytes, 0]), bytes.slice(0, -1), bytes.slice(1)])
      expect(codeOf(() => decodeProof(other))).toMatch(/^printed_code_/);
  });
});
