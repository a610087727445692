import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A way to a node of the double that can turn into a hole: what goes in is taken, and nothing ever
 * comes back.
 */
export interface Way {
  readonly port: number;
  /**
   * Connections that stand are silent from now on, or speak again; new ones are what the way is
   * when they come.
   */
  swallow(swallows: boolean): void;
  close(): Promise<void>;
}

export async function wayTo(port: number): Promise<Way> {
  const open = new Set<Socket>();
  let swallows = false;
  const server = createServer({ noDelay: true }, (here) => {
    const there = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [here, there],
      [there, here],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('data', (data) => {
        if (!swallows) other.write(data);
      });
      one.on('close', () => {
        open.delete(one);
        if (!swallows) other.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    swallow: (value) => {
      swallows = value;
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
