import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { proofMethods } from './consent.events.js';
import { assuranceOf, grantKeyOf } from './proof.js';

describe('how a grant was given', () => {
  test.each(proofMethods)('by %s is told in amr and acr as docs/verification.md says', (method) => {
    const { amr, acr } = assuranceOf({ method });
    const page = readFileSync(new URL('../../docs/verification.md', import.meta.url), 'utf8');
    const row = page.split('\n').find((line) => line.startsWith(`| \`${method}\``)) ?? '';
    const [, , amrs = '', acrs = ''] = row.split('|');
    expect(amrs.trim()).toBe(amr.map((value) => `\`${value}\``).join(', '));
    expect(acrs.trim()).toBe(`\`${acr}\``);
  });

  test('ends with the key that gave it, where one did', () => {
    expect(grantKeyOf({ method: 'jws', jws: '', jkt: 'k' })).toBe('k');
    expect(grantKeyOf({ method: 'face', verifier: 'v', result: '' })).toBeNull();
  });
});
