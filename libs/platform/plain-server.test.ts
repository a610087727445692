import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { plainServer } from './plain-server.js';

const opened: (Server | Socket)[] = [];
afterEach(() => {
  for (const each of opened.splice(0))
    if ('closeAllConnections' in each) each.closeAllConnections();
    else each.destroy();
});

async function served(serve: RequestListener): Promise<Server> {
  const server = plainServer(serve).listen(0, '127.0.0.1');
  opened.push(server);
  await once(server, 'listening');
  return server;
}

/** A connection accepted by the server, and everything received on it once it ended. */
async function connected(server: Server): Promise<{ socket: Socket; ended: Promise<string> }> {
  const known = once(server, 'connection');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  opened.push(socket);
  await known;
  let answers = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (answers += chunk));
  return { socket, ended: once(socket, 'close').then(() => answers) };
}

const question = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

describe('a server that is told to close', () => {
  test('does not wait for who asks nothing, asked half a question, or has got the answer', async () => {
    const half = Promise.withResolvers<undefined>();
    const server = await served((request, response) => {
      response.end(request.url);
    });
    // No connection is cut by time here.
    server.closeAllConnections = () => undefined;
    const silent = await connected(server);
    const begun = await connected(server);
    // The second half of its first request comes with the first half of its second: the server has
    // both when it answers.
    begun.socket.write('GET /whole HTTP/1.1\r\n');
    begun.socket.write('Host: a\r\n\r\nGET /half HTTP/1.1\r\n');
    begun.socket.once('data', () => {
      half.resolve(undefined);
    });
    await half.promise;
    const closed = once(server, 'close');
    server.close();
    await closed;
    expect(await silent.ended).toBe('');
    expect(await begun.ended).toContain('/whole');
  });

  test('answers what is under way, also what was asked before the answer to another', async () => {
    const came = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const server = await served((request, response) => {
      if (request.url === '/second') came.resolve(undefined);
      void goOn.promise.then(() => response.end(request.url));
    });
    const { socket, ended } = await connected(server);
    socket.write(question('/first') + question('/second'));
    await came.promise;
    const closed = once(server, 'close');
    server.close();
    goOn.resolve(undefined);
    await closed;
    const answers = await ended;
    expect(answers).toContain('/first');
    expect(answers).toContain('/second');
  });

  test('cuts off what does not come to an end', async () => {
    const server = await served(() => undefined);
    const { socket, ended } = await connected(server);
    const came = once(server, 'request');
    socket.write(question('/for-ever'));
    await came;
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    try {
      const closed = once(server, 'close');
      server.close();
      jest.advanceTimersByTime(10_000);
      await closed;
      expect(await ended).toBe('');
    } finally {
      jest.useRealTimers();
    }
  });

  test('says with each answer that it is the last one on its connection', async () => {
    const came = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const server = await served((request, response) => {
      if (request.url === '/slow') came.resolve(undefined);
      void goOn.promise.then(() => response.end(request.url));
    });
    const { socket, ended } = await connected(server);
    socket.write(question('/slow'));
    await came.promise;
    const closed = once(server, 'close');
    server.close();
    goOn.resolve(undefined);
    await closed;
    expect(await ended).toContain('Connection: close');
  });
});
