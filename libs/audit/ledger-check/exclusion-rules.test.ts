import { describe, expect, test } from '@jest/globals';
import { hash } from 'node:crypto';
import type { JsonObject } from '#libs/kernel';
import { actingKeyOf } from '../../../test/support/acting-key.js';
import type { RuleInput } from './rule-input.js';
import { RecordRules } from './record-rules.js';

const time = '2026-11-22T08:00:00.000Z';
const stream = 'ledger-exclusions';
const events = [{ part: 'events', version: 3, position: '900', hash: 'ab'.repeat(32) }];
const sealed = { size: 4, position: '800' };

const client = (leaf: number, id: string, by = 'city', kind = 'administrator'): RuleInput => [
  leaf,
  `client-${id}`,
  0,
  'ClientRegistered',
  {
    actor: by,
    kind,
    scopes: kind === 'administrator' ? ['ledger:exclude'] : [],
    keys: [{ kid: `key of ${id}`, jwk: {}, proof: null, alg: 'EdDSA' }],
    time,
  },
];
const requested = (more: JsonObject = {}): RuleInput => [
  5,
  stream,
  0,
  'ExclusionRequested',
  {
    actor: 'first',
    by: 'first',
    requestedWith: actingKeyOf('first'),
    time,
    expires: '2026-11-29T08:00:00.000Z',
    exclusion: 'e',
    stream: 'book-1',
    events,
    ...more,
  },
];
const excluded = (more: JsonObject = {}): RuleInput => [
  6,
  stream,
  1,
  'ForeignEventsExcluded',
  {
    actor: 'second',
    by: 'second',
    approvedWith: actingKeyOf('second'),
    time,
    requestedBy: 'first',
    exclusion: 'e',
    stream: 'book-1',
    events,
    reason: 'unknown',
    sealed,
    ...more,
  },
];

function judge(...statements: readonly RuleInput[]) {
  const rules = new RecordRules('city.example', () => undefined);
  for (const statement of [
    client(0, 'first'),
    client(1, 'second'),
    client(2, 'third', 'first'),
    client(3, 'auditor', 'city', 'auditor'),
    ...statements,
  ])
    rules.take(statement);
  // Findings about the keys belong to other rules.
  const found = rules.findings.filter(({ what }) => what.startsWith('exclusion'));
  return { acts: rules.acts, found: found.map(({ leaf, what }) => [leaf, what]) };
}
const notApproved = [[6, 'exclusion_not_approved']];
const ofSealed = [[6, 'exclusion_of_sealed']];

describe('events that were left out of the ledger', () => {
  test('are listed with the act and both administrators', () => {
    const { acts, found } = judge(requested(), excluded());
    expect(found).toEqual([]);
    expect(acts).toEqual([
      {
        leaf: 6,
        stream,
        version: 1,
        exclusion: 'e',
        reason: 'unknown',
        requestedBy: 'first',
        approvedBy: 'second',
        leftOut: { stream: 'book-1', events },
        sealed,
      },
    ]);
  });

  test.each<[string, readonly RuleInput[]]>([
    ['nobody asked for', [excluded()]],
    [
      'whose request was taken back',
      [requested(), [5, stream, 1, 'ExclusionWithdrawn', { exclusion: 'e' }], excluded()],
    ],
    ['one administrator left out', [requested(), excluded({ actor: 'first', by: 'first' })]],
    [
      'no administrator approved',
      [
        requested(),
        excluded({ actor: 'auditor', by: 'auditor', approvedWith: actingKeyOf('auditor') }),
      ],
    ],
    [
      'another asked for, by its key',
      [requested({ requestedWith: actingKeyOf('third') }), excluded()],
    ],
    [
      'another approved, by its key',
      [requested(), excluded({ approvedWith: actingKeyOf('third') })],
    ],
    ['was approved too late', [requested(), excluded({ time: '2026-11-29T08:00:00.000Z' })]],
    ['another approved than it says', [requested(), excluded({ actor: 'third' })]],
    ['another asked for than it says', [requested(), excluded({ requestedBy: 'third' })]],
    ['are others than were asked for', [requested({ events: [] }), excluded()]],
    ['stand in another stream than was asked for', [requested({ stream: 'case-1' }), excluded()]],
    ['a second record leaves out again', [requested(), excluded(), excluded()]],
  ])('and that %s are found', (_what, statements) => {
    const { acts, found } = judge(...statements);
    expect(found).toEqual(notApproved);
    // Listed all the same: an exclusion was attempted.
    expect(acts.length).toBeGreaterThan(0);
  });

  test('are found where two of one hand left them out, by the keys as they were, or as the records themselves say', () => {
    const byThird = { actor: 'third', by: 'third', approvedWith: actingKeyOf('third') };
    const ofOneHand = [[6, 'exclusion_not_independent']];
    expect(judge(requested(), excluded(byThird)).found).toEqual(ofOneHand);
    const recorded = { approvedWith: actingKeyOf('second', ['first']) };
    expect(judge(requested(), excluded(recorded)).found).toEqual(ofOneHand);
  });

  test('are found where they stand at or before the last record that was sealed', () => {
    for (const position of ['900', '1000'])
      expect(judge(requested(), excluded({ sealed: { size: 4, position } })).found).toEqual(
        ofSealed,
      );
  });

  test('are found where a limit of their stream was left in force, with the tools of an auditor alone', () => {
    const set = (version: number, bytes: string) => ({
      ...{ part: 'metadata', version, position: String(900 + version) },
      hash: hash('sha256', `\0${bytes}`, 'hex'),
    });
    const found = (...of: readonly ReturnType<typeof set>[]) =>
      judge(requested({ events: of }), excluded({ events: of })).found;
    const ofLimit = [[6, 'exclusion_of_limit']];
    const deletion = '{"\\u0024tb":9007199254740991}';
    expect(found(set(0, deletion))).toEqual(ofLimit);
    expect(found(set(0, '{}'), set(1, deletion))).toEqual(ofLimit);
    // In whatever order an exclusion names them.
    expect(found(set(1, deletion), set(0, '{}'))).toEqual(ofLimit);
    expect(found(set(0, deletion), set(1, '{}'))).toEqual([]);
  });

  test('are found where the act says that more was sealed than there was', () => {
    expect(judge(requested(), excluded({ sealed: { size: 7, position: '800' } })).found).toEqual(
      ofSealed,
    );
  });
});
