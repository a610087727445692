import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { done, type GrantedConsent, holderName, Town } from '../support/town.js';
import { shownValue } from './shown-metrics.js';

let town: Town;
let granted: GrantedConsent;
let text: string;

const valueOf = (name: string, labels?: Readonly<Record<string, string>>) =>
  shownValue(text, name, labels);

beforeAll(async () => {
  town = await Town.start();
  granted = await town.granted();
  done(await town.pull(granted.token));
  await town.pull(granted.token);
  done(await town.terminal.post(`${granted.at}/read-again`));
  const refused = await town.asked();
  done(await refused.phone.post(`/v1/phone/consents/${refused.consent}/refuse`));
  const withdrawn = await town.asked();
  done(await town.grant(withdrawn, withdrawn.consent));
  done(await withdrawn.phone.post(`/v1/phone/consents/${withdrawn.consent}/withdraw`));
  const claims = { jti: randomUUID() };
  done(await town.terminal.get('/v1/board', { claims }));
  expect((await town.terminal.get('/v1/board', { claims })).body.code).toBe('proof_replayed');
  await town.city.caughtUp();
  // Checkpoints of read models are stored a moment after the page was folded.
  for (;;) {
    text = await (await fetch(town.city.city.metricsUrl)).text();
    if (valueOf('mianzheng_projection_lag_seconds', { projection: 'wallet' }) === 0) return;
    await wait(100);
  }
}, 180_000);
afterAll(() => town.stop());

describe('the metrics of a city in which somebody was served', () => {
  test('count what was done and what was refused', () => {
    expect(valueOf('mianzheng_consents_total', { outcome: 'asked' })).toBe(3);
    expect(valueOf('mianzheng_consents_total', { outcome: 'granted' })).toBe(2);
    expect(valueOf('mianzheng_consents_total', { outcome: 'spent' })).toBe(1);
    expect(valueOf('mianzheng_consents_total', { outcome: 'refused' })).toBe(1);
    expect(valueOf('mianzheng_consents_total', { outcome: 'withdrawn' })).toBe(1);
    expect(valueOf('mianzheng_consents_total', { outcome: 'expired' })).toBe(0);
    expect(valueOf('mianzheng_releases_total', { kind: 'released' })).toBe(1);
    expect(valueOf('mianzheng_releases_total', { kind: 'read_again' })).toBe(1);
    expect(valueOf('mianzheng_problems_total', { code: 'consent_spent' })).toBe(1);
    expect(valueOf('mianzheng_replays_refused_total', { of: 'dpop' })).toBe(1);
    const releases = { method: 'POST', route: '/v1/releases' };
    const count = 'mianzheng_http_request_seconds_count';
    expect(valueOf(count, { ...releases, status: '200' })).toBe(1);
    expect(valueOf(count, { ...releases, status: '403' })).toBe(1);
    expect(valueOf(count, { route: '/identity/token', status: '200' })).toBeGreaterThan(0);
    expect(valueOf('mianzheng_append_seconds_count', { outcome: 'appended' })).toBeGreaterThan(5);
  });

  test('say how far the log and the read models are, and who does it', () => {
    expect(valueOf('mianzheng_checkpoint_records')).toBeGreaterThan(400);
    expect(valueOf('mianzheng_seal_lag_records')).toBeLessThan(400);
    expect(valueOf('mianzheng_seal_lag_seconds')).toBeGreaterThanOrEqual(0);
    expect(valueOf('mianzheng_sealer_leader')).toBe(1);
    expect(valueOf('mianzheng_sealer_state', { state: 'sealing' })).toBe(1);
    expect(valueOf('mianzheng_ledger_read_only', { code: 'store_changed' })).toBe(0);
    expect(valueOf('mianzheng_projection_leader')).toBe(1);
    expect(valueOf('mianzheng_projection_lag_records', { projection: 'wallet' })).toBe(0);
    expect(valueOf('mianzheng_pool_connections', { pool: 'main', state: 'open' })).toBeGreaterThan(
      0,
    );
    expect(Math.abs(valueOf('mianzheng_clock_skew_seconds') ?? 9)).toBeLessThan(2);
    expect(valueOf('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });

  test('say nothing about anybody: no person, paper, case, consent, client or window', () => {
    for (const personal of [
      granted.number,
      holderName,
      granted.certificate,
      granted.case,
      granted.consent,
      granted.phone.key.jkt,
      town.terminal.client,
      town.authority.creditCode,
      'hall-1-03',
      '人社',
      'SX0001',
    ])
      expect(text).not.toContain(personal);
    // Whatever else there may be: no label has a value that is long or holds a run of digits, as
    // random ids and numbers do.
    const values = [...text.matchAll(/="([^"]*)"/g)].map(([, value = '']) => value);
    expect(values.filter((value) => value.length > 60 || /\d{5}/.test(value))).toEqual([]);
  });
});
