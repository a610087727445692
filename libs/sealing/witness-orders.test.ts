import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  cosign,
  formatCheckpoint,
  formatKey,
  leafHash,
  SignatureType,
  signCheckpoint,
  type SignedCheckpoint,
  withSignature,
} from '#libs/log';
import { parsePolicy } from '#libs/verify';
import { appendRecords, city, SealedLedger, testSigner } from '../../test/support/sealed-ledger.js';
import { HttpWitness } from './witness-client.js';
import { nodeVerify } from './node-crypto.js';

/** The database's content: a backup, or all that was ever signed. */
const [backup, whole] = [6, 10];
const tables = ['log_record', 'log_head', 'log_tile', 'log_sealed', 'log_leaf'];

let ledger: SealedLedger;
const heads = new Map<number, SignedCheckpoint>();
const witnessKey = testSigner('witness.example/w', SignatureType.cosignature);

const lines = (quorum: string) =>
  `log ${formatKey(ledger.signer.key)}\nwitness w ${formatKey(witnessKey.key)}\nquorum ${quorum}\n`;

async function keep(size: number): Promise<void> {
  const sealer = ledger.sealer({
    policy: parsePolicy(`log ${formatKey(ledger.signer.key)}\nquorum none\n`),
  });
  sealer.start();
  const checkpoint = await sealer.reached(size, 20_000);
  await sealer.stop();
  heads.set(size, checkpoint!);
  for (const table of tables)
    await ledger.database.pool.query(`CREATE TABLE at_${size}_${table} AS TABLE ${table}`);
}

async function putBack(size: number): Promise<void> {
  await ledger.storage().lift();
  for (const table of tables)
    await ledger.database.pool.query(
      `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM at_${size}_${table}`,
    );
  await ledger.openStore();
}

beforeAll(async () => {
  ledger = await SealedLedger.make();
  for (const size of [3, backup, whole]) {
    await appendRecords(ledger.store, size - (await ledger.size()));
    await keep(size);
  }
});
afterAll(() => ledger.close());

/** What its monitoring prefix shows: a checkpoint of so many leaves, or another behaviour. */
type Shows = 3 | 6 | 10 | 'nothing' | 'is away' | 'another tree' | 'a stranger’s larger tree';
/** What its submission prefix claims to have cosigned last, or another behaviour. */
type Says = 0 | 3 | 6 | 10 | 999 | 'is away' | 'the tree is another';
type Prefixes = 'apart' | 'one';
type Ends = 'sealing' | 'asking' | 'store_behind_log' | 'witness_contradicts';

const shown = (head: SignedCheckpoint) =>
  formatCheckpoint(withSignature(head, cosign(head, 1_800_000_000, witnessKey)));

const forged = (size: number, signer = ledger.signer) =>
  signCheckpoint({ origin: city, size, root: leafHash(Buffer.from('another')) }, signer);

function show(shows: Shows): readonly [number, string] {
  switch (shows) {
    case 'nothing':
      return [404, ''];
    case 'is away':
      return [503, ''];
    case 'another tree':
      return [200, shown(forged(3))];
    case 'a stranger’s larger tree':
      return [200, shown(forged(999, testSigner(city, SignatureType.ed25519)))];
    default:
      return [200, shown(heads.get(shows)!)];
  }
}

/** A witness by tlog-witness, with so many leaves; it does not check proofs. */
function say(says: Says, body: string, known: { size: number }): readonly [number, string] {
  if (says === 'is away') return [503, ''];
  if (says === 'the tree is another') return [422, ''];
  const [old = '', origin, size] = body
    .split('\n')
    .filter((line) => /^(old |city|\d+$)/.test(line));
  if (origin !== city) return [404, ''];
  if (Number(old.slice(4)) !== known.size) return [409, `${known.size}\n`];
  known.size = Number(size);
  const head = signedIn(body);
  const { name, id, signature } = cosign(head, 1_800_000_000, witnessKey);
  return [200, `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`];
}

const signedIn = (body: string): SignedCheckpoint => {
  const text = body.slice(body.indexOf('\n\n') + 2, body.lastIndexOf('\n\n') + 1);
  return { origin: city, size: 0, root: new Uint8Array(), note: { text, signatures: [] } };
};

/** How a sealer on this database ends with such a witness, and how many requests it needed. */
async function meet(
  says: Says,
  shows: Shows,
  prefixes: Prefixes,
  quorum: 'w' | 'none',
  prepare = () => putBack(backup),
) {
  await prepare();
  const known = { size: typeof says === 'number' ? says : 0 };
  let asked = 0;
  const server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
      const submission = request.url === '/s/add-checkpoint';
      if (submission) asked++;
      const monitoring = request.url?.startsWith(prefixes === 'one' ? '/s/' : '/m/') === true;
      const [status, text] = submission
        ? say(says, body, known)
        : monitoring
          ? show(shows)
          : [404, ''];
      response.writeHead(status).end(text);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const witness = new HttpWitness({
    name: 'w',
    key: witnessKey.key,
    url: `${base}/s`,
    monitoringUrl: prefixes === 'one' ? null : `${base}/m`,
    origin: city,
    logKey: ledger.signer.key,
    verify: nodeVerify,
  });
  const sealer = ledger.sealer({ policy: parsePolicy(lines(quorum)), witnesses: [witness] });
  sealer.start();
  const verdict = async (): Promise<string> => {
    for (;;) {
      if (sealer.alarm !== null) return sealer.alarm.code;
      if (sealer.checkpoint !== null) return 'sealing';
      if (sealer.state === 'asking' && asked > 4) return 'asking';
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const ended = await verdict();
  const signed = sealer.checkpoint?.size ?? null;
  await sealer.stop();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
  return { ended, signed, refusal: (await ledger.storage().refusal())?.code ?? null };
}

describe('a ledger from an older backup, and a witness that', () => {
  it.each<[Says, Shows, Prefixes, Ends]>([
    // It claims and shows the truth, at once or late.
    [10, 10, 'one', 'store_behind_log'],
    [10, 10, 'apart', 'store_behind_log'],
    [10, 6, 'apart', 'store_behind_log'],
    [10, 3, 'apart', 'store_behind_log'],
    [10, 3, 'one', 'store_behind_log'],
    [10, 'nothing', 'apart', 'store_behind_log'],
    [10, 'nothing', 'one', 'store_behind_log'],
    [10, 'is away', 'apart', 'store_behind_log'],
    [10, 'is away', 'one', 'store_behind_log'],
    [10, 'a stranger’s larger tree', 'apart', 'store_behind_log'],
    // What it says is missing, and what it shows may be an hour old.
    ['is away', 10, 'apart', 'store_behind_log'],
    ['is away', 10, 'one', 'store_behind_log'],
    ['is away', 6, 'apart', 'asking'],
    ['is away', 'nothing', 'apart', 'asking'],
    ['is away', 'is away', 'one', 'asking'],
    ['the tree is another', 'nothing', 'apart', 'asking'],
    // It lies: about a tree that the log signed, one that no log signed, or a size.
    [6, 'another tree', 'apart', 'witness_contradicts'],
    ['is away', 'another tree', 'one', 'witness_contradicts'],
    [999, 'nothing', 'apart', 'store_behind_log'],
    [999, 6, 'one', 'store_behind_log'],
    // It knows nothing newer: it may be the only one, and the backup may be none.
    [6, 6, 'apart', 'sealing'],
    [6, 'nothing', 'apart', 'sealing'],
    [6, 'a stranger’s larger tree', 'apart', 'sealing'],
    [3, 3, 'one', 'sealing'],
    [0, 'nothing', 'one', 'sealing'],
    [0, 'is away', 'apart', 'sealing'],
  ])('says %j and shows %j, with its prefixes %s: %s', async (says, shows, prefixes, ends) => {
    for (const quorum of ['w', 'none'] as const) {
      const { ended, signed, refusal } = await meet(says, shows, prefixes, quorum);
      expect([quorum, ended]).toEqual([quorum, ends]);
      expect(signed).toBe(ends === 'sealing' ? backup : null);
      expect(refusal).toBe(ends === 'sealing' || ends === 'asking' ? null : ends);
    }
  });

  it('knows more than was sealed, though not more than there is, is shown nothing before the tree is as large', async () => {
    // As after a crash between sealing four records elsewhere and copying that to the database.
    const behind = async () => {
      await putBack(backup);
      for (const table of tables.slice(0, 2))
        await ledger.database.pool.query(
          `DELETE FROM ${table}; INSERT INTO ${table} SELECT * FROM at_${whole}_${table}`,
        );
      await ledger.openStore();
    };
    const { ended, signed } = await meet(10, 6, 'apart', 'w', behind);
    expect([ended, signed]).toEqual(['sealing', whole]);
  });
});
