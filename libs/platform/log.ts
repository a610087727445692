import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import { ProductError } from '#libs/kernel';
import { traceId } from '#libs/tracing';

/**
 * The process's log: one JSON object a line. What goes in is built member by member from things that are known to be
 * free of personal data; no request, response, row or error is ever handed over whole.
 */
export type Log = Logger;

/** DI token of the log: `@Inject(LOG) log: Log`. */
export const LOG = Symbol('log');

/**
 * @param file `-` for standard error. Each line is written before the next statement runs, so that none is lost at an end. A file is opened
 * anew at SIGUSR2, so that it can be moved away while the process runs; no line is lost or written twice.
 */
export function openLog(level: string, file = '-'): Log {
  const destination = pino.destination({ dest: file === '-' ? 2 : file, sync: true, mkdir: true });
  if (file !== '-')
    process.on('SIGUSR2', () => {
      destination.reopen();
    });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Finds the trace of a line, and the lines of a trace; nothing where nothing is traced.
      mixin: () => {
        const trace = traceId();
        return trace === undefined ? {} : { trace };
      },
    },
    destination,
  );
}

/**
 * What may be logged of an error. Messages of our own errors hold no personal data (libs/kernel/errors.ts); those of others may quote
 * what they were given (a driver quotes rows), so only their class, code and stack frames are kept.
 */
export function unexpected(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .slice(0, 8)
    .map((line) => line.trim());
  const own =
    error instanceof ProductError
      ? { code: error.code as string, message: error.message, facts: error.facts }
      : 'code' in error && (typeof error.code === 'string' || typeof error.code === 'number')
        ? { code: error.code }
        : {};
  return {
    error: error.name,
    ...own,
    frames,
    ...(error.cause === undefined ? {} : { cause: unexpected(error.cause) }),
  };
}

/** Nest's own words, in the same log. Its errors come with a stack as text, whose first line is left out for the reason above. */
export class NestLog implements LoggerService {
  constructor(private readonly to: Log) {}

  log(message: unknown): void {
    this.to.debug({ nest: String(message) });
  }
  warn(message: unknown): void {
    this.to.warn({ nest: String(message) });
  }
  error(message: unknown, stack?: unknown): void {
    if (message instanceof Error) this.to.error(unexpected(message), 'nest');
    else
      this.to.error(
        { frames: typeof stack === 'string' ? stack.split('\n').slice(1, 9) : [] },
        'nest',
      );
  }
  debug(message: unknown): void {
    this.to.trace({ nest: String(message) });
  }
}
