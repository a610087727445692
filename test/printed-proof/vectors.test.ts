import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { hex, ProductError } from '#libs/kernel';
import { parsePolicy } from '#libs/verify';
import {
  judgePrint,
  printedCodes,
  type PrintedProof,
  type ReaderKnowledge,
  readPrintedCodes,
  toDigits,
} from '#libs/verify/printed-proof';
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
} from '../support/printed-pages.js';
import { witnesses } from '../support/small-log.js';

/**
 * Pages of made-up people, by made-up keys, and what is found in each: for those who write a second
 * reader. UPDATE_VECTORS=1 writes the file again.
 */
const file = new URL('vectors.json', import.meta.url);
const address = 'https://ledger.city.example/p#';
const longAddress = `https://${'a'.repeat(52)}/p#`;

/** What the device knows in JSON: the policy's text, and the note of the authorities' keys. */
interface Reader extends Pick<ReaderKnowledge, 'city' | 'now' | 'answered' | 'standing'> {
  readonly policy: string | null;
  readonly authorityKeys: string | null;
}

const { city, now, answered, standing } = knowledgeOf();
const reader: Reader = {
  city,
  now,
  answered,
  standing,
  policy: policyOfPrints(),
  authorityKeys: keysNote(),
};

const textsOf = (proof: PrintedProof, to = address) =>
  printedCodes(proof, to).map((code) => code.address + code.digits);
const changed = (text: string, at: number) => {
  const place = text.indexOf('#') + 1 + at;
  const other = String((Number(text.charAt(place)) + 1) % 10);
  return text.slice(0, place) + other + text.slice(place + 1);
};

function pages(): readonly [what: string, codes: readonly string[], reader?: Partial<Reader>][] {
  const page = textsOf(printedProof());
  const [text = ''] = page;
  const far = { before: 2 ** 32 - 2 ** 20, cosigners: witnesses };
  const both = textsOf(
    printedProof(fullFacts(authorities.court), { ...far, signer: authorities.court }),
    longAddress,
  );
  const other = textsOf(printedProof(fullFacts(), far), longAddress);
  const trial = 'trial.city.example';
  const late = noon + 31 * day;
  return [
    ['a page that holds', page],
    ['the same as digits alone', [text.slice(text.indexOf('#') + 1)]],
    ['two codes, by a key of P-256', both],
    ['two codes in the other order', both.toReversed()],
    ['one of two codes', both.slice(1)],
    ['eight pages under one checkpoint', textsOf(printedProof(factsOf(), { after: 7 }))],
    [
      'no end, and nothing to compare',
      textsOf(printedProof(factsOf(authorities.fund, { expires: null, compare: [] }))),
    ],
    ['offline, never asked', page, { answered: null, standing: null }],
    ['asked a month ago', page, { now: late }],
    ['revoked', page, { standing: { is: 'revoked', asOf: noon + 90 } }],
    ['changed since', page, { standing: { is: 'changed', asOf: noon + 90 } }],
    ['erased since', page, { standing: { is: 'erased', asOf: noon + 90 } }],
    ['a code that the city does not know', page, { standing: { is: 'unknown', asOf: noon + 90 } }],
    [
      'to be asked about again',
      page,
      { now: late, answered: { at: late, city: late }, standing: { is: 'current', asOf: late } },
    ],
    ['expired', page, { now: noon + 200 * day, answered: null, standing: null }],
    ['a clock a year behind', page, { now: noon - 365 * day, answered: null }],
    [
      'a clock a year ahead that the city put right',
      page,
      { now: noon + 365 * day, answered: { at: noon + 365 * day, city: noon + 60 } },
    ],
    ['no policy', page, { policy: null, authorityKeys: null }],
    ['no keys of authorities', page, { authorityKeys: null }],
    ['another city', page, { city: 'other.city.example' }],
    ['a trial read by a city', textsOf(printedProof(factsOf(authorities.fund, { city: trial })))],
    [
      'a trial read by itself',
      textsOf(printedProof(factsOf(authorities.fund, { city: trial }))),
      { city: trial, policy: policyOfPrints(trial), authorityKeys: keysNote(2000, trial) },
    ],
    [
      'a key that no authority has',
      textsOf(printedProof(factsOf(authorities.stranger), { signer: authorities.stranger })),
    ],
    [
      'a signature of another key',
      textsOf(printedProof(factsOf(), { signer: authorities.stranger })),
    ],
    [
      'a key at its last leaf',
      textsOf(
        printedProof(factsOf(authorities.retired), {
          signer: authorities.retired,
          ledgerSize: 500,
        }),
      ),
    ],
    [
      'a key that was retired',
      textsOf(
        printedProof(factsOf(authorities.retired), {
          signer: authorities.retired,
          ledgerSize: 501,
        }),
      ),
    ],
    ['newer than the list of keys', textsOf(printedProof(factsOf(), { ledgerSize: 2001 }))],
    ['one witness too few', textsOf(printedProof(factsOf(), { cosigners: witnesses.slice(0, 1) }))],
    ['witnessed before it was issued', textsOf(printedProof(factsOf(), { time: noon - 3600 }))],
    [
      'no witness where none is needed',
      textsOf(printedProof(factsOf(), { cosigners: [] })),
      { policy: policyOfPrints(city, 'none') },
    ],
    // A digit in each part: the head, facts, signature, log, path, log's signature, cosignatures.
    ...[3, 40, 500, 640, 900, 1400, 1700, text.length - address.length - 1].map(
      (at): [string, string[]] => [`another digit at ${at}`, [changed(text, at)]],
    ),
    ['a digit too few', [text.slice(0, -1)]],
    ['a byte too many', [toDigits(new Uint8Array([1, 0x11, 0]))]],
    ['a later form', [toDigits(new Uint8Array([2, 0x11, 0]))]],
    ['halves of two pages', [both[0] ?? '', other[1] ?? '']],
    ['no code at all', ['https://ledger.city.example/']],
  ];
}

function resultOf(codes: readonly string[], device: Reader): object {
  try {
    const read = readPrintedCodes(codes);
    if (read.is === 'half') return { half: read.part };
    const policy = device.policy === null ? null : parsePolicy(device.policy);
    const known = {
      ...device,
      policy,
      authorityKeys:
        policy === null || device.authorityKeys === null
          ? null
          : openKeys(device.authorityKeys, policy),
    };
    const { facts } = read.proof;
    return { facts: { ...facts, key: hex(facts.key) }, ...judgePrint(read.proof, known) };
  } catch (error) {
    if (error instanceof ProductError) return { refused: String(error.code) };
    throw error;
  }
}

describe('the vectors of printed pages', () => {
  const vectors = {
    digits: [0, 1, 2, 3, 5, 22, 23, 24].map((length) => {
      const bytes = new Uint8Array(length).map((_, n) => 255 - 37 * n);
      return { hex: hex(bytes), digits: toDigits(bytes) };
    }),
    reader,
    pages: pages().map(([what, codes, more]) => ({
      what,
      codes,
      ...(more !== undefined && { reader: more }),
      result: resultOf(codes, { ...reader, ...more }),
    })),
  };

  it('are as they stand in the file', async () => {
    const text = `${JSON.stringify(vectors, null, 2)}\n`;
    if (process.env['UPDATE_VECTORS'] === '1') await writeFile(file, text);
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(JSON.parse(text));
  });

  it('have each verdict, and each refusal', () => {
    const said = vectors.pages.map(({ result }) => ({ verdict: '', refused: '', ...result }));
    expect(new Set(said.map(({ verdict, refused }) => verdict || refused || 'half'))).toEqual(
      new Set([
        'genuine',
        'changed-since',
        'erased-since',
        'revoked',
        'expired',
        'standing-unknown',
        'undecided',
        'not-issued-here',
        'half',
        'printed_code_unreadable',
        'printed_code_version',
        'printed_code_of_other_page',
      ]),
    );
  });
});
