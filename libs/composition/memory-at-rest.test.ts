import { beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryAtRest } from './memory-at-rest.js';

const megabyte = 1024 * 1024;

describe('memory at rest', () => {
  let resident = 0;
  let collections = 0;
  let memory: MemoryAtRest;

  beforeEach(() => {
    resident = 300 * megabyte;
    collections = 0;
    memory = new MemoryAtRest(
      () => resident,
      () => {
        collections++;
        resident = 200 * megabyte;
      },
    );
    memory.look(0);
  });

  it('is collected after the start', () => {
    expect(collections).toBe(1);
  });

  it('is collected again when the process rests after it has grown', () => {
    resident = 240 * megabyte;
    memory.look(0.01);
    expect(collections).toBe(2);
  });

  it('is not collected under load', () => {
    resident = 400 * megabyte;
    memory.look(0.2);
    expect(collections).toBe(1);
  });

  it('is not collected where there is little to win', () => {
    resident = 231 * megabyte;
    memory.look(0.01);
    expect(collections).toBe(1);
  });

  it('is not collected over and over for what is needed', () => {
    memory = new MemoryAtRest(
      () => resident,
      () => collections++,
    );
    collections = 0;
    memory.look(0);
    memory.look(0);
    expect(collections).toBe(1);
  });
});
