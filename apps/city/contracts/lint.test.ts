import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { faultsOfOpenapi } from './lint.js';

const text = await readFile(new URL('../../../contracts/openapi.json', import.meta.url), 'utf8');

test('the OpenAPI document has no fault by the recommended rules', async () => {
  expect(await faultsOfOpenapi(text)).toEqual([]);
});

test('a reference that leads nowhere is a fault', async () => {
  const broken = text.replace('#/components/schemas/Problem"', '#/components/schemas/Absent"');
  expect(broken).not.toBe(text);
  expect(await faultsOfOpenapi(broken)).not.toEqual([]);
});

test('a route that describes no 4XX reply is a fault', async () => {
  const document = JSON.parse(text) as {
    readonly paths: Record<string, { get: { responses: Record<string, unknown> } }>;
  };
  delete document.paths['/health/live']?.get.responses['400'];
  expect((await faultsOfOpenapi(JSON.stringify(document))).join()).toContain('4XX');
});
