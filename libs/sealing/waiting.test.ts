import { describe, expect, it } from '@jest/globals';
import { Waiting } from './waiting.js';

const day = 86_400_000;
const never = new AbortController().signal;

describe('what waits until it is wanted', () => {
  it('goes on as soon as a caller waits for more than there is', async () => {
    const values = new Waiting<number>();
    values.push(1);
    const wanted = values.wanted(day, never);
    const reached = values.until((value) => value >= 2, day);
    await wanted;
    values.push(2);
    expect(await reached).toBe(2);
  });

  it('goes on at once where a caller waits already', async () => {
    const values = new Waiting<number>();
    const reached = values.until((value) => value >= 1, day);
    await values.wanted(day, never);
    values.push(1);
    expect(await reached).toBe(1);
  });

  it('is not wanted by a caller that has its value', async () => {
    const values = new Waiting<number>();
    values.push(1);
    const over = new AbortController();
    let told = false;
    const wanted = values.wanted(day, over.signal).then(() => (told = true));
    expect(await values.until((value) => value >= 1, day)).toBe(1);
    expect(told).toBe(false);
    over.abort();
    await wanted;
  });

  it('goes on when its time is over', async () => {
    await new Waiting<number>().wanted(1, never);
  });
});
