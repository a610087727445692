import { isDeepStrictEqual } from 'node:util';
import type { Answer } from './stage.js';

/** Prints the demo's steps and keeps count of what was not as it must be. */
export class Script {
  private step = 0;
  passed = 0;
  failed = 0;

  constructor(private readonly write: (text: string) => void) {}

  title(text: string): void {
    this.step++;
    this.write(`\n${String(this.step).padStart(2)}. ${text}\n`);
  }

  say(text: string): void {
    this.write(`    ${text}\n`);
  }

  check(what: string, holds: boolean, seen?: unknown): void {
    if (holds) this.passed++;
    else this.failed++;
    this.write(`    ${holds ? '✓' : '✗'} ${what}\n`);
    if (!holds) this.write(`      seen: ${JSON.stringify(seen)}\n`);
  }

  same(what: string, seen: unknown, wanted: unknown): void {
    this.check(what, isDeepStrictEqual(seen, wanted), seen);
  }

  /** The value of an answer that must have gone well; where it did not, the demo cannot go on. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what the route answers with
  must<T>(what: string, answer: Answer): T {
    this.check(what, answer.ok, answer);
    if (!answer.ok) throw new CannotGoOn(`${what}: ${answer.code} ${answer.detail}`);
    return answer.value as T;
  }

  refused(what: string, answer: Answer, code: string): void {
    const held = !answer.ok && answer.code === code;
    this.check(
      `${what}: ${held ? `refused, ${code}` : `should be refused with ${code}`}`,
      held,
      answer,
    );
  }
}

/** A step that later ones stand on went wrong. */
export class CannotGoOn extends TypeError {}
