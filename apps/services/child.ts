import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from '#composition/child-environment';
import { UnavailableError } from '#libs/kernel';
import type { Log } from '#libs/platform';
import { settingsOf } from './settings-of.js';

/** A program of the services ended before it was ready; the message is its own output. */
export class ServiceNotStarted extends UnavailableError<'service_not_started'> {}

export interface ChildPlan {
  /** `ledger-1`. */
  readonly name: string;
  /** A folder of apps/. */
  readonly program: string;
  readonly port: number;
  /** Variables beside the permitted ones of this process; null for those to be removed. */
  readonly env: Readonly<Record<string, string | null>>;
}

export type ChildState = 'starting' | 'ready' | 'ended';

const shortestPauseMs = 250;
const maxPauseMs = 30_000;
/** A child that ran as long as this restarts with the shortest pause. */
const soundAfterMs = 30_000;
const killAfterMs = 12_000;

/**
 * A program in a process of its own, which is restarted when it ends without having been stopped.
 */
export class Child {
  #process: ChildProcess | null = null;
  #state: ChildState = 'ended';
  #stopping = false;
  #pauseMs = shortestPauseMs;
  #timer: NodeJS.Timeout | undefined;

  /** @param changed called when pid or state change */
  constructor(
    readonly plan: ChildPlan,
    private readonly log: Log,
    private readonly changed: () => void,
  ) {}

  get pid(): number | null {
    return this.#state === 'ended' ? null : (this.#process?.pid ?? null);
  }

  get state(): ChildState {
    return this.#state;
  }

  /** Until its first readiness. @throws ServiceNotStarted, with its own output */
  async start(): Promise<unknown> {
    const { name, program, env } = this.plan;
    const began = performance.now();
    const child = fork(fileURLToPath(new URL(`../${program}/main.js`, import.meta.url)), {
      env: childEnvironment(process.env, settingsOf[program] ?? [], env),
      // Ctrl-C reaches only the parent, which stops the children in order.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#process = child;
    this.#set('starting');
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2000);
    });
    const first = Promise.withResolvers<unknown>();
    child.once('message', (message) => {
      if (this.#process === child) this.#set('ready');
      first.resolve(message);
    });
    child.once('exit', (code, signal) => {
      first.reject(
        new ServiceNotStarted('service_not_started', `${name}: ${words.trim()}`, { name }),
      );
      const lived = performance.now() - began;
      this.#set('ended');
      if (this.#stopping) return;
      this.log.warn({ name, code, signal, lived: Math.round(lived) }, 'service_ended');
      if (lived > soundAfterMs) this.#pauseMs = shortestPauseMs;
      // This start has no caller, and another follows it.
      this.#timer = setTimeout(() => void this.start().catch(() => undefined), this.#pauseMs);
      this.#pauseMs = Math.min(maxPauseMs, this.#pauseMs * 2);
    });
    return first.promise;
  }

  /** Ends it, and it is not started again. What does not end in time is killed. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#process;
    if (child === null || this.#state === 'ended') return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs);
    await ended;
    clearTimeout(timer);
  }

  #set(state: ChildState): void {
    this.#state = state;
    this.changed();
  }
}
