import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { MemoryEventStore } from '#libs/event-store/memory';
import { LedgerSecrets } from '#libs/vault';
import { matchCommitment } from '#libs/verify';
import { ReleaseScene } from '../../test/support/release-scene.js';
import { drawMatch, openMatch } from './number-match.js';

class Secrets extends LedgerSecrets {
  constructor(private readonly secret = '') {
    super();
  }
  of = (purpose: string, name: string) =>
    createHash('sha256').update(`${this.secret}\0${purpose}\0${name}`).digest();
}

describe('the number of a request', () => {
  test('is any of a hundred, each about as often, of a salt of 256 bits', () => {
    const secrets = new Secrets();
    const counts = new Map<string, number>();
    for (let n = 0; n < 20_000; n++) {
      const { digits, salt } = drawMatch(secrets, String(n));
      expect(salt).toMatch(/^[A-Za-z0-9_-]{43}$/);
      counts.set(digits, (counts.get(digits) ?? 0) + 1);
    }
    expect(counts.size).toBe(100);
    for (const [digits, count] of counts) {
      expect(digits).toMatch(/^[0-9]{2}$/);
      expect(Math.abs(count - 200)).toBeLessThan(100);
    }
  });

  test('opens its own commitment, and under another secret is damage', () => {
    const match = { commitment: matchCommitment('c', drawMatch(new Secrets(), 'c')) };
    expect(openMatch(new Secrets(), { consent: 'c', match })).toEqual(
      drawMatch(new Secrets(), 'c'),
    );
    expect(openMatch(new Secrets(), { consent: 'c', match: null })).toBeNull();
    expect(() => openMatch(new Secrets('another'), { consent: 'c', match })).toThrow(
      expect.objectContaining({ code: 'match_not_opened' }),
    );
  });

  test('is asked of the participant whose number was typed, and not of the one whose code was scanned', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    const holder = scene.person('11010519491231002X');
    const shown = { subject: holder.subject, jkt: holder.key.jkt };
    await scene.qrCodes.issue('a code', shown, scene.clock.now());
    const byCode = await scene.open([{ role: 'applicant', code: 'a code' }]);
    await scene.request(byCode);
    expect((await scene.eventOf(holder.subject, 'ConsentRequested'))['match']).toBeNull();

    const other = scene.person('110105194912310003');
    await scene.request(await scene.openFor(other.number));
    expect((await scene.eventOf(other.subject, 'ConsentRequested'))['match']).toEqual({
      commitment: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
    });
  });
});
