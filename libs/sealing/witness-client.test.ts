import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { utf8Bytes } from '#libs/kernel';
import {
  cosign,
  formatCheckpoint,
  formatSignature,
  leafHash,
  SignatureType,
  signCheckpoint,
  withSignature,
} from '#libs/log';
import { city, testSigner } from '../../test/support/sealed-ledger.js';
import { HttpWitness } from './witness-client.js';

const log = testSigner(city, SignatureType.ed25519);
const own = testSigner('witness.example/own', SignatureType.cosignature);
const headOf = (size: number) =>
  signCheckpoint({ origin: city, size, root: leafHash(utf8Bytes(`tree of ${size}`)) }, log);
const lineOf = (size: number, time = 1_800_000_000, signer = own) =>
  formatSignature(cosign(headOf(size), time, signer));

let server: Server;
let witness: HttpWitness;
let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;
beforeEach(async () => {
  server = createServer((request, response) => {
    void (async () => {
      let body = '';
      for await (const chunk of request as AsyncIterable<Buffer>) body += chunk.toString();
      answer(request, response, body);
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  witness = new HttpWitness({ name: 'w', key: own.key, url, origin: city, logKey: log.key });
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const ask = (size: number) =>
  witness.cosign(utf8Bytes(formatCheckpoint(headOf(size))), size, () => Promise.resolve([]));

describe('a witness that is asked', () => {
  it('contributes one line, the first by its own key, whatever else it sends', async () => {
    const stranger = testSigner('witness.example/own', SignatureType.cosignature);
    answer = (_, response) =>
      response.end(
        lineOf(3, 1_800_000_000, stranger) + lineOf(3) + lineOf(3, 1_800_000_009) + lineOf(4),
      );
    expect(await ask(3)).toBe(lineOf(3).trimEnd());
  });
  it.each([
    ['no line of its own', lineOf(3, 1_800_000_000, log)],
    ['a line under another tree', lineOf(4)],
    ['nothing', ''],
    ['what is no line', 'yes\n'],
  ])('and answers with %s does not count', async (_, body) => {
    answer = (__, response) => response.end(body);
    await expect(ask(3)).rejects.toMatchObject({ code: 'witness_silent' });
  });
  it('is asked from size 0 again after it lost its state', async () => {
    const cosigned = headOf(5);
    const shown = withSignature(cosigned, cosign(cosigned, 1_800_000_000, own));
    answer = (_, response) => response.end(formatCheckpoint(shown));
    expect(await witness.latest()).toMatchObject({ size: 5 });
    answer = (_, response) => response.writeHead(404).end();
    expect(await witness.latest()).toBeNull();
    let old = '';
    answer = (_, response, body) => {
      [old = ''] = body.split('\n');
      response.end(lineOf(3));
    };
    expect(await ask(3)).toBe(lineOf(3).trimEnd());
    expect(old).toBe('old 0');
  });
  it('and answers that the size is right and the tree is not, objects', async () => {
    let asked = 0;
    answer = (_, response) => {
      asked++;
      response.writeHead(409).end('3\n');
    };
    await expect(ask(3)).rejects.toMatchObject({ code: 'witness_objects' });
    expect(asked).toBe(2);
  });
  it('and says why it objects is quoted for the operator, shortened and on one line', async () => {
    answer = (_, response) => {
      response.writeHead(422).end(`proof is wrong\r\n\u001b[31m\u202e${'x'.repeat(5000)}`);
    };
    const said = `proof is wrong [31m ${'x'.repeat(180)}`;
    await expect(ask(3)).rejects.toMatchObject({
      code: 'witness_objects',
      facts: { witness: 'w', size: 3, said },
    });
    answer = (_, response) => response.writeHead(422).end();
    await expect(ask(3)).rejects.toMatchObject({ facts: { witness: 'w', size: 3 } });
  });
});
