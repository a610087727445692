import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long a caller may take to send a request, in milliseconds: who sends a byte now and then must not hold a connection for ever. */
export interface Patience {
  readonly headersTimeout: number;
  readonly requestTimeout: number;
}

const usualPatience: Patience = { headersTimeout: 20_000, requestTimeout: 60_000 };

/** How long requests under way may take when the server closes, in milliseconds: less than a program waits for its own end. */
const closingPatienceMs = 10_000;

/**
 * A server of plain HTTP that ends when it is told to. `close()` lets requests under way finish, and ends at once the connections on which
 * nobody asks anything (browsers open some in advance) or only a part of a head came: Node waits for these, and looks at no timeout any
 * more. A request that does not come to an end is cut off after ten seconds.
 */
export function plainServer(serve: RequestListener, patience: Patience = usualPatience): Server {
  /** Of each connection, what is under way: callers may send the next request before the answer. */
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

/** Who asks again and again over one connection does not hold up the end of the process, whoever answers. */
function isLast(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}
