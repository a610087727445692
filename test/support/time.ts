import { jest } from '@jest/globals';

/**
 * Sets the clock of this process, and so of a city in it, forward: it then stands still until the
 * next call, while timers go on. Only at the end of a file: tokens of the later time would not be
 * valid yet in the earlier.
 */
export function passSeconds(seconds: number): void {
  jest.useFakeTimers({
    now: Date.now() + seconds * 1000,
    doNotFake: [
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'setTimeout',
      'clearTimeout',
    ],
  });
}
