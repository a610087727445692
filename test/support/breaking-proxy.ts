import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * Stands between a program and its database and breaks what it is told to, at the two moments that
 * matter: before a statement reaches the server, and after the server has answered (and committed)
 * but before the program hears of it.
 */
export interface BreakingProxy {
  readonly url: string;
  /**
   * The next packet from the program that contains `text` is lost, and its connection with it.
   * Resolves when it happened.
   */
  loseNext(text: string, then?: 'away'): Promise<void>;
  /**
   * The next packet that contains `text` reaches the server; its answer is lost, and the connection
   * with it. Resolves when it happened.
   */
  loseAnswerTo(text: string, then?: 'away'): Promise<void>;
  /** While it is away, connections are refused. */
  away(isAway: boolean): void;
  /**
   * While it hangs, connections stay open and nothing passes, in either direction: a host that
   * cannot be reached, or a frozen program.
   */
  hang(hangs: boolean): void;
  close(): Promise<void>;
}

export async function breakingProxy(databaseUrl: string): Promise<BreakingProxy> {
  const target = new URL(databaseUrl);
  const open = new Set<Socket>();
  let isAway = false;
  let hangs = false;
  let trap: { text: string; answer: boolean; spring: () => void } | undefined;
  const setTrap = (text: string, answer: boolean, then?: 'away') =>
    new Promise<void>((resolve) => {
      const spring = () => {
        if (then === 'away') isAway = true;
        resolve();
      };
      trap = { text, answer, spring };
    });

  const server = createServer((program) => {
    if (isAway) {
      program.destroy();
      return;
    }
    const database = connect(Number(target.port), target.hostname);
    let unheard: (() => void) | undefined;
    for (const socket of [program, database]) {
      open.add(socket);
      if (hangs) socket.pause();
      socket.on('error', () => undefined);
      socket.on('close', () => {
        open.delete(socket);
        program.destroy();
        database.destroy();
      });
    }
    program.on('data', (packet) => {
      if (trap !== undefined && packet.includes(trap.text)) {
        const { answer, spring } = trap;
        trap = undefined;
        if (!answer) {
          spring();
          program.destroy();
          return;
        }
        unheard = spring;
      }
      database.write(packet);
    });
    database.on('data', (packet) => {
      if (unheard === undefined) program.write(packet);
      // Ready for query: the statement, and so its commit, is over.
      else if (packet.at(-6) === 0x5a) {
        unheard();
        program.destroy();
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.port = String((server.address() as AddressInfo).port);

  return {
    url: url.href,
    loseNext: (text, then) => setTrap(text, false, then),
    loseAnswerTo: (text, then) => setTrap(text, true, then),
    away: (value) => {
      isAway = value;
      if (value) for (const socket of open) socket.destroy();
    },
    hang: (value) => {
      hangs = value;
      for (const socket of open)
        if (value) socket.pause();
        else socket.resume();
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
