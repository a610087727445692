import { describe, expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { LargeBodies } from './large-bodies.js';

/** The parts of a response that are used. */
const response = (closed = false) =>
  Object.assign(new EventEmitter(), { closed }) as unknown as ServerResponse;

describe('large bodies', () => {
  test('wait, in their order, until there is room for them', async () => {
    const bodies = new LargeBodies(undefined, 100);
    const [first, second] = [response(), response()];
    await bodies.enter(first, 60);
    await bodies.enter(second, 40);
    const began: string[] = [];
    const large = bodies.enter(response(), 100).then(() => began.push('large'));
    const small = bodies.enter(response(), 1).then(() => began.push('small'));
    second.emit('close');
    await Promise.resolve();
    expect(began).toEqual([]);
    first.emit('close');
    await large;
    expect(began).toEqual(['large']);
    void small;
  });

  test('are refused where too many wait', async () => {
    const refused: string[] = [];
    const bodies = new LargeBodies((limit) => refused.push(limit), 1);
    await bodies.enter(response(), 1);
    for (let n = 0; n < 256; n++) void bodies.enter(response(), 1);
    await expect(bodies.enter(response(), 1)).rejects.toMatchObject({ code: 'large_bodies_busy' });
    expect(refused).toEqual(['large_bodies']);
  });

  test('leave their room where nobody waits for the answer any more', async () => {
    const bodies = new LargeBodies(undefined, 1);
    await bodies.enter(response(true), 1);
    await bodies.enter(response(), 1);
  });
});
