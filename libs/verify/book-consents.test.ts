import { describe, expect, test } from '@jest/globals';
import { base64url, canonicalize, type JsonObject, ProductError, utf8Bytes } from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import { checkConsents, matchCommitment } from './index.js';

const match = { digits: '37', salt: 'A'.repeat(43) };
const terms = { action: 'read', basis: 'consent' };
const encoded = (value: JsonObject) => base64url(utf8Bytes(canonicalize(value)));

interface Said {
  readonly type: string;
  readonly data: JsonObject;
  readonly schema?: number;
}
const asked = (changed: JsonObject = {}): Said => ({
  type: 'ConsentRequested',
  data: {
    consent: 'c',
    case: 'k',
    ...terms,
    notice: { hash: 'h' },
    match: { commitment: matchCommitment('c', match) },
    ...changed,
  },
});
const payload = {
  answer: 'grant',
  capacity: 'self',
  case: 'k',
  consent: 'c',
  digits: '37',
  iat: 1,
  noticeHash: 'h',
};
const granted = (signed: JsonObject = {}, changed: JsonObject = {}): Said => ({
  type: 'ConsentGranted',
  data: {
    consent: 'c',
    capacity: 'self',
    proof: { method: 'jws', jkt: 'k', jws: `e30.${encoded({ ...payload, ...signed })}.c2ln` },
    match,
    ...changed,
  },
});
const missed: Said = { type: 'NumberMismatched', data: { consent: 'c' } };
const refused: Said = { type: 'ConsentRefused', data: { consent: 'c' } };
const over: Said = { type: 'ConsentEnded', data: { consent: 'c' } };
const redeemed = (changed: JsonObject = {}): Said => ({
  type: 'ConsentRedeemed',
  data: { consent: 'c', ...terms, ...changed },
});

const verdict = (...said: readonly Said[]): string => {
  try {
    checkConsents(
      said.map(
        ({ type, data, schema = 1 }, version) => ({ type, schema, version, data }) as RecordBody,
      ),
    );
  } catch (error) {
    if (error instanceof ProductError) return error.code as string;
    throw error;
  }
  return 'accepted';
};

describe('the consents of a book', () => {
  test.each<[string, readonly Said[]]>([
    ['granted by the number that was shown', [asked(), granted(), redeemed()]],
    ['granted after one wrong number', [asked(), missed, granted(), redeemed()]],
    [
      'granted without a number where none was shown',
      [asked({ match: null }), granted({ digits: null }, { match: null }), redeemed()],
    ],
    ['not granted', [asked(), refused]],
    ['closed by two wrong numbers', [asked(), missed, missed]],
    ['on a basis that this release does not carry out yet', [asked({ basis: 'mandate' })]],
    ['ended after the release', [asked(), granted(), redeemed(), over]],
  ])('hold where they were %s', (_, said) => {
    expect(verdict(...said)).toBe('accepted');
  });

  test.each<[string, readonly Said[], string]>([
    ['a consent asked for twice', [asked(), asked()], 'consent_twice'],
    ['an unknown action', [asked({ action: 'keep' })], 'consent_terms_unknown'],
    ['an unknown basis', [asked({ basis: 'because' })], 'consent_terms_unknown'],
    ['an unknown schema', [{ ...asked(), schema: 2 }], 'consent_schema_unknown'],
    ['a grant that nobody asked for', [granted()], 'grant_without_request'],
    ['a grant after a refusal', [asked(), refused, granted()], 'grant_without_request'],
    ['a grant after an end', [asked(), over, granted()], 'grant_without_request'],
    ['a second grant', [asked(), granted(), granted()], 'grant_without_request'],
    ['a grant after two misses', [asked(), missed, missed, granted()], 'grant_without_request'],
    [
      'a grant by another proof',
      [asked(), granted({}, { proof: { method: 'face' } })],
      'grant_proof_unsupported',
    ],
    [
      'a grant that is no JWS',
      [asked(), granted({}, { proof: { method: 'jws', jws: 'a.b' } })],
      'grant_malformed',
    ],
    [
      'a grant in another spelling',
      [
        asked(),
        granted({}, { proof: { method: 'jws', jws: `e30.${base64url(utf8Bytes('{ }'))}.` } }),
      ],
      'grant_malformed',
    ],
    ...Object.entries({
      answer: 'no',
      case: 'l',
      consent: 'd',
      noticeHash: 'i',
      capacity: 'agent',
    }).map(([member, value]): [string, readonly Said[], string] => [
      `a grant with another ${member} signed`,
      [asked(), granted({ [member]: value })],
      'grant_of_other_request',
    ]),
    ['a grant of another number', [asked(), granted({ digits: '38' })], 'grant_of_other_number'],
    ['a grant of no number', [asked(), granted({ digits: null })], 'grant_of_other_number'],
    [
      'a grant that shows another number than was committed to',
      [asked(), granted({ digits: '38' }, { match: { ...match, digits: '38' } })],
      'grant_number_not_opened',
    ],
    [
      'a grant with another salt',
      [asked(), granted({}, { match: { ...match, salt: 'B'.repeat(43) } })],
      'grant_number_not_opened',
    ],
    [
      'a grant that opens nothing',
      [asked(), granted({}, { match: null })],
      'grant_number_not_opened',
    ],
    [
      'a grant of a number where none was asked',
      [asked({ match: null }), granted()],
      'grant_number_not_opened',
    ],
    ['a wrong number of nothing', [missed], 'mismatch_without_request'],
    ['a third wrong number', [asked(), missed, missed, missed], 'mismatch_without_request'],
    [
      'a wrong number where none was asked',
      [asked({ match: null }), missed],
      'mismatch_without_request',
    ],
    ['a release without a grant', [asked(), redeemed()], 'release_without_grant'],
    ['a release after the end', [asked(), granted(), over, redeemed()], 'release_without_grant'],
    [
      'a release for another action',
      [asked(), granted(), redeemed({ action: 'print' })],
      'release_of_other_terms',
    ],
    [
      'a release on another basis',
      [asked(), granted(), redeemed({ basis: 'duty' })],
      'release_of_other_terms',
    ],
  ])('are refused with %s', (_, said, code) => {
    expect(verdict(...said)).toBe(code);
  });
});
