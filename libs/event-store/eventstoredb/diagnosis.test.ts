import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { makeCertificate, type TestCertificate } from '../../../test/support/certificates.js';
import { EventStoreDbEventStore } from './index.js';

/** Servers that accept a connection up to TLS: the diagnosis does not depend on the rest. */
describe('a configuration mistake of the connection to EventStoreDB is named', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  const authority = makeCertificate({ name: 'Test authority' });
  const ofAuthority = (names: readonly string[], notAfter?: Date) =>
    makeCertificate({
      name: 'node',
      names,
      issuer: { key: authority.key, name: 'Test authority' },
      ...(notAfter !== undefined && { notAfter }),
    });

  async function listen(server: Server): Promise<number> {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }
  const tls = ({ key, cert }: TestCertificate) =>
    listen(
      createTlsServer({ key, cert, ALPNProtocols: ['h2'] }, (socket) => {
        socket.on('error', () => undefined);
        socket.destroy();
      }),
    );
  const plain = () =>
    listen(
      createTcpServer((socket) => {
        socket.on('error', () => undefined);
        // As Kestrel does with bytes that are not HTTP: it closes the connection.
        socket.on('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      }),
    );
  async function authorityFile(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-tls-'));
    ends.push(() => rm(folder, { recursive: true }));
    const file = join(folder, 'ca.pem');
    await writeFile(file, authority.cert);
    return file;
  }
  const opened = (url: string) =>
    EventStoreDbEventStore.open({ city: 'city.example', url, readPatienceMs: 200 });

  test('an authority that is not known: tlsCAFile', async () => {
    const port = await tls(ofAuthority(['127.0.0.1']));
    await expect(opened(`esdb://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'store_unreachable',
      facts: { host: `127.0.0.1:${port}`, why: 'authority_unknown' },
      hint: expect.stringContaining('tlsCAFile') as unknown,
    });
  });

  test('a certificate of another name', async () => {
    const port = await tls(ofAuthority(['node1.example']));
    const url = `esdb://127.0.0.1:${port}?tlsCAFile=${await authorityFile()}`;
    await expect(opened(url)).rejects.toMatchObject({ facts: { why: 'name_differs' } });
  });

  test('a certificate that has expired', async () => {
    const port = await tls(ofAuthority(['127.0.0.1'], new Date(Date.now() - 1000)));
    const url = `esdb://127.0.0.1:${port}?tlsCAFile=${await authorityFile()}`;
    await expect(opened(url)).rejects.toMatchObject({ facts: { why: 'certificate_expired' } });
  });

  test('tls=false at a server that speaks TLS', async () => {
    const port = await tls(ofAuthority(['127.0.0.1']));
    await expect(opened(`esdb://127.0.0.1:${port}?tls=false`)).rejects.toMatchObject({
      facts: { why: 'tls_expected' },
      hint: expect.stringContaining('tls=false') as unknown,
    });
  });

  test('TLS at a server that does not speak it', async () => {
    const port = await plain();
    await expect(opened(`esdb://127.0.0.1:${port}`)).rejects.toMatchObject({
      facts: { why: 'tls_not_spoken' },
      hint: expect.stringContaining('tls=false') as unknown,
    });
  });

  test('a closed port, and a host name that does not resolve', async () => {
    const server = createTcpServer();
    const port = await listen(server);
    server.close();
    await once(server, 'close');
    ends.length = 0;
    await expect(opened(`esdb://127.0.0.1:${port}?tls=false`)).rejects.toMatchObject({
      facts: { why: 'refused' },
    });
    await expect(opened('esdb://no-such-host.invalid:2113')).rejects.toMatchObject({
      facts: { why: 'name_unknown' },
    });
  });

  test('of several nodes, the one that answers wrongly is named before those that are silent', async () => {
    const port = await plain();
    const url = `esdb://127.0.0.1:${port},no-such-host.invalid:2113?maxDiscoverAttempts=1&gossipTimeout=1`;
    await expect(opened(url)).rejects.toMatchObject({
      facts: { why: expect.stringMatching(/tls_not_spoken|name_unknown/) as unknown },
    });
  });
});
