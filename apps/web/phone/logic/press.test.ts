import { describe, expect, test } from '@jest/globals';
import { Press, pressAfter, signedHolds } from './press.ts';

const answer = (status: number) =>
  Promise.resolve({
    response: new Response(null, { status }),
    ...(status < 300 ? { data: { done: true } } : { error: { code: 'consent_expired' } }),
  });

describe('a press', () => {
  test('that nobody answered is sent again with its key and its body', async () => {
    const press = new Press(0);
    await expect(press.send(Promise.reject(new TypeError('no network')))).rejects.toMatchObject({
      trouble: { code: 'offline' },
    });
    const again = pressAfter(press, signedHolds - 1);
    expect(again).toBe(press);
    let formed = 0;
    const form = () => Promise.resolve({ jws: String((formed += 1)) });
    expect([await press.body(form), await again.body(form)]).toEqual([{ jws: '1' }, { jws: '1' }]);
  });

  test('whose body could not be formed forms it at the next attempt', async () => {
    const press = new Press(0);
    await expect(press.body(() => Promise.reject(new RangeError('no passkey')))).rejects.toThrow(
      'no passkey',
    );
    expect(await press.body(() => Promise.resolve({ jws: '1' }))).toEqual({ jws: '1' });
  });

  test('that the city could not do just now is sent again', async () => {
    const press = new Press(0);
    await expect(press.send(answer(503))).rejects.toMatchObject({ trouble: {} });
    expect(pressAfter(press, 1)).toBe(press);
  });

  test.each([200, 403, 409])('that was answered by %d is over', async (status) => {
    const press = new Press(0);
    await press.send(answer(status)).catch(() => undefined);
    const next = pressAfter(press, 1);
    expect(next).not.toBe(press);
    expect(next.header).not.toEqual(press.header);
  });

  test('is signed anew when its signature grows too old', async () => {
    const press = new Press(0);
    await press.send(Promise.reject(new TypeError('no network'))).catch(() => undefined);
    expect(pressAfter(press, signedHolds)).not.toBe(press);
  });

  test('answers with the data', async () => {
    expect(await new Press(0).send(answer(200))).toEqual({ done: true });
  });
});
