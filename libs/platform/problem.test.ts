import { describe, expect, test } from '@jest/globals';
import {
  AbsentError,
  ConflictError,
  InternalError,
  InvalidError,
  RefusedError,
  TooLargeError,
  TooManyError,
  UnauthenticatedError,
  UnavailableError,
} from '#libs/kernel';
import { StoreDamaged } from '#libs/event-store';
import { unexpected } from './log.js';
import { problemOf } from './problem.js';

class Invalid extends InvalidError<'a_code'> {}
class Unauthenticated extends UnauthenticatedError<'a_code'> {}
class Refused extends RefusedError<'a_code'> {}
class Absent extends AbsentError<'a_code'> {}
class Conflict extends ConflictError<'a_code'> {}
class TooLarge extends TooLargeError<'a_code'> {}
class TooMany extends TooManyError<'a_code'> {}
class Unavailable extends UnavailableError<'a_code'> {}
class Internal extends InternalError<'a_code'> {}

describe('a problem', () => {
  test('of a store that is damaged says to come back, and nothing of what stands there', () => {
    const stream = 'orders-张三';
    const damage = new StoreDamaged('store_damaged', `foreign (stream ${stream})`, { stream });
    const { problem, headers } = problemOf(damage, 'r1');
    expect(problem).toMatchObject({ status: 503, code: 'ledger_damaged' });
    expect(JSON.stringify(problem)).not.toContain(stream);
    expect(headers['retry-after']).toBe('60');
  });

  test.each([
    [Invalid, 400],
    [Unauthenticated, 401],
    [Refused, 403],
    [Absent, 404],
    [Conflict, 409],
    [TooLarge, 413],
    [TooMany, 429],
    [Unavailable, 503],
  ])('of %p has the status %i and the code of its error', (Family, status) => {
    const { problem } = problemOf(new Family('a_code', 'what happened', { id: 'x' }), 'r1');
    expect(problem).toMatchObject({
      type: '/problems/a_code',
      status,
      code: 'a_code',
      detail: 'what happened',
      facts: { id: 'x' },
      request: 'r1',
    });
  });

  test('of a broken promise of ours says nothing of it', () => {
    const { problem } = problemOf(new Internal('a_code', 'inner matters', { id: 'x' }), 'r1');
    expect(problem).toMatchObject({ status: 500, code: 'internal' });
    expect(JSON.stringify(problem)).not.toMatch(/inner|a_code/);
  });

  test('says when to come again, and how to prove oneself', () => {
    const busy = new Unavailable('a_code', 'busy', {}, { retryAfterSeconds: 0.2 });
    expect(problemOf(busy, 'r').headers).toEqual({ 'retry-after': '1' });
    expect(problemOf(new Unauthenticated('a_code', 'who'), 'r').headers).toHaveProperty(
      'www-authenticate',
    );
  });

  test('of a database that is away can be tried again; of a wrong statement not', () => {
    const away = Object.assign(new TypeError('x'), { code: 'ECONNREFUSED' });
    expect(problemOf(away, 'r').problem).toMatchObject({
      status: 503,
      code: 'database_unavailable',
    });
    const wrong = Object.assign(new TypeError('x'), { code: '23505' });
    expect(problemOf(wrong, 'r').problem).toMatchObject({ status: 500, code: 'internal' });
  });
});

test('the log keeps of a foreign error its class, code and frames, and no text', () => {
  const error = Object.assign(new TypeError('Key (number)=(11010519491231002X) exists\nmore'), {
    code: '23505',
    detail: '11010519491231002X',
  });
  const kept = JSON.stringify(unexpected(new TypeError('outer', { cause: error })));
  expect(kept).toContain('23505');
  expect(kept).toContain('problem.test.ts');
  expect(kept).not.toMatch(/11010519491231002X|outer/);
});
