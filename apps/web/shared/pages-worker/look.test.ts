import { beforeEach, describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { base64url, type JsonObject, utf8Bytes } from '#libs/kernel';
import {
  formatCheckpoint,
  formatKey,
  formatReceipt,
  leafHash,
  type NoteSigner,
  parseTilePath,
  proveInclusion,
  recordBytes,
  seedSigner,
  signCheckpoint,
  SignatureType,
  treeRoot,
} from '#libs/log';
import { addressOf, nameOfPages, pagesStream } from '#libs/verify';
import { keptFile, lookAtPages } from './look.ts';
import { type Known, setOf } from './known.ts';
import type { Served, Surroundings } from './surroundings.ts';

const origin = 'city.example';
const hashOf = (text: string) => base64url(createHash('sha256').update(text).digest());
const signerOf = (seed: number, name = origin): NoteSigner =>
  seedSigner(name, SignatureType.ed25519, new Uint8Array(32).fill(seed));

type Pages = Readonly<Record<string, string>>;
const pagesOf = (page: string, more: Pages = {}): Pages => ({
  'assets/phone-1.js': 'const one = 1;',
  'phone-files.json': '{"files":["assets/phone-1.js","phone/index.html"]}',
  'phone-worker.js': 'the worker',
  'phone/index.html': page,
  ...more,
});

/** A city of less than 256 records, with what it serves and what its log has. */
class City {
  served: Pages;
  signer = signerOf(1);
  readonly leaves: Uint8Array[] = [];
  readonly #records: { readonly text: string; readonly index: number }[] = [];
  /** What it says at an address instead of the truth; null for nothing at all. */
  readonly lies = new Map<string, string | null>();
  /** How many leaves it shows. */
  shown: number | null = null;
  asked: string[] = [];

  constructor(pages: Pages) {
    this.served = pages;
    this.other(3);
    this.record(pages);
  }

  /** Records of something else. */
  other(count: number, text = 'another record'): this {
    for (let n = 0; n < count; n++) this.leaves.push(leafHash(utf8Bytes(`${text} ${n}`)));
    return this;
  }

  record(pages: Pages, more: JsonObject = {}, data: JsonObject = {}): this {
    const files = Object.keys(pages)
      .sort()
      .map((path) => ({ path, hash: hashOf(pages[path]!) }));
    const version = this.#records.length;
    const bytes = recordBytes({
      v: 1,
      city: origin,
      id: '0'.repeat(32),
      stream: pagesStream,
      version,
      type: 'PagesPublished',
      schema: 1,
      time: '2026-12-01T08:00:00.000Z',
      actor: { client: 'city' },
      data: { files, productVersion: '0.2.0', set: nameOfPages(files), ...data },
      prev: version === 0 ? null : '0'.repeat(64),
      ...more,
    });
    this.#records.push({ text: new TextDecoder().decode(bytes), index: this.leaves.length });
    this.leaves.push(leafHash(bytes));
    return this;
  }

  /** Serves these pages and records them. */
  publish(pages: Pages): this {
    this.served = pages;
    return this.record(pages);
  }

  get size(): number {
    return this.shown ?? this.leaves.length;
  }

  read = ({ index, width }: { readonly index: number; readonly width: number }): Uint8Array =>
    Buffer.concat(this.leaves.slice(index * 256, index * 256 + width));

  /** `/log/pages`. */
  pages(version = this.#records.length - 1): { record: { bytes: string }; receipt: string } {
    const { text, index } = this.#records[version]!;
    const { size } = this;
    const root = treeRoot(size, this.read);
    const checkpoint = signCheckpoint({ origin, size, root }, this.signer);
    const path = proveInclusion(index, size, this.read);
    const extra = this.leaves[index]!;
    return { record: { bytes: text }, receipt: formatReceipt({ extra, index, path, checkpoint }) };
  }

  answer(address: string): string | Uint8Array | null {
    this.asked.push(address);
    const lie = this.lies.get(address);
    if (lie !== undefined) return lie;
    if (address === '/log/pages') return JSON.stringify(this.pages());
    if (address === '/log/policy') return `log ${formatKey(this.signer.key)}\nquorum none\n`;
    if (address.startsWith('/log/tile/')) return this.read(parseTilePath(address.slice(5)));
    const path = Object.keys(this.served).find((each) => addressOf(each) === address);
    return path === undefined ? null : this.served[path]!;
  }
}

/** A phone's browser. */
class Phone implements Surroundings {
  readonly page = 'phone';
  readonly sets = new Map<string, ReadonlyMap<string, Served>>();
  kept_: Known | null = null;
  constructor(public city: City | null) {}

  ask(address: string): Promise<Served | null> {
    const content = this.city?.answer(address) ?? null;
    if (content === null)
      return Promise.resolve(
        this.city !== null && /^\/(phone|assets)/.test(address) && !this.city.lies.has(address)
          ? { status: 404, bytes: new Uint8Array(), headers: [] }
          : null,
      );
    const bytes = typeof content === 'string' ? utf8Bytes(content) : new Uint8Array(content);
    return Promise.resolve({ status: 200, bytes, headers: [] });
  }
  known = () => Promise.resolve(this.kept_);
  remember(known: Known) {
    this.kept_ = known;
    return Promise.resolve();
  }
  keep(set: string, files: ReadonlyMap<string, Served>) {
    this.sets.set(set, files);
    return Promise.resolve();
  }
  kept = (set: string, address: string) =>
    Promise.resolve(this.sets.get(set)?.get(address) ?? null);
  sha256 = (bytes: Uint8Array) =>
    Promise.resolve(new Uint8Array(createHash('sha256').update(bytes).digest()));
  pause = () => Promise.resolve();
  /** A day passes from look to look, unless a test says otherwise. */
  passes = 25 * 3600 * 1000;
  time = 0;
  now = () => this.time;

  look() {
    this.time += this.passes;
    return lookAtPages(this);
  }
  async shows(address = '/phone'): Promise<string | null> {
    const file = await keptFile(this, address);
    return file && new TextDecoder().decode(file.bytes);
  }
}

const refused = (code: string, path: string | null = null) => ({
  is: 'refused',
  fault: { code, path },
});

let city: City;
let phone: Phone;
beforeEach(async () => {
  city = new City(pagesOf('first'));
  phone = new Phone(city);
  expect(await phone.look()).toEqual({ is: 'taken' });
});

describe('a phone that keeps a recorded set', () => {
  test('shows it, all that the page can load', async () => {
    expect(await phone.shows()).toBe('first');
    expect(await phone.shows('/assets/phone-1.js')).toBe('const one = 1;');
    expect(await phone.shows('/window')).toBeNull();
  });

  test('finds the same again while the log grows', async () => {
    city.other(5);
    expect(await phone.look()).toEqual({ is: 'same' });
    expect(phone.kept_).toMatchObject({ checkpoint: expect.stringContaining('\n9\n') });
  });

  test('asks the log once a day while the city serves what it keeps, and at once where it does not', async () => {
    phone.passes = 3600 * 1000;
    city.asked = [];
    expect(await phone.look()).toEqual({ is: 'same' });
    expect(city.asked).toEqual(['/phone', '/phone-worker.js']);
    phone.time += 23 * 3600 * 1000;
    expect(await phone.look()).toEqual({ is: 'same' });
    expect(city.asked).toContain('/log/pages');
    city.served = pagesOf('changed');
    expect(await phone.look()).toEqual(refused('page_other', 'phone/index.html'));
    city.served = pagesOf('first');
    expect(await phone.look()).toEqual({ is: 'same' });
    expect(phone.kept_).toMatchObject({ fault: null });
  });

  test('takes a set that the log has, and fetches only what is new of it', async () => {
    city.publish(pagesOf('second'));
    city.asked = [];
    expect(await phone.look()).toEqual({ is: 'taken' });
    expect(await phone.shows()).toBe('second');
    expect(city.asked).not.toContain('/assets/phone-1.js');
  });

  test.each([
    ['page', 'phone/index.html'],
    ['worker', 'phone-worker.js'],
  ])(
    'goes on with it where the city serves another %s without a record, and says so',
    async (_, path) => {
      city.served = { ...city.served, [path]: 'changed' };
      expect(await phone.look()).toEqual(refused('page_other', path));
      expect(phone.kept_).toMatchObject({ fault: { code: 'page_other', path } });
      expect(await phone.shows()).toBe('first');
    },
  );

  test('is at ease again once the city serves what is recorded', async () => {
    city.served = pagesOf('changed');
    await phone.look();
    city.served = pagesOf('first');
    expect(await phone.look()).toEqual({ is: 'same' });
    expect(phone.kept_).toMatchObject({ fault: null });
  });

  test.each(['assets/phone-1.js', 'phone-files.json', 'phone-worker.js', 'phone/index.html'])(
    'takes nothing of a recorded set of which %s is served otherwise',
    async (path) => {
      const second = pagesOf('second', {
        'assets/phone-1.js': 'two',
        'phone-files.json': '{"files":["assets/phone-1.js","phone/index.html"] }',
        'phone-worker.js': 'the second worker',
      });
      city.record(second).served = { ...second, [path]: 'changed' };
      expect(await phone.look()).toEqual(refused('page_other', path));
      expect(await phone.shows()).toBe('first');
    },
  );

  test('takes none of which a file is missing', async () => {
    const second = pagesOf('second', { 'assets/phone-1.js': 'two' });
    const rest = Object.entries(second).filter(([path]) => path !== 'assets/phone-1.js');
    city.record(second).served = Object.fromEntries(rest);
    expect(await phone.look()).toEqual(refused('page_other', 'assets/phone-1.js'));
  });

  test('waits while the city serves the old set, though its log has the next already', async () => {
    city.record(pagesOf('second'));
    expect(await phone.look()).toEqual({ is: 'unasked' });
    expect(phone.kept_).toMatchObject({ fault: null });
  });

  test('goes on without alarm where nothing answers, or the log cannot be asked', async () => {
    phone.city = null;
    expect(await phone.look()).toEqual({ is: 'unasked' });
    phone.city = city;
    city.served = pagesOf('changed');
    for (const said of [null, '<html>maintenance</html>', '{"code":"seal_pending"}']) {
      city.lies.set('/log/pages', said);
      expect(await phone.look()).toEqual({ is: 'unasked' });
    }
    expect(await phone.shows()).toBe('first');
  });

  test('shows a file that its browser dropped only as it is recorded', async () => {
    phone.sets.clear();
    expect(await phone.shows()).toBe('first');
    city.served = pagesOf('changed');
    expect(await phone.shows()).toBeNull();
  });

  test('is not led back to a set that was replaced', async () => {
    city.publish(pagesOf('second'));
    await phone.look();
    city.served = pagesOf('first');
    city.lies.set('/log/pages', JSON.stringify(city.pages(0)));
    expect(await phone.look()).toEqual(refused('pages_record_older'));
    expect(await phone.shows()).toBe('second');
  });
});

describe('what a log says of a set', () => {
  const second = pagesOf('second');
  const lied = async (lie: (said: ReturnType<City['pages']>) => void) => {
    const said = city.publish(second).pages();
    lie(said);
    city.lies.set('/log/pages', JSON.stringify(said));
    const outcome = await phone.look();
    expect(await phone.shows()).toBe('first');
    return outcome;
  };

  test('is refused where the proof was tampered with', async () => {
    const outcome = await lied((said) => {
      said.receipt = said.receipt.replace(/^index \d+/m, 'index 0');
    });
    expect(outcome).toEqual(refused('inclusion_not_proved'));
  });

  test('is refused where the record was changed', async () => {
    const outcome = await lied(({ record }) => {
      record.bytes = record.bytes.replace('"0.2.0"', '"0.2.1"');
    });
    expect(outcome).toEqual(refused('record_other'));
  });

  test('is refused under the signature of another key, which the city now calls its log’s', async () => {
    city.signer = signerOf(2);
    const outcome = await lied(() => undefined);
    expect(outcome).toEqual(refused('signature_missing'));
  });

  test('is refused where the checkpoint does not continue the one seen last', async () => {
    const other = new City(pagesOf('first'));
    other.leaves[0] = leafHash(utf8Bytes('rewritten'));
    phone.city = other.publish(second);
    expect(await phone.look()).toEqual(refused('consistency_not_proved'));
    expect(await phone.shows()).toBe('first');
  });

  test('is refused where another tree of the same size is signed', async () => {
    const other = new City(pagesOf('first'));
    other.leaves[0] = leafHash(utf8Bytes('rewritten'));
    phone.city = other;
    expect(await phone.look()).toEqual(refused('consistency_not_proved'));
  });

  test('is refused where the checkpoint goes back', async () => {
    city.other(5);
    await phone.look();
    city.shown = 5;
    city.served = pagesOf('first');
    expect(await phone.look()).toEqual(refused('checkpoint_older'));
  });

  test.each([
    ['of another author', { actor: { client: 'terminal-1' } }, {}, 'pages_record_other'],
    ['of another type', { type: 'TypeDefined' }, {}, 'pages_record_other'],
    ['of another stream', { stream: 'pages-others' }, {}, 'pages_record_other'],
    ['whose set has another name', {}, { set: hashOf('x') }, 'pages_set_misnamed'],
    ['without files', {}, { files: [] }, 'pages_record_malformed'],
  ])('is refused in a record %s', async (_, more, data, code) => {
    city.record(second, more, data).served = second;
    expect(await phone.look()).toEqual(refused(code));
    expect(await phone.shows()).toBe('first');
  });
});

describe('the first look of a phone', () => {
  const first = (at: City) => {
    phone = new Phone(at);
    return phone.look();
  };

  test('remembers the keys of the log, which later ones are held to', () => {
    expect(phone.kept_?.keys).toEqual([formatKey(city.signer.key)]);
    expect(setOf(phone.kept_!)).toMatchObject({ version: 0, productVersion: '0.2.0' });
  });

  test('keeps nothing where the log has no record, or serves other files', async () => {
    const changed = new City(pagesOf('first'));
    changed.served = pagesOf('changed');
    expect(await first(changed)).toEqual(refused('page_other', 'phone/index.html'));
    expect([phone.kept_, phone.sets.size]).toEqual([null, 0]);
  });

  test('keeps nothing of a log that the policy does not name', async () => {
    const unnamed = new City(pagesOf('first'));
    unnamed.lies.set(
      '/log/policy',
      `log ${formatKey(signerOf(1, 'other.example').key)}\nquorum none\n`,
    );
    expect(await first(unnamed)).toEqual(refused('log_unknown'));
  });
});

test('a checkpoint that was kept is the log’s own', () => {
  expect(phone.kept_?.checkpoint).toBe(
    formatCheckpoint(
      signCheckpoint({ origin, size: 4, root: treeRoot(4, city.read) }, city.signer),
    ),
  );
});
