import { describe, expect, test } from '@jest/globals';
import { RequestFailed } from '../shared/trouble.ts';
import { type CommandHeader, insist, PressKeys } from './insist.ts';

const failed = (code: string) => new RequestFailed({ code, request: null, facts: {} });
const header: CommandHeader = { 'Idempotency-Key': '6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10' };

describe('a command', () => {
  test('without an answer is sent again, under the same key', async () => {
    const sent: CommandHeader[] = [];
    const answer = insist(
      header,
      (with_) => {
        sent.push(with_);
        return sent.length < 3 ? Promise.reject(failed('offline')) : Promise.resolve('done');
      },
      { pause: 0 },
    );
    await expect(answer).resolves.toBe('done');
    expect(sent).toEqual([header, header, header]);
  });

  test('is given up after its tries', async () => {
    let tries = 0;
    const answer = insist(
      header,
      () => {
        tries++;
        return Promise.reject(failed('offline'));
      },
      { pause: 0 },
    );
    await expect(answer).rejects.toMatchObject({ trouble: { code: 'offline' } });
    expect(tries).toBe(3);
  });

  test('that was refused is not sent again', async () => {
    let tries = 0;
    const answer = insist(header, () => {
      tries++;
      return Promise.reject(failed('consent_already_waiting'));
    });
    await expect(answer).rejects.toMatchObject({ trouble: { code: 'consent_already_waiting' } });
    expect(tries).toBe(1);
  });
});

describe('the key of a press', () => {
  test('is kept for the same thing until there is an answer', () => {
    const keys = new PressKeys();
    const first = keys.keyFor('"a"');
    expect(keys.keyFor('"a"')).toBe(first);
    keys.answered();
    expect(keys.keyFor('"a"')).not.toEqual(first);
  });
  test('is another for another thing', () => {
    const keys = new PressKeys();
    const first = keys.keyFor('"a"');
    expect(keys.keyFor('"b"')).not.toEqual(first);
  });
});
