interface Answered {
  readonly id?: number;
  readonly result?: { readonly usedSize?: number };
}

/** The heap of a program that was started with `--inspect`, by the inspector's protocol. */
export class Heap {
  #asked = 0;

  private constructor(private readonly socket: WebSocket) {}

  /** @param port where the program's inspector listens, on this machine */
  static async of(port: number): Promise<Heap> {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    const socket = new WebSocket(targets[0]?.webSocketDebuggerUrl ?? '');
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    socket.addEventListener('open', () => {
      resolve(undefined);
    });
    socket.addEventListener('error', () => {
      reject(new TypeError('the inspector does not answer'));
    });
    await promise;
    return new Heap(socket);
  }

  /** Megabytes that are held after a full collection. */
  async held(): Promise<number> {
    for (let time = 0; time < 3; time++) await this.#ask('HeapProfiler.collectGarbage');
    const { usedSize = NaN } = (await this.#ask('Runtime.getHeapUsage')).result ?? {};
    return usedSize / 1024 / 1024;
  }

  close(): void {
    this.socket.close();
  }

  #ask(method: string): Promise<Answered> {
    const id = ++this.#asked;
    const { promise, resolve } = Promise.withResolvers<Answered>();
    const heard = ({ data }: MessageEvent) => {
      const answer = JSON.parse(String(data)) as Answered;
      if (answer.id !== id) return;
      this.socket.removeEventListener('message', heard);
      resolve(answer);
    };
    this.socket.addEventListener('message', heard);
    this.socket.send(JSON.stringify({ id, method }));
    return promise;
  }
}
