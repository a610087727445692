import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';
import { ProductError } from '#libs/kernel';
import { traceId } from '#libs/tracing';
import { LogFile } from './log-file.js';

/**
 * The process's log: one JSON object a line. Lines are built from members known to be free of
 * personal data; no request, response, row or error is ever logged whole.
 */
export type Log = Logger;

/** DI token of the log: `@Inject(LOG) log: Log`. */
export const LOG = Symbol('log');

const files = new WeakMap<Log, LogFile>();

/** Lines of a log that could not be written, since the process started. */
export const lostLines = (log: Log): number => files.get(log)?.lost ?? 0;

/**
 * @param file `-` for standard error. Each line is written synchronously, so that none is lost at
 *   an exit; one that cannot be written is counted, and stops nothing. SIGUSR2 reopens the file, so
 *   that it can be moved away while the process runs; no line is lost or written twice.
 * @throws the file system's error where the file cannot be opened
 */
export function openLog(level: string, file = '-'): Log {
  const destination = new LogFile(file === '-' ? undefined : file);
  if (file !== '-')
    process.on('SIGUSR2', () => {
      destination.reopen();
    });
  const log = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Links log lines and traces; absent where nothing is traced.
      mixin: () => {
        const trace = traceId();
        return trace === undefined ? {} : { trace };
      },
    },
    destination,
  );
  files.set(log, destination);
  return log;
}

/**
 * What may be logged of an error: messages of product errors hold no personal data
 * (libs/kernel/error-families.ts). Those of others may quote their input (a driver: rows), so only
 * their class, code and stack frames are logged.
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

/**
 * Nest's own messages, in the same log. Its errors come with a stack as text, whose first line is
 * left out for the reason above.
 */
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
