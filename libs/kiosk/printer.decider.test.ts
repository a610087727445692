import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  isPrintable,
  jobSignOf,
  type PrinterSign,
  printerSigns,
  signOf,
} from './printer.decider.js';
import { type JobFacts, type JobState, jobStates, type PrinterFacts } from './printer.js';

const given = (reasons: readonly string[], more: Partial<PrinterFacts> = {}) =>
  signOf({ is: 'told', facts: { state: 'idle', acceptsJobs: true, ...more, reasons } });

describe('given what a printer tells, a kiosk says', () => {
  test.each<[string, readonly string[], Partial<PrinterFacts>, PrinterSign]>([
    ['ready', [], {}, 'ready'],
    ['ready while it prints', [], { state: 'processing' }, 'ready'],
    ['that toner runs low, and prints on', ['toner-low-warning'], {}, 'low-toner'],
    ['that paper runs low, and prints on', ['media-low'], {}, 'low-paper'],
    ['no paper as soon as the tray is empty', ['media-empty-report'], {}, 'no-paper'],
    [
      'no paper while a job waits for it',
      ['media-empty-warning', 'media-needed-warning'],
      { state: 'processing' },
      'no-paper',
    ],
    ['no paper where it stopped for it', ['media-needed-error'], { state: 'stopped' }, 'no-paper'],
    ['no toner where it is used up', ['marker-supply-empty-warning'], {}, 'no-toner'],
    ['a jam', ['media-jam-warning'], { state: 'processing' }, 'jam'],
    ['an open cover', ['cover-open'], { state: 'stopped' }, 'cover'],
    ['an open door as a cover', ['door-open-error'], { state: 'stopped' }, 'cover'],
    ['that pages lie in the output', ['output-area-full'], {}, 'output-full'],
    ['off where a spooler has lost its device', ['offline-report'], {}, 'off'],
    ['that somebody must look where it was paused', ['paused'], { state: 'stopped' }, 'attention'],
    [
      'that somebody must look where it stopped without a reason',
      [],
      { state: 'stopped' },
      'attention',
    ],
    [
      'that somebody must look where it stopped and only tells of low toner',
      ['toner-low-warning'],
      { state: 'stopped' },
      'attention',
    ],
    ['that somebody must look where it takes no jobs', [], { acceptsJobs: false }, 'attention'],
    [
      'that somebody must look at an error of the maker’s own',
      ['x-example-error'],
      {},
      'attention',
    ],
    ['ready beside a warning of the maker’s own', ['x-example-warning'], {}, 'ready'],
    ['the cover before the jam behind it', ['media-jam', 'cover-open'], {}, 'cover'],
    ['no paper before low toner', ['toner-low', 'media-empty'], {}, 'no-paper'],
  ])('%s', (_, reasons, more, sign) => {
    expect(given(reasons, more)).toBe(sign);
  });

  test.each([
    ['off', 'off'],
    ['network', 'network'],
    ['silent', 'unknown'],
  ] as const)('where nothing is told for %s: %s, and prints nothing', (why, sign) => {
    expect(signOf({ is: 'away', why })).toBe(sign);
    expect(isPrintable(sign)).toBe(false);
  });

  test('pages are printed on low paper and toner, and in no other trouble', () => {
    expect(printerSigns.filter(isPrintable)).toEqual(['ready', 'low-paper', 'low-toner']);
  });

  test('nothing printable of a printer that stopped or takes no jobs, whatever it tells', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.boolean(), (reasons, stopped) => {
        const more = stopped ? { state: 'stopped' as const } : { acceptsJobs: false };
        expect(isPrintable(given(reasons, more))).toBe(false);
      }),
    );
  });
});

const known = { acknowledged: true, counts: false };
const counting = { acknowledged: true, counts: true };
const job = (state: JobState, more: Partial<JobFacts> = {}): JobFacts => ({
  state,
  reasons: [],
  impressions: null,
  begun: null,
  ...more,
});

describe('given a job whose document was sent, a kiosk says', () => {
  test('printed at completed, and at nothing else', () => {
    const printed = jobStates.filter((state) => {
      const sign = jobSignOf(job(state, { impressions: 1, begun: true }), 'ready', counting);
      return sign.is === 'ended' && sign.end === 'printed';
    });
    expect(printed).toEqual(['completed']);
  });

  test('perhaps where it completed with errors', () => {
    const told = job('completed', { reasons: ['job-completed-with-errors'] });
    expect(jobSignOf(told, 'ready', counting)).toEqual({ is: 'ended', end: 'perhaps' });
  });

  test('perhaps where it completed what it did not acknowledge', () => {
    const sign = jobSignOf(job('completed'), 'ready', { acknowledged: false, counts: true });
    expect(sign).toEqual({ is: 'ended', end: 'perhaps' });
  });

  test('waiting and printing while the printer can, stopped while it cannot', () => {
    expect(jobSignOf(job('pending'), 'ready', known)).toEqual({ is: 'waiting' });
    expect(jobSignOf(job('processing', { impressions: 1 }), 'low-toner', known)).toEqual({
      is: 'printing',
      impressions: 1,
    });
    for (const state of ['pending', 'pending-held', 'processing'] as const)
      expect(jobSignOf(job(state), 'no-paper', known)).toEqual({ is: 'stopped' });
    expect(jobSignOf(job('processing-stopped'), 'ready', known)).toEqual({ is: 'stopped' });
  });

  describe.each(['canceled', 'aborted'] as const)('of one that was %s', (state) => {
    test.each<[string, Partial<JobFacts>, boolean]>([
      ['the printer never began', { begun: false, impressions: null }, false],
      [
        'the document did not come whole',
        { reasons: ['submission-interrupted'], begun: true },
        false,
      ],
      ['none was counted by a printer that counts', { begun: true, impressions: 0 }, true],
    ])('that nothing is on paper where %s', (_, more, counts) => {
      expect(jobSignOf(job(state, more), 'ready', { acknowledged: true, counts })).toEqual({
        is: 'ended',
        end: 'not-printed',
      });
    });

    test.each<[string, Partial<JobFacts>, boolean]>([
      ['a page was counted', { begun: true, impressions: 1 }, true],
      ['the printer tells nothing', {}, false],
      ['none was counted by a printer that never counts', { begun: true, impressions: 0 }, false],
    ])('that somebody has to look where %s', (_, more, counts) => {
      expect(jobSignOf(job(state, more), 'ready', { acknowledged: true, counts })).toEqual({
        is: 'ended',
        end: 'perhaps',
      });
    });
  });

  test('that somebody has to look where the printer has forgotten it', () => {
    expect(jobSignOf(null, 'ready', counting)).toEqual({ is: 'ended', end: 'perhaps' });
  });
});
