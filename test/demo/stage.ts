import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';

/** What a client's process answered, or the problem that it was given. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly detail: string };

interface Reply {
  readonly id: string;
  readonly answer: Answer;
}

/**
 * A client in a process of its own: its private key never leaves that process. The stage sends it
 * what to do, and gets what came of it.
 */
export class Client {
  private readonly waiting = new Map<string, (answer: Answer) => void>();

  private constructor(
    readonly role: string,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (reply: Reply) => {
      this.waiting.get(reply.id)?.(reply.answer);
      this.waiting.delete(reply.id);
    });
    child.on('exit', (code) => {
      for (const settle of this.waiting.values())
        settle({
          ok: false,
          status: 0,
          code: 'client_gone',
          detail: `exited with ${String(code)}`,
        });
    });
  }

  /** @param program name of the file under clients/, e.g. `terminal` */
  static start(program: string, role: string, baseUrl: string): Client {
    const file = fileURLToPath(new URL(`./clients/${program}.js`, import.meta.url));
    return new Client(
      role,
      fork(file, [baseUrl], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
  }

  ask(action: string, input: unknown = {}): Promise<Answer> {
    const id = randomUUID();
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.child.send({ id, action, input });
    });
  }

  stop(): void {
    this.child.disconnect();
  }
}

/**
 * The other end of `Client`: runs a client's actions as the stage asks for them, and ends when the
 * stage does.
 */
export function perform(
  actions: Readonly<Record<string, (input: never) => Promise<unknown>>>,
  explain: (error: unknown) => Answer,
): void {
  process.on('message', (message: { id: string; action: string; input: never }) => {
    const action = actions[message.action];
    const run =
      action === undefined ? Promise.reject(new TypeError(message.action)) : action(message.input);
    run
      .then(
        (value): Answer => ({ ok: true, value: value ?? null }),
        (error: unknown) => explain(error),
      )
      .then(
        (answer) => process.send?.({ id: message.id, answer } satisfies Reply),
        () => process.exit(1),
      );
  });
  process.on('disconnect', () => process.exit(0));
}
