import { setFlagsFromString } from 'node:v8';

/**
 * Keeps V8 from giving young objects up to 128 MB, which it does as soon as a few megabytes of them
 * live on. For commands that read much and keep little; at once, as a space that has grown stays.
 */
export const keepHeapSmall = (): void => {
  setFlagsFromString('--semi-space-growth-factor=1');
};
