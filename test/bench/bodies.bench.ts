import type { Type } from '@nestjs/common';
import 'reflect-metadata';
import { parseJson } from '#libs/kernel';
import { jsonBounds, strictValidation } from '#libs/platform';
import { ImportCatalogueDto } from '../../libs/catalogue/catalogue.dto.js';
import { OpenCaseDto } from '../../libs/desk/case.dto.js';
import { HandInDto } from '../../libs/certificate/certificate.dto.js';
import { RequestConsentDto } from '../../libs/consent/consent.dto.js';
import { RegisterClientDto, RotateKeyDto } from '../../libs/identity/identity.dto.js';
import { RequestErasureBody } from '../../libs/subject/erasure.dto.js';
import { IdentifySubjectBody, OfferPhoneKeyBody } from '../../libs/subject/subject.dto.js';
import { type Bench, median, quantile, type Row } from './bench.js';

const mebibyte = 1024 * 1024;

/** As many copies as fill a body, whatever is around them. */
const filled = (before: string, one: (n: number) => string, after: string): string => {
  const parts: string[] = [];
  let length = before.length + after.length;
  for (let n = 0; ; n++) {
    const part = n === 0 ? one(n) : `,${one(n)}`;
    length += Buffer.byteLength(part);
    if (length > mebibyte) return before + parts.join('') + after;
    parts.push(part);
  }
};
/** A list that holds one thing so many times. */
const filledWith = (times: number, one: string): string => `[${Array(times).fill(one).join(',')}]`;
const long = (letter: string): string =>
  letter.repeat(Math.floor((mebibyte - 200) / Buffer.byteLength(letter)));
const members = (n: number) => `"m${n}":0`;

/**
 * What a stranger might send, each of about a mebibyte. `{…}` holds the DTO's own members where the
 * shape has some.
 */
const shapes: Readonly<Record<string, (own: readonly string[]) => string>> = {
  'unknown members': () => filled('{', members, '}'),
  'unknown members with lists': () => filled('{', (n) => `"m${n}":[0]`, '}'),
  'members of every object': () => filled('{', (n) => `"toString${n}":{}`, '}'),
  'a list of numbers': () => filled('[', () => '0', ']'),
  'a list of empty lists': () => filled('[', () => '[]', ']'),
  'a list of objects': () => filled('[', () => '{"a":0}', ']'),
  duplicates: () => filled('{', () => '"a":0', '}'),
  'a thousand objects of members': () =>
    filled('{"a":[', () => `{${Array.from({ length: 40 }, (_, n) => members(n)).join(',')}}`, ']}'),
  'levels that open': () => '['.repeat(mebibyte),
  commas: () => `[${','.repeat(mebibyte - 2)}]`,
  'white space': () => `{${' '.repeat(mebibyte - 2)}}`,
  digits: () => `[${'9'.repeat(mebibyte - 2)}]`,
  'an exponent': () => `[1e${'9'.repeat(mebibyte - 4)}]`,
  'escaped letters': () => `["${'\\u4e2d'.repeat(174_000)}"]`,
  'escaped quotation marks': () => `["${'\\"'.repeat(524_000)}"]`,
  backslashes: () => `["${'\\\\'.repeat(524_000)}"]`,
  'a string that does not end': () => `["${'\\"'.repeat(524_000)}`,
  'short strings with one escape': () => filled('[', () => '"\\n"', ']'),
  'long names': () => `{"${long('x')}":0}`,
  'escaped pairs of surrogates': () => `["${'\\ud83d\\ude00'.repeat(87_000)}"]`,
  'strings with escapes': () => filled('[', () => `"${'\\n\\u4e2d'.repeat(130)}"`, ']'),
  'names with escapes': () => filled('{', (n) => `"${'\\n'.repeat(120)}${n}":0`, '}'),
  'long numbers': () =>
    `[${Array(9)
      .fill(filledWith(990, `1${'0'.repeat(110)}`))
      .join(',')}]`,
  'numbers with exponents': () => `[${Array(9).fill(filledWith(990, '1.25e-100')).join(',')}]`,
  'own members, long and plain': (own) => inFirst(own, long('x')),
  'own members, long and of four bytes': (own) => inFirst(own, long('😀')),
  'own members, long, dots': (own) => inFirst(own, long('a.')),
  'own members, long, dashes': (own) => inFirst(own, long('-')),
  'own members as lists of 999': (own) =>
    ofEach(own, `[${Array(999).fill('{"role":"applicant","name":"a"}').join(',')}]`),
  'own members as objects of 255': (own) =>
    ofEach(own, `{${Array.from({ length: 255 }, (_, n) => members(n)).join(',')}}`),
  'own members as nests of 18': (own) => ofEach(own, `${'['.repeat(18)}${']'.repeat(18)}`),
};

const ofEach = (own: readonly string[], value: string) =>
  `{${own.map((name) => `"${name}":${value}`).join(',')}}`;
/** One member has the room of a whole body; the others a letter each. */
const inFirst = (own: readonly string[], value: string) =>
  `{${own.map((name, n) => `"${name}":"${n === 0 ? value : 'a'}"`).join(',')}}`;

const dtos: readonly (readonly [Type<object>, readonly string[]])[] = [
  [OfferPhoneKeyBody, ['proof', 'code', 'jwk']],
  [OfferPhoneKeyBody, ['jwk', 'code', 'proof']],
  [OpenCaseDto, ['matter', 'participants']],
  [OpenCaseDto, ['participants', 'matter']],
  [RegisterClientDto, ['name', 'kind', 'department', 'keys', 'scopes', 'authority']],
  [RegisterClientDto, ['keys', 'scopes', 'authority', 'kind', 'name', 'department']],
  [RotateKeyDto, ['jwk']],
  [HandInDto, ['sdJwt', 'files']],
  [HandInDto, ['files', 'sdJwt']],
  [RequestConsentDto, ['materials', 'role']],
  [IdentifySubjectBody, ['identifier', 'basis']],
  [RequestErasureBody, ['subject', 'reason', 'identifier']],
  [ImportCatalogueDto, ['content', 'kind', 'lineOffset']],
];

/**
 * Processor time of some bodies, one after the other, on the thread that serves everybody, in
 * milliseconds: what its text costs to read, and its members to judge.
 */
async function cost(dto: Type<object>, bytes: Buffer, times: number): Promise<number> {
  const before = process.threadCpuUsage();
  for (let n = 0; n < times; n++)
    try {
      const value = parseJson(bytes.toString('utf8'), jsonBounds);
      await strictValidation().transform(value, { type: 'body', metatype: dto });
    } catch {
      // Nearly all are refused: what it costs is measured.
    }
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / times;
}

const warmUps = 3;
const tries = 9;

/**
 * The most expensive known body of a mebibyte: processor time from its bytes to the refusal, the
 * mean of nine tries, for each DTO.
 */
export const bench: Bench = {
  name: 'bodies',
  run: async ({ say }) => {
    const rows: Row[] = [];
    for (const [shape, body] of Object.entries(shapes)) {
      const costs: number[] = [];
      for (const [dto, own] of dtos) {
        const bytes = Buffer.from(body(own));
        await cost(dto, bytes, warmUps);
        costs.push(await cost(dto, bytes, tries));
      }
      const worst = Math.max(...costs);
      say(`  ${shape.padEnd(40)} ${worst.toFixed(1)} ms`);
      rows.push({
        test: shape,
        side: 'dearest DTO',
        callers: 1,
        perSecond: 1000 / worst,
        p50Ms: median(costs),
        p99Ms: quantile(costs, 1),
      });
    }
    return rows;
  },
};
