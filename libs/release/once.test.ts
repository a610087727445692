import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { CertificateNow } from '#libs/certificate';
import {
  type Ask,
  asksOf,
  bookDecider,
  type ConsentCommand,
  type ConsentEvent,
  type ConsentRequested,
} from '#libs/consent';
import { MemoryEventStore } from '#libs/event-store/memory';
import { createEventStore, PostgresEventStore } from '#libs/event-store/postgres';
import { fold } from '#libs/kernel';
import { bookOf } from '#libs/subject';
import { freshDatabase } from '../../test/support/postgres.js';
import { ReleaseScene, SetClock } from '../../test/support/release-scene.js';
import { answerOf } from './candidates.js';

const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X', 住址: '某市某路1号' };

describe('a consent counts once', () => {
  test('of 64 simultaneous redemptions through two stores on one PostgreSQL exactly one wins', async () => {
    const database = await freshDatabase();
    await createEventStore(database.pool);
    const stores = await Promise.all(
      [1, 2].map(() =>
        PostgresEventStore.open({ city: 'city.example', connectionString: database.url }),
      ),
    );
    const [first, second] = stores;
    try {
      const one = new ReleaseScene(first!);
      const holder = one.person('11010519491231002X');
      await one.certificate(holder.subject, 'ZZ001', idCard);
      const atCase = await one.openFor(holder.number);
      const consent = await one.request(atCase);
      await one.grant(holder, consent);
      // Stands for the other process: its own store, the same city, keys and terminal.
      await one.known();
      const two = new ReleaseScene(second!, one.clock, one.keys);
      two.held.push(...one.held);

      const token = await one.token(atCase, consent);
      const results = await Promise.allSettled(
        Array.from({ length: 64 }, (_, n) =>
          (n % 2 === 0 ? one : two).pull(token, one.terminal, `attempt-number-${n}`),
        ),
      );
      const won = results.filter(({ status }) => status === 'fulfilled');
      const lost = results.filter((result) => result.status === 'rejected');
      expect(won).toHaveLength(1);
      expect(new Set(lost.map(({ reason }) => (reason as { code: unknown }).code))).toEqual(
        new Set(['consent_spent']),
      );
      expect(await one.bookOf(holder.subject)).toEqual([
        'ConsentRequested',
        'ConsentGranted',
        'ConsentRedeemed',
      ]);
    } finally {
      await Promise.all(stores.map((store) => store.close()));
      await database.drop();
    }
  });

  test('and 24 different ones of one holder, redeemed at once through two stores, all count', async () => {
    const database = await freshDatabase();
    await createEventStore(database.pool);
    const open = () =>
      PostgresEventStore.open({ city: 'city.example', connectionString: database.url });
    const stores = [await open(), await open()] as const;
    try {
      const one = new ReleaseScene(stores[0]);
      const holder = one.person('11010519491231002X');
      await one.certificate(holder.subject, 'ZZ001', idCard);
      await one.known();
      const two = new ReleaseScene(stores[1], one.clock, one.keys);
      two.held.push(...one.held);
      const tokens: string[] = [];
      for (let n = 0; n < 24; n++) {
        const atCase = await one.openFor(holder.number);
        const consent = await one.request(atCase);
        await one.grant(holder, consent);
        tokens.push(await one.token(atCase, consent));
      }
      await Promise.all(
        tokens.map((token, n) => (n % 2 === 0 ? one : two).pull(token, one.terminal)),
      );
      const types = await one.bookOf(holder.subject);
      expect(types.filter((type) => type === 'ConsentRedeemed')).toHaveLength(24);
    } finally {
      await Promise.all(stores.map((store) => store.close()));
      await database.drop();
    }
  });

  test('of simultaneous redemptions under one Idempotency-Key at most one is answered', async () => {
    const scene = new ReleaseScene(new MemoryEventStore('city.example'));
    const holder = scene.person('11010519491231002X');
    await scene.certificate(holder.subject, 'ZZ001', idCard);
    const atCase = await scene.openFor(holder.number);
    const consent = await scene.request(atCase);
    await scene.grant(holder, consent);
    const token = await scene.token(atCase, consent);
    const results = await Promise.allSettled(
      Array.from({ length: 16 }, () =>
        scene.pull(token, scene.terminal, 'one-key-for-all-of-them'),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('whatever happens to it in whatever order, in time or late', () => {
    const by = { client: 'terminal-1', jkt: 'key-1' };
    const asks: readonly Ask[] = [
      { material: 'ZZ001', answers: [{ type: 'ZZ001', fields: ['姓名', '公民身份号码'] }] },
    ];
    const request: ConsentRequested['data'] = {
      consent: 'c',
      case: 'k',
      matter: 'SX0001',
      role: 'applicant',
      window: 'window-1',
      department: '人社',
      terminal: by.client,
      terminalKey: by.jkt,
      purpose: '办理',
      action: 'read',
      basis: 'consent',
      asks,
      notice: { version: 1, zh: '', en: '', hash: 'h' },
      match: null,
      answerBy: '2026-11-22T08:10:00.000Z',
    };
    const read = (fields: readonly string[]) => ({
      material: 'ZZ001',
      certificate: 'x',
      type: 'ZZ001',
      number: 1,
      streamVersion: 0,
      head: '',
      fields,
    });
    const place = { matter: 'SX0001', window: 'window-1', department: '人社', town: null };
    const self = { caller: 's', principal: { capacity: 'self', subject: 's' } } as const;
    const commandAt = (now: string, kind: number, fields: readonly string[]): ConsentCommand => {
      switch (kind) {
        case 0:
          return {
            kind: 'grant',
            by: self,
            consent: 'c',
            signed: { consent: 'c', case: 'k', noticeHash: 'h', capacity: 'self', digits: null },
            proof: { method: 'jws', jws: '', jkt: '' },
            match: null,
            now,
          };
        case 1:
          return { kind: 'refuse', by: self, consent: 'c', now };
        case 2:
          return { kind: 'withdraw', by: self, consent: 'c' };
        case 3:
          return {
            kind: 'read-again',
            by,
            reading: { consent: 'c', commitment: '', place },
            case: 'k',
            now,
          };
        default:
          return {
            kind: 'redeem',
            by,
            allowed: asks,
            action: 'read',
            redemption: {
              consent: 'c',
              case: 'k',
              caseVersion: 0,
              place,
              read: [read(fields)],
              missing: [],
              commitment: '',
            },
            now,
          };
      }
    };
    const step = fc.record({
      kind: fc.integer({ min: 0, max: 6 }),
      wait: fc.integer({ min: 0, max: 400 }),
      fields: fc.subarray(['姓名', '公民身份号码', '住址', '民族']),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const clock = new SetClock();
        const events: ConsentEvent[] = [{ type: 'ConsentRequested', data: request }];
        for (const { kind, wait, fields } of steps) {
          clock.pass(wait);
          try {
            events.push(
              ...bookDecider.decide(
                commandAt(clock.now(), kind, fields),
                fold(bookDecider, events),
              ),
            );
          } catch (error) {
            expect(error).toHaveProperty('code');
          }
        }
        const types = events.map(({ type }) => type);
        const redeemed = events.filter((event) => event.type === 'ConsentRedeemed');
        expect(redeemed.length).toBeLessThanOrEqual(1);
        for (const event of redeemed) {
          const at = events.indexOf(event);
          expect(types.slice(0, at)).toContain('ConsentGranted');
          expect(types.slice(0, at)).not.toContain('ConsentWithdrawn');
          expect(types.slice(0, at)).not.toContain('ConsentRefused');
          for (const { fields } of event.data.read)
            for (const field of fields) expect(['姓名', '公民身份号码']).toContain(field);
        }
        const firstReading = types.indexOf('ReleaseReadAgain');
        if (firstReading >= 0) expect(types.slice(0, firstReading)).toContain('ConsentRedeemed');
        const withdrawn = types.indexOf('ConsentWithdrawn');
        if (withdrawn >= 0) expect(types.slice(withdrawn)).not.toContain('ReleaseReadAgain');
      }),
      { numRuns: 500 },
    );
  });
});

describe('only what is asked', () => {
  const names = ['姓名', '公民身份号码', '住址', '民族', '出生日期', '签发机关'];
  const types = ['ZZ001', 'ZZ002', 'ZZ003'];
  const roles = ['applicant', 'spouse'];
  const answer = fc.record({
    type: fc.constantFrom(...types),
    whose: fc.constantFrom(...roles),
    fields: fc.subarray(names),
  });
  const materials = fc.uniqueArray(
    fc.record({
      material: fc.constantFrom('M1', 'M2', 'M3'),
      nameZh: fc.constant('材料'),
      answers: fc.array(answer, { maxLength: 3 }),
    }),
    { selector: ({ material }) => material, minLength: 1 },
  );
  const certificate = fc
    .record({
      type: fc.constantFrom(...types),
      standing: fc.constantFrom('valid', 'revoked', 'expired'),
      has: fc.subarray([...names, 'number', 'holder.0']),
    })
    .map(
      ({ type, standing, has }) =>
        ({
          certificate: 'x',
          type,
          standing,
          version: { disclosures: has.map((name) => ({ name })) },
        }) as unknown as CertificateNow,
    );

  test('fields released are among those asked, and those among the rule’s for that role', () => {
    fc.assert(
      fc.property(
        materials,
        fc.constantFrom(...roles),
        fc.array(certificate, { maxLength: 5 }),
        (rules, role, held) => {
          for (const rule of rules) {
            let asks: readonly Ask[];
            try {
              asks = asksOf({ materials: rules }, role, [rule.material]);
            } catch (error) {
              expect(error).toMatchObject({ code: 'material_not_exemptible' });
              expect(
                rule.answers.every(({ whose, fields }) => whose !== role || fields.length === 0),
              ).toBe(true);
              continue;
            }
            for (const ask of asks) {
              for (const { type, fields } of ask.answers)
                expect(
                  rule.answers.some(
                    (each) =>
                      each.type === type &&
                      each.whose === role &&
                      fields.every((field) => each.fields.includes(field)),
                  ),
                ).toBe(true);
              const chosen = answerOf(ask, held);
              if ('reason' in chosen) continue;
              expect(chosen.certificate.standing).toBe('valid');
              expect(chosen.fields.length).toBeGreaterThan(0);
              expect(
                ask.answers.some(
                  ({ type, fields }) =>
                    type === chosen.certificate.type &&
                    chosen.fields.every((field) => fields.includes(field)),
                ),
              ).toBe(true);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('what the rule of the case does not name', () => {
  test('is not redeemed, though it stands in the book as granted', () => {
    const by = { client: 'terminal-1', jkt: 'key-1' };
    const asked = (fields: readonly string[]): Ask => ({
      material: 'ZZ001',
      answers: [{ type: 'ZZ001', fields }],
    });
    const events: ConsentEvent[] = [
      {
        type: 'ConsentRequested',
        data: {
          consent: 'c',
          case: 'k',
          matter: 'SX0001',
          role: 'applicant',
          window: 'window-1',
          department: '人社',
          terminal: by.client,
          terminalKey: by.jkt,
          purpose: '办理',
          action: 'read',
          basis: 'consent',
          asks: [asked(['姓名', '住址'])],
          notice: { version: 1, zh: '', en: '', hash: 'h' },
          match: null,
          answerBy: '2026-11-22T08:10:00.000Z',
        },
      },
      {
        type: 'ConsentGranted',
        data: {
          consent: 'c',
          caller: 's',
          capacity: 'self',
          mandate: null,
          proof: { method: 'jws', jws: '', jkt: '' },
          match: null,
          redeemBy: '2026-11-22T08:10:00.000Z',
        },
      },
    ];
    const redeem = () =>
      bookDecider.decide(
        {
          kind: 'redeem',
          by,
          allowed: [asked(['姓名'])],
          action: 'read',
          redemption: {
            consent: 'c',
            case: 'k',
            caseVersion: 0,
            place: { matter: 'SX0001', window: 'window-1', department: '人社', town: null },
            read: [],
            missing: [],
            commitment: '',
          },
          now: '2026-11-22T08:05:00.000Z',
        },
        fold(bookDecider, events),
      );
    expect(redeem).toThrow(expect.objectContaining({ code: 'ask_beyond_rule' }));
  });
});

describe('a book', () => {
  test('is named for nobody: one name a subject, which does not tell it', () => {
    const subject = 'AAAAAAAAAAAAAAAAAAAAAA';
    expect(bookOf(subject)).toMatch(/^book-[A-Za-z0-9_-]{22}$/);
    expect(bookOf(subject)).toBe(bookOf(subject));
    expect(bookOf(subject)).not.toContain(subject);
    expect(bookOf(subject)).not.toBe(bookOf('AAAAAAAAAAAAAAAAAAAAAQ'));
  });
});
