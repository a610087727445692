import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCity, type TestCity } from '../support/city.js';
import { freePort } from '../support/ports.js';
import { endProgram, firstWords } from '../support/programs.js';
import { EvePrinter } from './eve-printer.js';

jest.setTimeout(120_000);
const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const marked = Buffer.from('%PDF-1.7\nthe-document-of-one-person');

let eve: EvePrinter;
let city: TestCity;
let folder: string;
beforeAll(async () => {
  [eve, city] = await Promise.all([EvePrinter.start(), startCity()]);
  folder = await mkdtemp(join(tmpdir(), 'mianzheng-kiosk-'));
  const one = { kind: '111', number: '990001199001010013', name: '示例甲子' };
  await writeFile(join(folder, 'documents.json'), JSON.stringify({ one }));
});
afterAll(async () => {
  await Promise.all([eve.stop(), city.stop()]);
  await rm(folder, { recursive: true });
});

interface Kiosk {
  readonly child: ChildProcess;
  readonly said: string;
  readonly origin: string;
  /** With the secret of this start. */
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>;
}

async function start(env: Record<string, string> = {}): Promise<Kiosk> {
  const port = await freePort();
  const child = spawn(process.execPath, [program, 'kiosk'], {
    env: {
      PATH: process.env['PATH'],
      PORT: String(port),
      DATA_DIR: folder,
      PUBLIC_URL: city.baseUrl,
      PRINTER_URI: eve.uri,
      SAMPLE_DOCUMENTS: folder,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = await firstWords(child);
  const leads = await readFile(join(env['DATA_DIR'] ?? folder, 'page.html'), 'utf8');
  const page = new URL(/url=([^"]+)"/.exec(leads)?.[1] ?? '');
  const secret = page.hash.replace('#device=', '');
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(new URL(path, page.origin), {
      ...init,
      headers: { 'kiosk-secret': secret, ...(init.headers as Record<string, string> | undefined) },
    });
  return { child, said, origin: page.origin, ask };
}

const print = ({ ask }: Kiosk, id: string) =>
  ask(`/device/prints/${id}?pages=1`, {
    method: 'POST',
    headers: { 'content-type': 'application/pdf' },
    body: marked,
  });

/** Until the print is told to be so; an end ends it, too. */
async function told({ ask }: Kiosk, id: string, wanted: string): Promise<string> {
  const { body } = await ask(`/device/prints/${id}/events`);
  let text = '';
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    text += Buffer.from(chunk).toString();
    if (text.includes(wanted)) break;
  }
  return text;
}

describe('the program beside a kiosk’s browser', () => {
  test('checks itself at its start, says what it found, and tells its page the same', async () => {
    const kiosk = await start();
    expect(kiosk.said).toMatch(/printer {5}ready\n {2}pages {7}500 left today\n/);
    expect(kiosk.said).toMatch(/city {8}a trial\n {2}clock {7}-?[01] s ahead/);
    const state = (await (await kiosk.ask('/device/state')).json()) as Record<string, unknown>;
    expect(state).toMatchObject({
      printer: { sign: 'ready', printable: true, busy: false, missing: [] },
      reader: 'sample',
      city: { reached: true, trial: true },
      disk: { enough: true },
    });
    expect((await stat(join(folder, 'page.html'))).mode & 0o077).toBe(0);
    expect(kiosk.said).not.toContain('#device=');
    // The city's own routes under the same origin.
    expect(await (await fetch(`${kiosk.origin}/log/origin`)).json()).toMatchObject({ trial: true });
    await writeFile(join(folder, 'laid'), 'one');
    const read = await kiosk.ask('/device/document', { method: 'POST' });
    expect(await read.json()).toMatchObject({ document: { name: '示例甲子' } });
    await endProgram(kiosk.child);
  });

  test('after a power cut asks the printer, takes back what is not out, and prints nothing twice', async () => {
    const id = randomUUID();
    eve.takesOrders();
    const before = eve.printed().length;
    const first = await start();
    expect((await print(first, id)).status).toBe(202);
    await told(first, id, '"is":"printing"');
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');

    const second = await start();
    await told(second, id, '"canceling":true');
    await eve.order('done');
    const news = await told(second, id, '"is":"ended"');
    expect(news).toMatch(/"end":"(perhaps|printed)"/);
    eve.takesNoOrders();
    expect((await print(second, id)).status).toBe(202);
    expect(await told(second, id, '"is":"ended"')).toMatch(/"end":"(perhaps|printed)"/);
    expect(eve.printed().slice(before)).toEqual([marked]);
    expect(second.origin).not.toBe(first.origin);
    await endProgram(second.child);
  });

  test('keeps nothing of a document on its disk, also where it is cut off while it prints', async () => {
    eve.takesOrders();
    const kiosk = await start();
    const id = randomUUID();
    await print(kiosk, id);
    await told(kiosk, id, '"is":"printing"');
    kiosk.child.kill('SIGKILL');
    await once(kiosk.child, 'exit');
    const found = execFileSync('sh', ['-c', 'grep -rl the-document-of-one "$0" || true', folder]);
    expect(found.toString()).toBe('');
    await eve.order('done');
    eve.takesNoOrders();
  });

  test('starts without city and printer, and says so', async () => {
    const nowhere = await freePort();
    const kiosk = await start({
      DATA_DIR: join(folder, 'another'),
      PUBLIC_URL: `http://127.0.0.1:${nowhere}`,
      PRINTER_URI: `ipp://127.0.0.1:${nowhere}/ipp/print`,
    });
    expect(kiosk.said).toMatch(/printer {5}off {2}! prints nothing now/);
    expect(kiosk.said).toMatch(/city {8}! does not answer/);
    expect((await print(kiosk, randomUUID())).status).toBe(503);
    expect((await fetch(`${kiosk.origin}/v1/matters`)).status).toBe(503);
    expect((await fetch(`${kiosk.origin}/health/ready`)).status).toBe(200);
    await endProgram(kiosk.child);
  });
});
