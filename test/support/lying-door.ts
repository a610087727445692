import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';

export interface DoorAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What becomes of the answer to a request; the answer itself where nothing does. */
export type Lie = (path: string, honest: () => Promise<DoorAnswer>) => Promise<DoorAnswer>;

/**
 * Stands before a city at its public address, and answers what a test wants: a city that lies, is
 * busy or is gone.
 */
export class LyingDoor {
  lie: Lie = (_, honest) => honest();
  readonly #server: Server;

  /** @param port of the public address; @param behind the city's own */
  constructor(port: number, behind: number) {
    this.#server = createServer((incoming, outgoing) => {
      const honest = () =>
        new Promise<DoorAnswer>((resolve, reject) => {
          const { method, url: path, headers } = incoming;
          const passed = request({ host: '127.0.0.1', port: behind, method, path, headers });
          passed.on('error', reject);
          passed.on('response', (answer) => {
            const chunks: Buffer[] = [];
            answer.on('data', (chunk: Buffer) => chunks.push(chunk));
            answer.on('end', () => {
              const { statusCode: status = 500 } = answer;
              resolve({ status, headers: answer.headers, body: Buffer.concat(chunks) });
            });
          });
          incoming.pipe(passed);
        });
      this.lie(incoming.url ?? '', honest).then(
        ({ status, headers, body }) => {
          outgoing.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
        },
        () => outgoing.destroy(),
      );
    }).listen(port, '127.0.0.1');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
