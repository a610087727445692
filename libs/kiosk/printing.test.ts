import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { plusSeconds, secondsBetween } from '#libs/kernel';
import { PaperPrinter } from '../../test/support/paper-printer.js';
import { PrintFiles } from './files/index.js';
import { Printing, type PrintNews } from './printing.js';

const pdf = (text: string) => Buffer.from(`%PDF-1.7 ${text}`);
const [one, two] = ['print-0000000000000001', 'print-0000000000000002'];

let folder: string;
let printer: PaperPrinter;
let now: string;
let reported: unknown[];
/** What happens between two looks at the printer. */
let between: () => void;
let pagesPerDay: number;
let outputReason: string | null;
let running: Printing[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-kiosk-'));
  printer = new PaperPrinter();
  now = '2026-12-01T15:00:00.000Z';
  reported = [];
  between = () => undefined;
  pagesPerDay = 100;
  outputReason = null;
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((printing) => printing.stop()));
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

/** A start of the program. */
async function start(): Promise<Printing> {
  const printing = new Printing({
    printer,
    journal: await PrintFiles.open(folder, now),
    clock: { now: () => now },
    limits: { pagesPerDay, unchangedSeconds: 120, outputReason },
    pause: () =>
      new Promise((resolve) => {
        setImmediate(() => {
          now = plusSeconds(now, 1);
          between();
          resolve();
        });
      }),
    report: (error) => reported.push(error),
  });
  running.push(printing);
  printing.resume();
  return printing;
}

/** At the third look that the printer is given. */
function soon(act: () => void): void {
  let looks = 0;
  between = () => {
    if (++looks === 3) act();
  };
}

/** All that is told, until the page is no more looked for. */
function toEnd(printing: Printing, id: string): Promise<readonly PrintNews[]> {
  return new Promise((resolve) => {
    const told: PrintNews[] = [];
    printing.follow(id, (news) => {
      told.push(news);
      if (news.is === 'ended' && news.page !== 'in-output') resolve(told);
    });
  });
}
const endOf = async (printing: Printing, id: string) => (await toEnd(printing, id)).at(-1)?.end;
const codeOf = (error: unknown) => (error as { code: string }).code;
const refusal = (work: Promise<unknown>) => work.then(() => null, codeOf);

describe('a page is printed once', () => {
  test('and success is said when the printer completed it', async () => {
    printer.prints = false;
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    const news = toEnd(printing, one);
    soon(() => {
      printer.come(1);
    });
    expect((await news).map(({ is }) => is)).toEqual(['waiting', 'printing', 'ended']);
    expect((await news).at(-1)).toMatchObject({ end: 'printed', page: 'asked' });
    expect(printer.paper).toEqual(['%PDF-1.7 one']);
  });

  test('however often it is asked for under its id, also after a restart', async () => {
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    await printing.print(one, 1, pdf('one'));
    expect(await endOf(printing, one)).toBe('printed');
    const again = await start();
    await again.print(one, 1, pdf('one'));
    expect(await endOf(again, one)).toBe('printed');
    expect(printer.paper).toHaveLength(1);
  });

  test.each(['before', 'after'] as const)(
    'where the job is opened and the connection lost %s it',
    async (lost) => {
      printer.lose('open', lost);
      const printing = await start();
      await printing.print(one, 1, pdf('one'));
      expect(await endOf(printing, one)).toBe(lost === 'after' ? 'printed' : 'not-printed');
      expect(printer.paper).toHaveLength(lost === 'after' ? 1 : 0);
    },
  );

  test.each(['before', 'after'] as const)(
    'where its document is sent and the connection lost %s it',
    async (lost) => {
      printer.lose('send', lost);
      const printing = await start();
      await printing.print(one, 1, pdf('one'));
      expect(await endOf(printing, one)).toBe(lost === 'after' ? 'perhaps' : 'not-printed');
      expect(printer.paper).toHaveLength(lost === 'after' ? 1 : 0);
    },
  );

  test.each(['open', 'send'] as const)(
    'and not at all where the printer refuses to %s',
    async (method) => {
      printer.lose(method, 'refused');
      const printing = await start();
      await printing.print(one, 1, pdf('one'));
      expect(await endOf(printing, one)).toBe('not-printed');
      expect(printer.paper).toEqual([]);
    },
  );

  test('where answers about it are lost in between', async () => {
    for (let n = 0; n < 3; n++) printer.lose('job', 'after');
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    expect(await endOf(printing, one)).toBe('printed');
  });

  test('of two at once the second is refused, and may come when the first has ended', async () => {
    const printing = await start();
    const both = [printing.print(one, 1, pdf('one')), refusal(printing.print(two, 1, pdf('two')))];
    expect((await Promise.all(both))[1]).toBe('printer_busy');
    await endOf(printing, one);
    await printing.print(two, 1, pdf('two'));
    expect(await endOf(printing, two)).toBe('printed');
    expect(printer.paper).toEqual(['%PDF-1.7 one', '%PDF-1.7 two']);
  });
});

describe('bad luck', () => {
  test.each([
    ['it has no paper', 'media-empty'],
    ['it is jammed', 'media-jam'],
    ['its cover is open', 'cover-open'],
  ])('nothing is sent where %s before', async (_, reason) => {
    printer.facts = { state: 'idle', reasons: [reason], acceptsJobs: true };
    const printing = await start();
    expect(await refusal(printing.print(one, 1, pdf('one')))).toBe('printer_not_ready');
    expect(printer.jobs.size).toBe(0);
    expect(printing.pagesLeft).toBe(100);
    // Nor is its id spent.
    printer.facts = { state: 'idle', reasons: [], acceptsJobs: true };
    await printing.print(one, 1, pdf('one'));
    expect(await endOf(printing, one)).toBe('printed');
  });

  test('paper that runs out during a print is said, and the print goes on when there is some', async () => {
    printer.prints = false;
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    const news = toEnd(printing, one);
    printer.facts = { state: 'stopped', reasons: ['media-needed'], acceptsJobs: true };
    soon(() => {
      printer.facts = { state: 'idle', reasons: [], acceptsJobs: true };
      printer.come(1);
    });
    const told = await news;
    expect(told).toContainEqual(expect.objectContaining({ is: 'stopped', printer: 'no-paper' }));
    expect(told.at(-1)?.end).toBe('printed');
    expect(printer.paper).toHaveLength(1);
  });

  test('paper that runs out after a print changes nothing of it', async () => {
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    printer.facts = { state: 'idle', reasons: ['media-empty'], acceptsJobs: true };
    expect(await endOf(printing, one)).toBe('printed');
  });

  test('a job that stays stopped is taken back: nobody finds it in the tray an hour later', async () => {
    printer.prints = false;
    printer.facts = { state: 'idle', reasons: [], acceptsJobs: true };
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    printer.facts = { state: 'stopped', reasons: ['media-jam'], acceptsJobs: true };
    const told = await toEnd(printing, one);
    expect(told).toContainEqual(expect.objectContaining({ canceling: true, printer: 'jam' }));
    expect(printer.jobs.get(1)?.facts.state).toBe('canceled');
    // The printer began with it and does not count: somebody has to look.
    expect(told.at(-1)?.end).toBe('perhaps');
  });

  test('of a printer that counts, a job taken back with none counted is not on paper', async () => {
    const printing = await start();
    printer.prints = false;
    await printing.print(one, 1, pdf('one'));
    soon(() => {
      printer.change(1, { impressions: 1 });
      printer.come(1);
    });
    expect(await endOf(printing, one)).toBe('printed');
    await printing.print(two, 1, pdf('two'));
    soon(() => {
      printer.change(2, { impressions: 0 });
      void printing.cancel(two);
    });
    expect(await endOf(printing, two)).toBe('not-printed');
    expect(printing.pagesLeft).toBe(99);
  });

  test('a printer that is switched off meanwhile is said, and has forgotten the job afterwards', async () => {
    printer.prints = false;
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    const news = toEnd(printing, one);
    soon(() => {
      printer.isOff = true;
      soon(() => {
        printer.isOff = false;
        printer.forget();
      });
    });
    const told = await news;
    expect(told).toContainEqual(expect.objectContaining({ is: 'stopped', printer: 'off' }));
    expect(told.at(-1)?.end).toBe('perhaps');
  });

  test('a job of another print that has its number is not taken for it', async () => {
    printer.prints = false;
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    soon(() => {
      printer.forget();
      void printer.open('of-somebody-else-0001');
      soon(() => {
        printer.change(1, { state: 'completed' });
      });
    });
    expect(await endOf(printing, one)).toBe('perhaps');
  });

  test('pages beyond the day’s are refused, and the next day of Shanghai has its own', async () => {
    pagesPerDay = 2;
    const printing = await start();
    await printing.print(one, 2, pdf('one'));
    await endOf(printing, one);
    expect(await refusal(printing.print(two, 1, pdf('two')))).toBe('daily_pages_of_kiosk');
    now = '2026-12-01T16:00:00.000Z'; // midnight there
    await printing.print(two, 1, pdf('two'));
    expect(await endOf(printing, two)).toBe('printed');
  });

  test('a page that the printer says lies there is told until it is taken', async () => {
    outputReason = 'x-page-in-output';
    printer.facts = { state: 'idle', reasons: [outputReason], acceptsJobs: true };
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    const news = toEnd(printing, one);
    soon(() => {
      printer.facts = { state: 'idle', reasons: [], acceptsJobs: true };
    });
    expect((await news).map(({ page }) => page)).toEqual([null, 'in-output', 'taken']);
  });

  test.each([
    [
      'an id that could name another file',
      '../../../etc/passwd',
      1,
      pdf('x'),
      'print_id_malformed',
    ],
    ['no page', one, 0, pdf('x'), 'print_pages_wrong'],
    ['what is no PDF', one, 1, Buffer.from('%!PS'), 'print_not_pdf'],
  ])('%s is refused', async (_, id, pages, document, code) => {
    const printing = await start();
    expect(await refusal(printing.print(id, pages, document))).toBe(code);
  });
});

/** The journal as a power cut leaves it, and a start on it. */
async function afterPowerCut(record: object): Promise<Printing> {
  const whole = { id: one, began: now, pages: 1, job: null, cancel: false, end: null, ...record };
  await writeFile(join(folder, `${one}.json`), JSON.stringify(whole), { mode: 0o600 });
  return start();
}

describe('after a power cut of the kiosk', () => {
  test('a job that was opened without its document is removed: nothing was printed', async () => {
    await printer.open(one);
    const printing = await afterPowerCut({ stage: 'opening' });
    expect(await endOf(printing, one)).toBe('not-printed');
    expect(printer.jobs.get(1)?.facts.state).toBe('canceled');
  });

  test('a job that completed meanwhile is printed', async () => {
    const job = await printer.open(one);
    await printer.send(job, pdf('one'));
    expect(await endOf(await afterPowerCut({ stage: 'sent', job }), one)).toBe('printed');
    expect(printer.paper).toHaveLength(1);
  });

  test('a job that completed what was not acknowledged may be on paper', async () => {
    const job = await printer.open(one);
    await printer.send(job, pdf('one'));
    expect(await endOf(await afterPowerCut({ stage: 'sending', job }), one)).toBe('perhaps');
  });

  test('a job that waits for paper is taken back: whom it was for has gone', async () => {
    printer.prints = false;
    const job = await printer.open(one);
    await printer.send(job, pdf('one'));
    printer.facts = { state: 'stopped', reasons: ['media-empty'], acceptsJobs: true };
    expect(await endOf(await afterPowerCut({ stage: 'sending', job }), one)).toBe('perhaps');
    expect(printer.jobs.get(job)?.facts.state).toBe('canceled');
    // At once, and not when it has waited long enough.
    expect(secondsBetween('2026-12-01T15:00:00.000Z', now)).toBeLessThan(5);
  });

  test('a job whose document never came is not printed', async () => {
    const job = await printer.open(one);
    expect(await endOf(await afterPowerCut({ stage: 'sending', job }), one)).toBe('not-printed');
  });

  test('a job that the printer forgot may be on paper', async () => {
    expect(await endOf(await afterPowerCut({ stage: 'sending', job: 7 }), one)).toBe('perhaps');
  });

  test('the printer is asked until it answers', async () => {
    printer.isOff = true;
    soon(() => {
      printer.isOff = false;
    });
    expect(await endOf(await afterPowerCut({ stage: 'opening' }), one)).toBe('not-printed');
  });

  test('a record that cannot be read is a print that may be on paper, and is not printed again', async () => {
    await writeFile(join(folder, `${one}.json`), '{"id":"pri', { mode: 0o600 });
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    expect(await endOf(printing, one)).toBe('perhaps');
    expect(printer.paper).toEqual([]);
  });
});

describe('what is kept', () => {
  test('is ids, times, counts and outcomes, readable by its owner alone, and nothing of a document', async () => {
    const printing = await start();
    await printing.print(one, 1, pdf('示例甲子'));
    await endOf(printing, one);
    for (const name of await readdir(folder)) {
      const file = join(folder, name);
      expect((await stat(file)).mode & 0o077).toBe(0);
      const text = await readFile(file, 'utf8');
      expect(text).not.toMatch(/PDF|示例/);
      expect(Object.keys(JSON.parse(text) as object).sort()).toEqual([
        'began',
        'cancel',
        'end',
        'id',
        'job',
        'pages',
        'stage',
      ]);
    }
  });

  test('goes after seven days, at a start and at the next print', async () => {
    const printing = await start();
    await printing.print(one, 1, pdf('one'));
    await endOf(printing, one);
    await writeFile(join(folder, `${two}.json.0a1b2c3d4e5f`), '{"id', { mode: 0o600 });
    now = plusSeconds(now, 8 * 86_400);
    await printing.print(two, 1, pdf('two'));
    await endOf(printing, two);
    expect(await readdir(folder)).toEqual([
      `${two}.json`,
      // Half written when the power went.
      `${two}.json.0a1b2c3d4e5f`,
    ]);
    now = plusSeconds(now, 8 * 86_400);
    await start();
    expect(await readdir(folder)).toEqual([]);
  });

  test('nothing is sent where it cannot be written', async () => {
    const printing = await start();
    await rm(folder, { recursive: true });
    expect(await refusal(printing.print(one, 1, pdf('one')))).toBe('ENOENT');
    expect([printer.jobs.size, printing.isBusy]).toEqual([0, false]);
    await mkdir(folder);
  });

  test('no document follows a job whose record cannot be written', async () => {
    const printing = await start();
    printer.open = async (name) => {
      const job = await PaperPrinter.prototype.open.call(printer, name);
      await rm(folder, { recursive: true });
      return job;
    };
    await printing.print(one, 1, pdf('one'));
    expect(await endOf(printing, one)).toBe('not-printed');
    expect(printer.jobs.get(1)).toMatchObject({ document: null, facts: { state: 'canceled' } });
    expect(reported).not.toEqual([]);
    await mkdir(folder);
  });
});
