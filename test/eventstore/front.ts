import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * The door of a node of the double: connections go through it, so that they can be cut or frozen,
 * and the node can be away.
 */
export interface Front {
  readonly port: number;
  /** Cuts every connection; new ones are taken. */
  cut(): void;
  /** While it is away, connections are cut as they come. */
  away(isAway: boolean): void;
  /**
   * While it is frozen, connections are taken and stand, and nothing comes back, as from a process
   * that is stopped; afterwards they go on.
   */
  freeze(isFrozen: boolean): void;
  close(): Promise<void>;
}

/**
 * @param isFreezable connections go one hop further, where they can be held up without their ends
 * knowing
 */
export async function openFront(
  take: (connection: Socket) => void,
  {
    port = 0,
    isFreezable = false,
  }: { readonly port?: number; readonly isFreezable?: boolean } = {},
): Promise<Front> {
  const open = new Set<Socket>();
  const held = new Set<Socket>();
  let isAway = false;
  let isFrozen = false;
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => open.delete(socket));
  };
  const inner = createServer({ noDelay: true }, take);
  if (isFreezable) {
    inner.listen(0, '127.0.0.1');
    await once(inner, 'listening');
  }
  const relay = (outside: Socket) => {
    const inside = connect((inner.address() as AddressInfo).port, '127.0.0.1');
    keep(inside);
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      held.add(one);
      one.on('data', (data) => other.write(data));
      one.on('close', () => {
        held.delete(one);
        if (!isFrozen) other.destroy();
      });
      if (isFrozen) one.pause();
    }
  };
  const server = createServer({ noDelay: true }, (connection) => {
    if (isAway) {
      connection.destroy();
      return;
    }
    keep(connection);
    if (isFreezable) relay(connection);
    else take(connection);
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
    freeze: (value) => {
      isFrozen = value;
      for (const socket of held)
        if (value) socket.pause();
        else socket.resume();
    },
    close: async () => {
      isFrozen = false;
      cut();
      server.close();
      await once(server, 'close');
      if (isFreezable) inner.close();
    },
  };
}
