import { once } from 'node:events';
import { createServer, request as ask, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** RFC 8011, section 5.4.15. */
const operations = {
  'Create-Job': 0x05,
  'Send-Document': 0x06,
  'Get-Job-Attributes': 0x09,
  'Get-Printer-Attributes': 0x0b,
} as const;
type Operation = keyof typeof operations;

/**
 * What happens to a request: it never arrives, half of it does, its answer is lost, nothing is ever
 * answered, or something else is (bytes, an HTTP status).
 */
export type Break = 'after' | 'before' | 'half' | 'silence' | Uint8Array | number;

/** Stands between a kiosk and its printer, and breaks what it is told to, once each. */
export class BreakingPrinter {
  readonly #breaks: { operation: Operation; how: Break }[] = [];
  /** Operations that the printer got whole. */
  readonly passed: number[] = [];

  private constructor(
    private readonly server: Server,
    private readonly port: number,
  ) {}

  /** @param printerPort of the printer on loopback */
  static async before(printerPort: number): Promise<BreakingPrinter> {
    const server = createServer();
    const breaking = new BreakingPrinter(server, printerPort);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        breaking.#take(Buffer.concat(chunks), response);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return breaking;
  }

  get uri(): string {
    return `ipp://127.0.0.1:${(this.server.address() as AddressInfo).port}/ipp/print`;
  }

  next(operation: Operation, how: Break): void {
    this.#breaks.push({ operation, how });
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  #take(body: Buffer, response: ServerResponse): void {
    const code = body.readUInt16BE(2);
    const at = this.#breaks.findIndex(({ operation }) => operations[operation] === code);
    const how = at < 0 ? undefined : this.#breaks.splice(at, 1)[0]?.how;
    if (how === 'silence') return;
    if (how === 'before') {
      response.destroy();
      return;
    }
    if (typeof how === 'number') {
      response.writeHead(how).end();
      return;
    }
    if (how instanceof Uint8Array) {
      response.writeHead(200, { 'content-type': 'application/ipp' }).end(how);
      return;
    }
    const headers = { 'content-type': 'application/ipp', 'content-length': body.length };
    const onwards = ask({
      port: this.port,
      host: '127.0.0.1',
      path: '/ipp/print',
      method: 'POST',
      headers,
      agent: false,
    });
    onwards.on('error', () => response.destroy());
    if (how === 'half') {
      onwards.write(body.subarray(0, body.length / 2), () => {
        onwards.destroy();
        response.destroy();
      });
      return;
    }
    onwards.on('response', (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        this.passed.push(code);
        if (how === 'after') response.destroy();
        else
          response.writeHead(200, { 'content-type': 'application/ipp' }).end(Buffer.concat(chunks));
      });
    });
    onwards.end(body);
  }
}
