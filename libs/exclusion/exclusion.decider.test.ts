import { describe, test } from '@jest/globals';
import { hash } from 'node:crypto';
import { type ForeignEvent, nameOfForeign } from '#libs/event-store';
import { plusSeconds } from '#libs/kernel';
import { actingKeyOf } from '../../test/support/acting-key.js';
import { givenTo } from '../../test/support/given.js';
import {
  EXCLUSION_REQUEST_HOLDS,
  type ExclusionCommand,
  exclusionDecider,
} from './exclusion.decider.js';
import type { ExclusionEvent } from './exclusion.events.js';

const now = '2026-11-22T08:00:00.000Z';
const sealed = { size: 120, position: '9000' };
const stream = 'book-1';
const event = (version: number, more: Partial<ForeignEvent> = {}): ForeignEvent => ({
  part: 'events',
  version,
  position: 10_000n + BigInt(version),
  hash: String(version).repeat(64).slice(0, 64),
  deletes: false,
  ...more,
});
/** RFC 6962 leaf hashes of metadata. */
const metadataHash = (bytes: string) => hash('sha256', `\0${bytes}`, 'hex');
const metadata = (version: number, bytes: string) =>
  event(version, {
    part: 'metadata',
    position: 20_000n + BigInt(version),
    hash: metadataHash(bytes),
  });

const request = (found: readonly ForeignEvent[], more = {}): ExclusionCommand => ({
  kind: 'request-exclusion',
  exclusion: 'e1',
  by: 'first',
  with: actingKeyOf('first'),
  stream,
  reason: 'operators-mistake',
  found,
  sealed,
  ended: new Set(),
  now,
  ...more,
});
const approve = (found: readonly ForeignEvent[], more = {}): ExclusionCommand => ({
  kind: 'approve-exclusion',
  exclusion: 'e1',
  by: 'second',
  with: actingKeyOf('second'),
  found,
  sealed,
  sharedControl: [],
  requesterChanged: false,
  now,
  ...more,
});
const withdraw = (by: string): ExclusionCommand => ({
  kind: 'withdraw-exclusion',
  exclusion: 'e1',
  by,
});
const data = {
  exclusion: 'e1',
  stream,
  events: [event(5)].map(nameOfForeign),
  reason: 'operators-mistake' as const,
  sealed,
};
const requested = {
  type: 'ExclusionRequested' as const,
  data: {
    ...data,
    by: 'first',
    requestedWith: actingKeyOf('first'),
    expires: plusSeconds(now, EXCLUSION_REQUEST_HOLDS),
  },
};
const withdrawn: ExclusionEvent = {
  type: 'ExclusionWithdrawn',
  data: { exclusion: 'e1', by: 'first' },
};
const excluded: ExclusionEvent = {
  type: 'ForeignEventsExcluded',
  data: { ...data, requestedBy: 'first', by: 'second', approvedWith: actingKeyOf('second') },
};

const given = givenTo(exclusionDecider);

describe('leaving foreign events out of the ledger', () => {
  test('is asked for by one administrator, and done by another', () => {
    given()
      .when(request([event(5)]))
      .then(requested);
    given(requested)
      .when(approve([event(5)]))
      .then(excluded);
  });

  test('is not done by whoever asked, nor by whom the same hands admitted', () => {
    given(requested)
      .when(approve([event(5)], { by: 'first' }))
      .refuses('exclusion_needs_second_administrator');
    given(requested)
      .when(approve([event(5)], { sharedControl: ['first'] }))
      .refuses('exclusion_administrators_not_independent');
  });

  test('changes nothing when it is asked for, or approved, again', () => {
    given(requested)
      .when(request([event(5)], { exclusion: 'e2', by: 'third' }))
      .then();
    given(requested, excluded).when(approve([])).then();
  });

  test('names exactly what was found: more than was asked for stays, and what changed is refused', () => {
    given(requested)
      .when(approve([event(5), event(6)]))
      .then(excluded);
    given(requested)
      .when(approve([event(5, { hash: 'f'.repeat(64) })]))
      .refuses('exclusion_changed');
    given(requested).when(approve([])).refuses('exclusion_changed');
  });

  test('is refused where nothing is foreign: a stream of the ledger is never left out', () => {
    given().when(request([])).refuses('nothing_foreign');
  });

  test('is refused for what stands before a sealed record, when it is asked for and when it is approved', () => {
    for (const position of [9000n, 8999n])
      given()
        .when(request([event(5, { position })]))
        .refuses('exclusion_of_sealed');
    given(requested)
      .when(approve([event(5)], { sealed: { size: 500, position: '10005' } }))
      .refuses('exclusion_of_sealed');
  });

  test.each([
    '{"$maxCount":1}',
    '{"$tb":9007199254740991}',
    '{"\\u0024tb":9007199254740991}',
    '{"$acl":{"$r":[]}}',
    '{"note":1}',
    '{ }',
    '{}{"$tb":1}',
    'no JSON',
    '',
  ])('is refused while the last metadata of the stream are anything but `{}`: %s', (bytes) => {
    given()
      .when(request([metadata(0, bytes)]))
      .refuses('stream_limited');
    given()
      .when(request([metadata(0, '{}'), metadata(1, bytes)]))
      .refuses('stream_limited');
    given(requested)
      .when(approve([event(5), metadata(0, bytes)]))
      .refuses('stream_limited');
    const found = [metadata(0, bytes), metadata(1, '{}')];
    given()
      .when(request(found))
      .then({
        type: 'ExclusionRequested',
        data: { ...requested.data, events: found.map(nameOfForeign) },
      });
  });

  test('ends where the client that asked was disabled, or given a key by another, and can be asked for anew', () => {
    given(requested)
      .when(approve([event(5)], { requesterChanged: true }))
      .refuses('exclusion_requester_changed');
    given(requested)
      .when(request([event(5)], { exclusion: 'e2', ended: new Set(['e1']) }))
      .then({ type: 'ExclusionRequested', data: { ...requested.data, exclusion: 'e2' } });
  });

  test('is refused where the stream was deleted for good', () => {
    given()
      .when(request([event(5), event(6, { deletes: true })]))
      .refuses('stream_limited');
  });

  test('can be approved for seven days', () => {
    const late = plusSeconds(now, EXCLUSION_REQUEST_HOLDS);
    given(requested)
      .when(approve([event(5)], { now: late }))
      .refuses('exclusion_expired');
    given(requested)
      .when(request([event(5)], { exclusion: 'e2', now: late }))
      .then({
        type: 'ExclusionRequested',
        data: {
          ...requested.data,
          exclusion: 'e2',
          expires: plusSeconds(late, EXCLUSION_REQUEST_HOLDS),
        },
      });
  });

  test('is taken back by whoever asked, and then not done; what was done stays', () => {
    given(requested).when(withdraw('first')).then(withdrawn);
    given(requested).when(withdraw('second')).refuses('exclusion_of_another_administrator');
    given(requested, withdrawn)
      .when(approve([event(5)]))
      .refuses('exclusion_withdrawn');
    given(requested, excluded).when(withdraw('first')).then();
  });

  test('is not known before it was asked for', () => {
    given().when(approve([])).refuses('exclusion_absent');
    given().when(withdraw('first')).refuses('exclusion_absent');
  });
});
