import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { SystemClock } from '#libs/kernel';
import { Printing, type PrintNews, signOf } from '#libs/kiosk';
import { PrintFiles } from '#libs/kiosk/files';
import { IppPrinter } from '#libs/kiosk/ipp';
import { BreakingPrinter } from './breaking-printer.js';
import { EvePrinter } from './eve-printer.js';

jest.setTimeout(60_000);

/** Longer than a packet, and no text: what comes out is compared byte by byte. */
const pdf = () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(300_000)]);
/** RFC 8011, section 5.4.15. */
const cancelJob = 0x08;
const patience = { connect: 2000, answer: 1500 };

let eve: EvePrinter;
let proxy: BreakingPrinter;
let folder: string;
let printing: Printing;
let before: number;
beforeAll(async () => {
  eve = await EvePrinter.start();
  proxy = await BreakingPrinter.before(eve.port);
});
afterAll(async () => {
  await proxy.stop();
  await eve.stop();
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-kiosk-'));
  before = eve.printed().length;
  await eve.sheets(250);
  await eve.toner(75);
  await start();
});
afterEach(async () => {
  await printing.stop();
  eve.takesNoOrders();
  await rm(folder, { recursive: true });
});

async function start(unchangedSeconds = 60): Promise<void> {
  printing = new Printing({
    printer: new IppPrinter({ uri: proxy.uri }, patience),
    journal: await PrintFiles.open(folder, new SystemClock().now()),
    clock: new SystemClock(),
    limits: { pagesPerDay: 100, unchangedSeconds, outputReason: null },
    pause: (signal) => wait(20, undefined, { signal }).catch(() => undefined),
    report: (error) => {
      throw error;
    },
  });
  printing.resume();
}

/** @param until whether this is what is waited for; by default its end */
function news(
  id: string,
  until: (one: PrintNews) => boolean = ({ is }) => is === 'ended',
): Promise<PrintNews> {
  return new Promise((resolve) => {
    printing.follow(id, (one) => {
      if (until(one)) resolve(one);
    });
  });
}
const seen = async () => signOf(await new IppPrinter({ uri: proxy.uri }, patience).look());
const cameOut = () => eve.printed().slice(before);

/** Until the printer says so of itself. */
async function says(sign: string): Promise<void> {
  while ((await seen()) !== sign) await wait(20);
}

describe('a page on a printer of IPP Everywhere', () => {
  test('comes out byte by byte as it was sent, once, and is printed when the job is completed', async () => {
    const [id, document] = [randomUUID(), pdf()];
    await printing.print(id, 1, document);
    await printing.print(id, 1, document);
    expect(await news(id)).toMatchObject({ end: 'printed' });
    expect(cameOut()).toEqual([document]);
  });

  test('is told as printing until then', async () => {
    eve.takesOrders();
    const id = randomUUID();
    await printing.print(id, 1, pdf());
    await news(id, ({ is }) => is === 'printing');
    await eve.order('done');
    expect(await news(id)).toMatchObject({ end: 'printed' });
  });

  test('goes to a printer that can do what printing once rests on', async () => {
    expect(await new IppPrinter({ uri: proxy.uri }).missing()).toEqual([]);
  });

  test('goes over TLS to the printer whose certificate is known, and to no other', async () => {
    const [{ uri, certificate, stop }, other] = [await withTls(eve.port), await withTls(eve.port)];
    const under = async (known?: string) =>
      signOf(await new IppPrinter({ uri, certificate: known }, patience).look());
    expect(await under(certificate)).toBe('ready');
    expect(await under()).toBe('unknown');
    expect(await under(other.certificate)).toBe('unknown');
    stop();
    other.stop();
  });
});

/** A printer of IPP over TLS, under a certificate that it made itself. */
async function withTls(port: number) {
  const keys = await mkdtemp(join(tmpdir(), 'mianzheng-printer-tls-'));
  const [key, cert] = [join(keys, 'key.pem'), join(keys, 'cert.pem')];
  const words = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=KP1234';
  execFileSync('openssl', ['req', ...words.split(' '), '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  });
  const certificate = await readFile(cert, 'utf8');
  const server = createServer({ key: await readFile(key), cert: certificate }, (socket) => {
    const onwards = connect(port, '127.0.0.1');
    for (const end of [socket, onwards])
      end
        .on('error', () => undefined)
        .on('close', () => [socket, onwards].map((one) => one.destroy()));
    socket.pipe(onwards).pipe(socket);
  });
  server.on('tlsClientError', () => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await rm(keys, { recursive: true });
  const uri = `ipps://127.0.0.1:${(server.address() as AddressInfo).port}/ipp/print`;
  return { uri, certificate, stop: () => server.close() };
}

describe('the printer’s state is its own', () => {
  test.each([
    ['ready', () => Promise.resolve()],
    ['low-paper', () => eve.sheets(5)],
    ['no-paper', () => eve.sheets(0)],
    ['low-toner', () => eve.toner(5)],
    ['no-toner', () => eve.toner(0)],
  ] as const)('%s', async (sign, make) => {
    await make();
    expect(await seen()).toBe(sign);
  });

  test.each([
    ['jam', 'media-jam'],
    ['cover', 'cover-open'],
    ['attention', 'input-tray-missing'],
  ])('%s while it prints, and the page comes when that is mended', async (sign, reason) => {
    eve.takesOrders();
    const [id, document] = [randomUUID(), pdf()];
    await printing.print(id, 1, document);
    await eve.order(`STATE: +${reason}`);
    await news(id, ({ is, printer }) => is === 'stopped' && printer === sign);
    await eve.order(`STATE: -${reason}`, 'done');
    expect(await news(id)).toMatchObject({ end: 'printed' });
    expect(cameOut()).toEqual([document]);
  });

  test('off where nothing listens, unknown where nothing is answered', async () => {
    await eve.switchOff();
    expect(signOf(await new IppPrinter({ uri: eve.uri }, patience).look())).toBe('off');
    await eve.switchOn();
    proxy.next('Get-Printer-Attributes', 'silence');
    expect(await seen()).toBe('unknown');
  });

  test.each([
    ['an HTTP error', 500],
    ['no IPP', Buffer.from('<html>')],
    ['lengths beyond its end', Buffer.of(1, 1, 0, 0, 0, 0, 0, 1, 4, 0x44, 0, 2, 97, 98, 255, 245)],
    ['the answer to another request', Buffer.of(1, 1, 0, 0, 0, 0, 9, 9, 3)],
    ['more than anybody reads', Buffer.alloc(2 * 1024 * 1024, 0x44)],
  ])('unknown where it answers %s', async (_, how) => {
    proxy.next('Get-Printer-Attributes', how);
    expect(await seen()).toBe('unknown');
    expect(await seen()).toBe('ready');
  });
});

describe('bad luck with a printer', () => {
  test('without paper nothing is sent to it', async () => {
    await eve.sheets(0);
    await expect(printing.print(randomUUID(), 1, pdf())).rejects.toMatchObject({
      code: 'printer_not_ready',
      facts: { printer: 'no-paper' },
    });
    expect(cameOut()).toEqual([]);
  });

  test('paper that runs out between look and print is waited for, and the page comes once', async () => {
    const [id, document] = [randomUUID(), pdf()];
    proxy.next('Create-Job', 'after');
    await printing.print(id, 1, document);
    await eve.sheets(0);
    const stopped = news(id, ({ is, printer }) => is === 'stopped' && printer === 'no-paper');
    await Promise.race([stopped, news(id)]);
    await eve.sheets(250);
    expect(await news(id)).toMatchObject({ end: 'printed' });
    expect(cameOut()).toEqual([document]);
  });

  test('a page whose printer aborts it may be on paper', async () => {
    eve.takesOrders();
    const id = randomUUID();
    await printing.print(id, 1, pdf());
    await eve.order('fail');
    expect(await news(id)).toMatchObject({ end: 'perhaps' });
  });

  test('a jam that nobody mends has the job taken back', async () => {
    await start(1);
    eve.takesOrders();
    const id = randomUUID();
    await printing.print(id, 1, pdf());
    await eve.order('STATE: +media-jam');
    while (!proxy.passed.includes(cancelJob)) await wait(20);
    await eve.order('STATE: -media-jam', 'done');
    expect(await news(id)).toMatchObject({ end: 'perhaps' });
  });

  test.each(['before', 'after'] as const)(
    'the connection that is lost %s the job was made prints nothing twice',
    async (how) => {
      proxy.next('Create-Job', how);
      const id = randomUUID();
      await printing.print(id, 1, pdf());
      const { end } = await news(id);
      expect(end).toBe(how === 'after' ? 'printed' : 'not-printed');
      expect(cameOut()).toHaveLength(how === 'after' ? 1 : 0);
    },
  );

  test.each(['before', 'after'] as const)(
    'the connection that is lost %s the document was taken prints nothing twice',
    async (how) => {
      proxy.next('Send-Document', how);
      const id = randomUUID();
      await printing.print(id, 1, pdf());
      const { end } = await news(id);
      // The document may be there, and not whole: a person looks.
      expect(end).toBe(how === 'after' ? 'perhaps' : 'not-printed');
      expect(cameOut()).toHaveLength(how === 'after' ? 1 : 0);
    },
  );

  test('half a document is not said to be printed', async () => {
    proxy.next('Send-Document', 'half');
    const [id, document] = [randomUUID(), pdf()];
    await printing.print(id, 1, document);
    expect((await news(id)).end).not.toBe('printed');
  });

  test('a printer that falls silent is asked until it answers', async () => {
    const id = randomUUID();
    proxy.next('Get-Job-Attributes', 'silence');
    proxy.next('Get-Job-Attributes', 500);
    await printing.print(id, 1, pdf());
    expect(await news(id)).toMatchObject({ end: 'printed' });
    expect(cameOut()).toHaveLength(1);
  });

  test('a job that another sends meanwhile leaves nothing half done', async () => {
    eve.takesOrders();
    const other = new IppPrinter({ uri: eve.uri }, patience);
    const job = await other.open('of-somebody-else-0001');
    await other.send(job, pdf());
    const id = randomUUID();
    await printing.print(id, 1, pdf());
    expect(await news(id)).toMatchObject({ end: 'not-printed' });
    await eve.order('done');
    while ((await other.job(job, 'of-somebody-else-0001'))?.state !== 'completed') await wait(20);
  });

  test('a printer that is switched off while it prints has a page that may be on paper', async () => {
    eve.takesOrders();
    const id = randomUUID();
    await printing.print(id, 1, pdf());
    await news(id, ({ is }) => is === 'printing');
    await eve.switchOff();
    await news(id, ({ is }) => is === 'stopped');
    eve.takesNoOrders();
    await eve.switchOn();
    expect(await news(id)).toMatchObject({ end: 'perhaps' });
    await says('ready');
  });
});
