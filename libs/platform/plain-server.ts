import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * How long a caller may take to send a request, in milliseconds: a slow sender must not hold a
 * connection for ever.
 */
export interface Patience {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
}

const usualPatience: Patience = { headersTimeout: 20_000, requestTimeout: 60_000 };

/**
 * How long pending requests may take when the server closes, in milliseconds: less than a program
 * waits for its own end.
 */
const closingPatienceMs = 10_000;

/**
 * A server of plain HTTP whose `close()` lets pending requests finish, for at most ten seconds. It
 * closes idle connections (browsers open some in advance) and those with an incomplete head at
 * once, because Node waits for these without a timeout.
 */
export function plainServer(serve: RequestListener, patience: Patience = usualPatience): Server {
  /** Pending responses of each connection: clients may pipeline requests. */
  const underWay = new Map<Socket, Set<ServerResponse>>();
  const server = createServer(patience, (request, response) => {
    const answers = underWay.get(request.socket);
    answers?.add(response);
    response.once('close', () => answers?.delete(response));
    if (!server.listening) isLast(response);
    serve(request, response);
  });
  server.on('connection', (socket) => {
    underWay.set(socket, new Set());
    socket.once('close', () => underWay.delete(socket));
  });
  const close = server.close.bind(server);
  server.close = (told) => {
    close(told);
    for (const [socket, answers] of underWay) {
      const last = [...answers].at(-1);
      if (last === undefined) socket.destroy();
      else isLast(last);
    }
    const cut = setTimeout(() => {
      server.closeAllConnections();
    }, closingPatienceMs);
    cut.unref();
    server.once('close', () => {
      clearTimeout(cut);
    });
    return server;
  };
  return server;
}

/**
 * Sends `Connection: close` during shutdown, so that a busy keep-alive client cannot block exit.
 */
function isLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
