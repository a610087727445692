import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { utf8Bytes } from '#libs/kernel';
import {
  base64,
  emptyRoot,
  findCosignature,
  formatCheckpoint,
  formatKey,
  GrowingTree,
  leafHash,
  openCheckpoint,
  parseAnyCheckpoint,
  parseCheckpoint,
  parseKey,
  parseSignature,
  proveConsistency,
  SignatureType,
  signCheckpoint,
  type SignedCheckpoint,
  signNote,
  verifyNote,
  withSignature,
} from '#libs/log';
import { city, TestWitness, testSigner } from '../../test/support/sealed-ledger.js';
import { originHash, WitnessDatabase } from './witness-database.js';
import { witnessServer } from './server/witness-server.js';
import { WitnessDesk, WitnessMemory } from './witness.js';

const log = testSigner(city, SignatureType.ed25519);
const leaves = Array.from({ length: 200 }, (_, n) => leafHash(utf8Bytes(`leaf ${n}`)));
const tile = () => new Uint8Array(leaves.flatMap((leaf) => [...leaf]));

const headOf = (size: number, signer = log): SignedCheckpoint => {
  const tree = new GrowingTree();
  for (const leaf of leaves.slice(0, size)) tree.append(leaf);
  return signCheckpoint({ origin: signer.key.name, size, root: tree.root() }, signer);
};
const proof = (old: number, size: number) =>
  old === 0 || old === size ? [] : proveConsistency(old, size, tile);
const request = (
  old: number | string,
  hashes: readonly Uint8Array[],
  checkpoint: SignedCheckpoint,
) =>
  `old ${old}\n${hashes.map((hash) => `${base64(hash)}\n`).join('')}\n${formatCheckpoint(checkpoint)}`;

/** For a witness that is only asked for its health. */
class NoMemory extends WitnessMemory {
  latest = () => Promise.resolve(null);
  swap = () => Promise.resolve(false);
}

let witness: TestWitness;
beforeAll(async () => {
  witness = await TestWitness.start(log.key);
});
afterAll(() => witness.remove());

const add = (body: string) => fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body });
const grow = async (old: number, size: number) => add(request(old, proof(old, size), headOf(size)));
const latest = () => fetch(`${witness.url}/${originHash(city)}/checkpoint`);

describe('a witness', () => {
  it('says to whoever looks after it that it stands', async () => {
    for (const path of ['/health/live', '/health/ready'])
      expect((await fetch(`${witness.url}${path}`)).status).toBe(200);
  });

  it('stops although a log asks it again and again over one connection', async () => {
    const desk = new WitnessDesk(log, [], new NoMemory(), () => '2026-11-22T08:00:00.000Z');
    const server = witnessServer(desk, () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ask = async (): Promise<void> => {
      const [answer] = (await once(
        get({ port, host: '127.0.0.1', path: '/health/live', agent }),
        'response',
      )) as [IncomingMessage];
      answer.resume();
      await once(answer, 'end');
    };
    await ask();
    // It is stopped during a request, when the connection is not idle.
    server.once('request', () => {
      server.close();
    });
    let afterwards = 0;
    const asked = (async () => {
      await ask();
      for (; afterwards < 20; afterwards++) await ask();
    })();
    await expect(asked).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(afterwards).toBeLessThanOrEqual(1);
    agent.destroy();
  });

  it('has nothing to show before it cosigned something', async () => {
    expect((await latest()).status).toBe(404);
    expect((await fetch(`${witness.url}/${originHash('other')}/checkpoint`)).status).toBe(404);
  });
  it('cosigns a tree that grows, and shows what it cosigned last', async () => {
    for (const [old, size] of [
      [0, 3],
      [3, 3],
      [3, 4],
      [4, 130],
    ] as const) {
      const answer = await grow(old, size);
      expect(answer.status).toBe(200);
      const line = parseSignature((await answer.text()).trimEnd());
      const time = findCosignature(withSignature(headOf(size), line), witness.signer.key)?.time;
      expect(time).toBeGreaterThan(1_700_000_000);
    }
    const shown = openCheckpoint(
      new Uint8Array(await (await latest()).arrayBuffer()),
      city,
      log.key,
    );
    expect(shown.size).toBe(130);
    expect(findCosignature(shown, witness.signer.key)).not.toBeNull();
  });
  it('answers a wrong old size with 409 and the right one', async () => {
    for (const old of [0, 4, 129, 131]) {
      const answer = await add(request(old, [], headOf(140)));
      expect(answer.status).toBe(409);
      expect(answer.headers.get('content-type')).toBe('text/x.tlog.size');
      expect(await answer.text()).toBe('130\n');
    }
  });
  it('refuses with 422 what is not shown to be consistent, and remembers nothing of it', async () => {
    const right = proof(130, 150);
    const fork = signCheckpoint({ origin: city, size: 130, root: leafHash(utf8Bytes('x')) }, log);
    for (const body of [
      request(130, [], headOf(150)),
      request(130, right.slice(1), headOf(150)),
      request(130, [...right, leaves[0]!], headOf(150)),
      request(130, right.toReversed(), headOf(150)),
      request(130, [], fork),
    ])
      expect((await add(body)).status).toBe(422);
    expect((await grow(130, 131)).status).toBe(200);
  });
  it('refuses with 400 what is no request', async () => {
    const body = request(131, proof(131, 150), headOf(150));
    for (const bad of [
      '',
      body.replace('old 131', 'old 0131'),
      body.replace('old 131', 'old -1'),
      body.replace('old 131', 'new 131'),
      body.replace('\n\n', '\n'),
      body.slice(0, body.indexOf('\n\n') + 2),
      request(131, Array<Uint8Array>(64).fill(leaves[0]!), headOf(150)),
      request(131, [leaves[0]!.slice(1)], headOf(150)),
      request(151, [], headOf(150)),
      `\ufeff${body}`,
      body.replace('\n\n', '\n\n\ufeff'),
    ])
      expect((await add(bad)).status).toBe(400);
  });
  it('knows only its logs (404), and only their signatures (403)', async () => {
    const stranger = testSigner('stranger.example', SignatureType.ed25519);
    expect((await add(request(0, [], headOf(3, stranger)))).status).toBe(404);
    const masked = testSigner(city, SignatureType.ed25519);
    expect((await add(request(131, proof(131, 150), headOf(150, masked)))).status).toBe(403);
    const forged = headOf(150);
    const [line] = forged.note.signatures;
    const wrong = { ...line!, signature: line!.signature.toReversed() };
    const note = { ...forged.note, signatures: [line!, wrong] };
    expect((await add(request(131, proof(131, 150), { ...forged, note }))).status).toBe(403);
  });
  it('keeps one line of a signature that stands there many times, and can be read afterwards', async () => {
    const from = Number((await (await latest()).text()).split('\n')[1]);
    const head = headOf(from);
    const signatures = Array.from({ length: 64 }, () => head.note.signatures[0]!);
    const note = { ...head.note, signatures };
    expect((await add(request(from, [], { ...head, note }))).status).toBe(200);
    expect((await grow(from, from)).status).toBe(200);
    const shown = parseCheckpoint(new Uint8Array(await (await latest()).arrayBuffer()));
    expect(shown.note.signatures.map(({ name }) => name)).toEqual([city, witness.signer.key.name]);
  });
  it('takes a checkpoint with as many and as long signatures as signed-note asks of verifiers', async () => {
    const from = Number((await (await latest()).text()).split('\n')[1]);
    const head = headOf(from);
    const others = Array.from({ length: 15 }, (_, n) => ({
      name: `other.example/${n}`,
      id: new Uint8Array(4).fill(n),
      signature: new Uint8Array(4900),
    }));
    const note = { ...head.note, signatures: [...others, ...head.note.signatures] };
    expect((await add(request(from, [], { ...head, note }))).status).toBe(200);
  });
  it('does not read bodies without end, nor other methods', async () => {
    expect((await add('x'.repeat(270_000))).status).toBe(413);
    expect((await fetch(`${witness.url}/add-checkpoint`)).status).toBe(405);
  });
  it('remembers over a restart', async () => {
    await witness.stop();
    await witness.open();
    expect(await (await add(request(0, [], headOf(3)))).text()).toBe('131\n');
    expect((await grow(131, 132)).status).toBe(200);
  });
  it('of two requests at once cosigns one, and never goes back', async () => {
    for (let round = 0; round < 5; round++) {
      const from = 132 + round * 10;
      const answers = await Promise.all(
        [from + 10, from + 5, from + 10, from + 1].map((size) => grow(from, size)),
      );
      const won = answers.filter(({ status }) => status === 200);
      expect(won).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(3);
      const [size] = (await (await latest()).text()).split('\n').slice(1);
      expect((await grow(Number(size), from + 10)).status).toBe(200);
    }
  });
});

describe('a witness of other people’s logs', () => {
  class Kept extends WitnessMemory {
    note: Uint8Array | null = null;
    latest = () => Promise.resolve(this.note);
    swap(_: string, __: Uint8Array | null, after: Uint8Array) {
      this.note = after;
      return Promise.resolve(true);
    }
  }
  const deskOf = (...keys: (typeof log)[]) =>
    new WitnessDesk(
      testSigner('witness.example/others', SignatureType.cosignature),
      keys.map(({ key }) => key),
      new Kept(),
      () => '2026-11-22T00:00:00.000Z',
    );
  const next = testSigner(city, SignatureType.ed25519);

  it('takes what any key of a log signed, and nothing where a line of one of them is wrong', async () => {
    const desk = deskOf(log, next);
    await desk.addCheckpoint(utf8Bytes(request(0, [], headOf(3))));
    await desk.addCheckpoint(utf8Bytes(request(3, proof(3, 4), headOf(4, next))));
    const both = withSignature(headOf(5), headOf(5, next).note.signatures[0]!);
    await desk.addCheckpoint(utf8Bytes(request(4, proof(4, 5), both)));
    const [right] = headOf(6).note.signatures;
    const [wrong] = headOf(7, next).note.signatures;
    for (const signatures of [
      [right!, wrong!],
      [wrong!, right!],
    ]) {
      const head = headOf(6);
      const note = { ...head.note, signatures };
      await expect(
        desk.addCheckpoint(utf8Bytes(request(5, proof(5, 6), { ...head, note }))),
      ).rejects.toMatchObject({ code: 'checkpoint_not_signed' });
    }
    const stranger = testSigner(city, SignatureType.ed25519);
    await expect(
      desk.addCheckpoint(utf8Bytes(request(5, proof(5, 6), headOf(6, stranger)))),
    ).rejects.toMatchObject({ code: 'checkpoint_not_signed' });
  });
  it('knows a log whose origin is not its key’s name', async () => {
    const desk = new WitnessDesk(
      testSigner('witness.example/others', SignatureType.cosignature),
      [{ ...log.key, origin: 'another origin' }],
      new Kept(),
      () => '2026-11-22T00:00:00.000Z',
    );
    expect(desk.origins).toEqual(['another origin']);
    const { size, root } = headOf(3);
    const head = signCheckpoint({ origin: 'another origin', size, root }, log);
    await desk.addCheckpoint(utf8Bytes(request(0, [], head)));
    expect(parseAnyCheckpoint(await desk.latest('another origin')).size).toBe(3);
    await expect(desk.addCheckpoint(utf8Bytes(request(0, [], headOf(3))))).rejects.toMatchObject({
      code: 'log_unknown',
    });
  });
  it('cosigns extension lines with the rest', async () => {
    const desk = deskOf(log);
    const head = headOf(3);
    const text = `${head.note.text}an extension\n`;
    const extended = { ...head, note: { text, signatures: [signNote(text, log)] } };
    const line = parseSignature(
      (await desk.addCheckpoint(utf8Bytes(request(0, [], extended)))).trimEnd(),
    );
    const key = parseKey(formatKey(log.key));
    const kept = parseAnyCheckpoint(await desk.latest(city));
    expect(kept.note).toEqual({ text, signatures: [extended.note.signatures[0], line] });
    verifyNote(kept.note, key);
    await desk.addCheckpoint(utf8Bytes(request(3, proof(3, 4), headOf(4))));
  });
});

describe('a request that is broken off', () => {
  it('is nobody’s failure', async () => {
    const desk = new WitnessDesk(log, [], new NoMemory(), () => '2026-11-22T08:00:00.000Z');
    const reported: unknown[] = [];
    const answered: number[] = [];
    const server = witnessServer(desk, (error) => reported.push(error), {
      answered: (_, __, status) => answered.push(status),
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    socket.write('POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 100\r\n\r\nold 0');
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    while (answered.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(reported).toEqual([]);
    server.close();
    await once(server, 'close');
  });
});

describe('the published race', () => {
  it('does not roll a witness back: the request that was checked first and kept last is told to ask again', async () => {
    // The memory of a witness whose request A (size 10) is paused between check and swap, while B
    // (size 20) completes.
    class HeldMemory extends WitnessMemory {
      kept: Uint8Array | null = utf8Bytes(formatCheckpoint(headOf(5)));
      hold: Promise<void> = Promise.resolve();
      latest() {
        return Promise.resolve(this.kept);
      }
      async swap(_: string, before: Uint8Array | null, after: Uint8Array) {
        await this.hold;
        if (this.kept !== before) return false;
        this.kept = after;
        return true;
      }
    }
    const memory = new HeldMemory();
    const desk = new WitnessDesk(
      testSigner('witness.example/race', SignatureType.cosignature),
      [log.key],
      memory,
      () => '2026-11-22T00:00:00.000Z',
    );
    let release: () => void = () => undefined;
    memory.hold = new Promise((resolve) => (release = resolve));
    const a = desk.addCheckpoint(utf8Bytes(request(5, proof(5, 10), headOf(10))));
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    memory.hold = Promise.resolve();
    await desk.addCheckpoint(utf8Bytes(request(5, proof(5, 20), headOf(20))));
    release();
    await expect(a).rejects.toMatchObject({ code: 'old_size_other', size: 20 });
  });
});

describe('the checkpoints of a witness', () => {
  it('are held by one program at a time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-witness-'));
    const database = await WitnessDatabase.open(folder);
    expect(await database.latest('a')).toBeNull();
    expect(await database.swap('a', null, utf8Bytes('1'))).toBe(true);
    expect(await database.swap('a', null, utf8Bytes('2'))).toBe(false);
    expect(await database.swap('a', utf8Bytes('1'), utf8Bytes('2'))).toBe(true);
    expect(await database.latest('b')).toBeNull();
    database.close();
    const again = await WitnessDatabase.open(folder);
    expect(Buffer.from((await again.latest('a'))!).toString()).toBe('2');
    again.close();
    await rm(folder, { recursive: true });
  });
  it('take an empty tree for what it is', async () => {
    const fresh = await TestWitness.start(log.key);
    const body = (root: Uint8Array) =>
      request(0, [], signCheckpoint({ origin: city, size: 0, root }, log));
    const post = (text: string) =>
      fetch(`${fresh.url}/add-checkpoint`, { method: 'POST', body: text });
    expect((await post(body(leaves[0]!))).status).toBe(422);
    expect((await post(body(emptyRoot()))).status).toBe(200);
    expect((await post(request(0, [], headOf(3)))).status).toBe(200);
    await fresh.remove();
  });
});
