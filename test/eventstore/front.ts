import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** The door of a node of the double: connections go through it, so that they can be cut, and the node can be away. */
export interface Front {
  readonly port: number;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** While it is away, connections are cut as they come. */
  away(isAway: boolean): void;
  close(): Promise<void>;
}

export async function openFront(take: (connection: Socket) => void, port = 0): Promise<Front> {
  const open = new Set<Socket>();
  let isAway = false;
  const server = createServer({ noDelay: true }, (connection) => {
    if (isAway) {
      connection.destroy();
      return;
    }
    open.add(connection);
    connection.on('error', () => undefined);
    connection.on('close', () => open.delete(connection));
    take(connection);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    away: (value) => {
      isAway = value;
      if (value) cut();
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
