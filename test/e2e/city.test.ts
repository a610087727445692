import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCity, type TestCity } from '../support/city.js';
import { register, type TestClient } from '../support/client.js';

describe('a city', () => {
  let city: TestCity;
  let terminal: TestClient;

  beforeAll(async () => {
    city = await startCity();
    terminal = await register(city.admin, {
      kind: 'terminal',
      department: 'social-security',
      window: 'hall-1-03',
    });
    await city.caughtUp();
  });
  afterAll(() => city.stop());

  test('is ready with its catalogue in it', async () => {
    const ready = await fetch(`${city.baseUrl}/health/ready`);
    expect(await ready.json()).toEqual({
      ready: true,
      parts: { database: 'ok', clock: 'ok', log: 'ok', projections: 'ok' },
    });
    const { status, body } = await terminal.get('/v1/matters?q=灵活就业');
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('灵活就业人员参保登记');
  });

  test('describes every route under /v1, and only routes that know whom they are for', async () => {
    const document = (await (await fetch(`${city.baseUrl}/openapi.json`)).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { security?: unknown[] }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    for (const [path, operations] of Object.entries(document.paths))
      for (const operation of Object.values(operations))
        expect([path, Array.isArray(operation.security)]).toEqual([path, true]);
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining(['/v1/cases', '/v1/releases', '/v1/certificates', '/v1/matters']),
    );
  });

  test('runs a second time beside itself, on the same database and keys', async () => {
    const second = await city.startSecond();
    const { port } = second.house.services.settings;
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
    expect(ready.status).toBe(200);
    expect(second.catalogue.reduce((sum, { added }) => sum + added, 0)).toBe(0);
  });
});
