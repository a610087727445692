import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps, type RequestOptions } from 'node:https';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { PeerCertificate } from 'node:tls';
import { type NoAnswer, PrinterAway } from '../printer.js';

export interface PrinterAddress {
  /** `ipp:` or `ipps:` (RFC 8010, section 4; RFC 7472), with the printer's path. */
  readonly uri: string;
  /** PEM of the printer's own certificate, by which alone it is then known. */
  readonly certificate?: string | undefined;
}

/** In milliseconds. */
export interface PrinterPatience {
  /** Until the connection stands. */
  readonly connect: number;
  /** Until the whole answer is there, from the start; a document gets six times as long. */
  readonly answer: number;
}

/** More than the attributes that are asked for take. */
const maxAnswerBytes = 1024 * 1024;

/** Nothing listens there, or nobody answers for the host. */
const off = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'EHOSTDOWN']);
/** This machine has no network, or no name service. */
const network = new Set(['ENETUNREACH', 'ENETDOWN', 'EADDRNOTAVAIL', 'EAI_AGAIN', 'ENOTFOUND']);

/**
 * POSTs one IPP message and returns the answer's bytes. A new connection each time: one that was
 * kept may be closed by the printer while the next request is on its way.
 * @throws PrinterAway where no whole answer of HTTP status 200 came in time
 */
export async function exchange(
  { uri, certificate }: PrinterAddress,
  body: Buffer,
  patience: PrinterPatience,
): Promise<Buffer> {
  const url = new URL(uri);
  const isTls = url.protocol === 'ipps:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const options: RequestOptions = {
    host,
    port: url.port === '' ? 631 : Number(url.port),
    path: url.pathname,
    method: 'POST',
    agent: false,
    headers: { 'Content-Type': 'application/ipp', 'Content-Length': body.length },
    ...(certificate === undefined
      ? {}
      : { ca: certificate, checkServerIdentity: samePeer(certificate) }),
  };
  let connected = false;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const request = (isTls ? requestHttps : requestHttp)(options, (response) => {
    read(response, request).then(resolve, reject);
  });
  const timers = [
    setTimeout(() => {
      if (!connected) request.destroy(new Late());
    }, patience.connect),
    setTimeout(() => request.destroy(new Late()), patience.answer),
  ];
  request.once('socket', (socket) => {
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      connected = true;
    });
  });
  request.on('error', reject);
  request.end(body);
  try {
    return await promise;
  } catch (cause) {
    if (cause instanceof PrinterAway) throw cause;
    throw new PrinterAway(whyOf(cause, { connected, host }), cause);
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** Ends a request that takes too long. */
class Late extends Error {}

async function read(response: IncomingMessage, request: ClientRequest): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxAnswerBytes) break;
    chunks.push(chunk);
  }
  if (
    length > maxAnswerBytes ||
    response.statusCode !== 200 ||
    response.headers['content-type']?.startsWith('application/ipp') !== true
  ) {
    request.destroy();
    throw new PrinterAway('silent');
  }
  return Buffer.concat(chunks);
}

function whyOf(cause: unknown, at: { connected: boolean; host: string }): NoAnswer {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (network.has(code)) return 'network';
  if (at.connected) return 'silent';
  if (off.has(code) || cause instanceof Late)
    return isLoopback(at.host) || hasNetwork() ? 'off' : 'network';
  return 'silent';
}

const isLoopback = (host: string) =>
  host === 'localhost' || (isIP(host) !== 0 && /^(127\.|::1$)/.test(host));

const hasNetwork = () =>
  Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ internal }) => !internal),
  );

/** Printers make their certificates themselves, under names of their own. */
const samePeer = (pem: string) => (_: string, peer: PeerCertificate) =>
  pem.replace(/-----[^-]+-----|\s/g, '') === peer.raw.toString('base64')
    ? undefined
    : new Error('the printer has another certificate');
