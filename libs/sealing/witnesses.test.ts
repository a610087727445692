import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import {
  cosign,
  formatCheckpoint,
  formatKey,
  formatSignature,
  leafHash,
  parseCheckpoint,
  SignatureType,
  signCheckpoint,
  withSignature,
} from '#libs/log';
import type { ProductError } from '#libs/kernel';
import { parsePolicy } from '#libs/verify';
import { appendRecords, city, SealedLedger, testSigner } from '../../test/support/sealed-ledger.js';
import type { Sealer } from './sealer.js';
import { HttpWitness } from './witness-client.js';

/** Long, because a loaded machine must not fail the test. */
const patience = 20_000;

let close: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of close.toReversed()) await each();
  close = [];
});

async function newLedger(witnesses = 0): Promise<SealedLedger> {
  const ledger = await SealedLedger.make(witnesses);
  close.push(() => ledger.close());
  return ledger;
}

const until = async (holds: () => boolean) => {
  for (const end = Date.now() + patience; !holds() && Date.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(holds()).toBe(true);
};

/** A witness that answers as a test says; with its own key, and a policy that does not need it. */
async function oddWitness(
  ledger: SealedLedger,
  answer: (request: IncomingMessage, response: ServerResponse, note: Buffer) => void,
) {
  const signer = testSigner('witness.example/odd', SignatureType.cosignature);
  const server: Server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      answer(request, response, body.subarray(body.indexOf('\n\n') + 2));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  close.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const policy = (quorum: 'odd' | 'none') =>
    parsePolicy(
      `log ${formatKey(ledger.signer.key)}\nwitness odd ${formatKey(signer.key)} ${url}\nquorum ${quorum}\n`,
    );
  return { signer, policy };
}

async function sealedTo(sealer: Sealer, size: number) {
  const checkpoint = await sealer.reached(size, patience);
  if (checkpoint === null)
    throw new Error(`not sealed: ${sealer.state} ${sealer.alarm?.code ?? ''}`);
  return checkpoint;
}

describe('an older backup', () => {
  /**
   * @param needed how many witnesses the policy needs
   * @param saw which witnesses cosigned what the backup lacks
   */
  const restored = async (witnesses: number, needed: number, saw: readonly number[]) => {
    const ledger = await newLedger(witnesses);
    const policy = parsePolicy(ledger.policyText(needed));
    const away = ledger.witnesses.filter((_, n) => !saw.includes(n));
    const { pool } = ledger.database;
    const tables = ['log_record', 'log_head', 'log_tile', 'log_sealed', 'log_leaf'];
    const first = ledger.sealer({ policy });
    first.start();
    await appendRecords(ledger.store, 100);
    await sealedTo(first, 100);
    for (const table of tables) await pool.query(`CREATE TABLE backup_${table} AS TABLE ${table}`);
    for (const witness of away) await witness.stop();
    await appendRecords(ledger.store, 50);
    await sealedTo(first, 150);
    await first.stop();
    for (const table of tables)
      await pool.query(`DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM backup_${table}`);
    await ledger.storage().refuse('restored', null);
    // Now the witnesses that know are unreachable, and those that do not are back.
    for (const n of saw) await ledger.witnesses[n]!.stop();
    for (const witness of away) await witness.open();
    await ledger.openStore();
    return { ledger, sealer: ledger.sealer({ policy }) };
  };

  it.each([
    ['one of two, while that one is away', 2, 1, [0]],
    ['two of three, while these are away', 3, 2, [0, 1]],
    ['one of three, while that one is away', 3, 1, [1]],
  ])('is not signed over where its missing records were cosigned by %s', async (_, ...given) => {
    const { ledger, sealer } = await restored(...given);
    sealer.start();
    await appendRecords(ledger.store, 1);
    await until(() => sealer.state === 'asking');
    expect(await sealer.reached(1, 300)).toBeNull();
    expect(sealer.state).toBe('asking');
    const { rows } = await ledger.database.pool.query('SELECT size::int FROM log_sealed');
    expect(rows).toEqual([{ size: 100 }]);
    expect(await ledger.storage().refusal()).toMatchObject({ code: 'restored' });
    await ledger.witnesses[given[2][0]!]!.open();
    await until(() => sealer.alarm !== null);
    expect(sealer.alarm?.code).toBe('store_behind_log');
  });

  it('is continued while the absent witnesses are too few for a quorum', async () => {
    const ledger = await newLedger(3);
    const policy = parsePolicy(ledger.policyText(2));
    await ledger.witnesses[2]!.stop();
    await ledger.storage().refuse('restored', null);
    const sealer = ledger.sealer({ policy });
    sealer.start();
    await appendRecords(ledger.store, 10);
    await sealedTo(sealer, 10);
    await until(() => sealer.state === 'sealing');
    while ((await ledger.storage().refusal()) !== null) await ledger.size();
  });
});

describe('a witness that answers with many lines', () => {
  it('has one of them in a checkpoint, and the next sealer reads it', async () => {
    const ledger = await newLedger();
    const { signer, policy } = await oddWitness(ledger, (request, response, note) => {
      if (request.method !== 'POST') response.writeHead(404).end();
      else {
        const line = (n: number) =>
          formatSignature(cosign(parseCheckpoint(note), 1_800_000_000 + n, signer));
        response.end(Array.from({ length: 65 }, (_, n) => line(n)).join(''));
      }
    });
    for (const size of [3, 6]) {
      const sealer = ledger.sealer({ policy: policy('odd') });
      sealer.start();
      await appendRecords(ledger.store, 3);
      const { note } = await sealedTo(sealer, size);
      expect(note.signatures.map(({ name }) => name)).toEqual([city, signer.key.name]);
      await sealer.stop();
      const stored = await ledger.storage().published();
      expect(parseCheckpoint(stored!).size).toBe(size);
    }
  });

  it('or without end is not read to the end', async () => {
    const ledger = await newLedger();
    let took = Infinity;
    const { policy } = await oddWitness(ledger, (request, response) => {
      if (request.method !== 'POST') {
        response.writeHead(404).end();
        return;
      }
      const began = performance.now();
      response.once('close', () => (took = performance.now() - began));
      // Larger than an answer may be, and endless.
      response.write('x'.repeat(1024 * 1024));
    });
    const witnesses = policy('none').witnesses.map(
      ({ name, key, url }) =>
        new HttpWitness({
          name,
          key,
          url: url ?? '',
          origin: city,
          logKey: ledger.signer.key,
          timeoutMs: 60_000,
        }),
    );
    const sealer = ledger.sealer({ policy: policy('none'), witnesses });
    sealer.start();
    await appendRecords(ledger.store, 3);
    await sealedTo(sealer, 3);
    await until(() => took < Infinity);
  });
});

describe('a witness that is late', () => {
  it('still gets its line into the stored checkpoint, for all processes', async () => {
    const ledger = await newLedger();
    const { signer, policy } = await oddWitness(ledger, (request, response, note) => {
      if (request.method !== 'POST') response.writeHead(404).end();
      else
        setTimeout(() => {
          response.end(formatSignature(cosign(parseCheckpoint(note), 1_800_000_000, signer)));
        }, 100);
    });
    const sealer = ledger.sealer({ policy: policy('none') });
    sealer.start();
    await appendRecords(ledger.store, 3);
    await sealedTo(sealer, 3);
    const names = async () => {
      const stored = await ledger.storage().published();
      return stored === null ? [] : parseCheckpoint(stored).note.signatures.map(({ name }) => name);
    };
    const end = Date.now() + patience;
    while ((await names()).length < 2 && Date.now() < end);
    expect(await names()).toEqual([city, signer.key.name]);
  });
});

describe('a witness that objects', () => {
  it.each([['another tree', 422, '']])(
    'because it knows %s, and does not show it, keeps nobody waiting',
    async (_, status, body) => {
      const ledger = await newLedger();
      let asked = 0;
      const { policy } = await oddWitness(ledger, (request, response) => {
        if (request.method === 'POST') response.writeHead(status).end(body);
        // At the start it has no checkpoint; after that it does not answer.
        else if (asked++ === 0) response.writeHead(404).end();
      });
      const sealer = ledger.sealer({ policy: policy('none') });
      sealer.start();
      await appendRecords(ledger.store, 1);
      await sealedTo(sealer, 1);
      const began = performance.now();
      for (let size = 2; size <= 6; size++) {
        await appendRecords(ledger.store, 1);
        await sealedTo(sealer, size);
      }
      expect(performance.now() - began).toBeLessThan(1900);
      expect(sealer.alarm).toBeNull();
    },
  );

  it('is asked what it knows less and less often while it objects to everything', async () => {
    const ledger = await newLedger();
    let asked = 0;
    const { policy } = await oddWitness(ledger, (request, response) => {
      if (request.method === 'POST') response.writeHead(422).end();
      else {
        asked++;
        response.writeHead(404).end();
      }
    });
    const told: ProductError[] = [];
    const sealer = ledger.sealer({
      policy: policy('none'),
      report: (problem) => told.push(problem),
    });
    sealer.start();
    for (let size = 1; size <= 40; size++) {
      await appendRecords(ledger.store, 1);
      await sealedTo(sealer, size);
    }
    expect(asked).toBeLessThan(15);
    // Its objection is reported once, not once for each checkpoint.
    expect(told.map(({ code }) => code)).toEqual(['witness_objects']);
  });

  it('stops the sealer when it shows what this log signed, though nothing comes to be sealed any more', async () => {
    const ledger = await newLedger();
    let shows: 'nothing' | 'proof' = 'nothing';
    let fork = '';
    const { signer, policy } = await oddWitness(ledger, (request, response) => {
      if (request.method === 'POST') response.writeHead(422).end();
      else if (shows === 'nothing') response.writeHead(fork === '' ? 404 : 503).end();
      else response.end(fork);
    });
    const other = signCheckpoint(
      { origin: city, size: 2, root: leafHash(Buffer.from('another')) },
      ledger.signer,
    );
    const sealer = ledger.sealer({ policy: policy('none') });
    sealer.start();
    await until(() => sealer.state === 'sealing');
    fork = formatCheckpoint(withSignature(other, cosign(other, 1_800_000_000, signer)));
    await appendRecords(ledger.store, 3);
    await sealedTo(sealer, 3);
    expect(sealer.alarm).toBeNull();
    shows = 'proof';
    await until(() => sealer.alarm !== null);
    expect(sealer.alarm?.code).toBe('witness_contradicts');
    await until(() => sealer.state === 'refused');
    // It is recorded before the lease is released, which a stop waits for.
    await sealer.stop();
    expect(await ledger.storage().refusal()).toMatchObject({ code: 'witness_contradicts' });
  });
});

describe('a witness that is away', () => {
  it('is logged once until it has answered again', async () => {
    const ledger = await newLedger(2);
    const policy = parsePolicy(ledger.policyText(1));
    const told: ProductError[] = [];
    const sealer = ledger.sealer({ policy, report: (problem) => told.push(problem) });
    sealer.start();
    let size = 0;
    const seal = async () => {
      await appendRecords(ledger.store, 1);
      await sealedTo(sealer, ++size);
    };
    const silences = () => told.filter(({ code }) => code === 'witness_silent').length;
    await seal();
    await ledger.witnesses[1]!.stop();
    for (let n = 0; n < 10; n++) await seal();
    await until(() => silences() === 1);
    await ledger.witnesses[1]!.open();
    const both = () => sealer.checkpoint?.note.signatures.length === 3;
    while (!both()) {
      await seal();
      // Its line comes after the checkpoint was published, and is added to it.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await ledger.witnesses[1]!.stop();
    for (let n = 0; n < 5; n++) await seal();
    await until(() => silences() === 2);
    expect(told).toHaveLength(2);
  });
});
