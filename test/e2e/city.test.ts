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
      parts: {
        database: 'ok',
        writes: 'ok',
        clock: 'ok',
        event_store: 'ok',
        log: 'ok',
        projections: 'ok',
      },
    });
    const { status, body } = await terminal.get('/v1/matters?q=灵活就业');
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain('灵活就业人员参保登记');
  });

  test('shows its windows the state of its log, and administrators the limits that it was started with', async () => {
    let health = await terminal.get('/v1/ledger/health');
    // On a busy machine records may wait for their seal longer than is fine.
    while (health.body.state === 'slow') health = await terminal.get('/v1/ledger/health');
    expect(health).toMatchObject({
      status: 200,
      body: { state: 'ok', witnesses: [], quorum: true, damage: null, store: 'postgres' },
    });
    expect(health.body.records).toBeGreaterThan(500);
    expect(health.body.parts).toContainEqual({ part: 'projections', state: 'ok' });
    expect(await city.admin.get('/v1/limits')).toMatchObject({
      status: 200,
      body: { casesPerHolderAndDay: 10, signInHours: 10, relyingParty: 'localhost' },
    });
    expect(await terminal.get('/v1/limits')).toMatchObject({
      status: 403,
      body: { code: 'scope_missing' },
    });
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

  test('describes what a generated client needs: servers, tags, text as text, one example a type, when to come back, who may hold a scope', async () => {
    interface Media {
      readonly schema?: { readonly type?: string };
      readonly example?: string;
    }
    interface Answer {
      readonly $ref?: string;
      readonly description?: string;
      readonly headers?: Readonly<Record<string, object>>;
      readonly content?: Readonly<Record<string, Media>>;
    }
    const document = (await (await fetch(`${city.baseUrl}/openapi.json`)).json()) as {
      servers: readonly { url: string }[];
      tags: readonly { name: string; description: string }[];
      paths: Record<
        string,
        Record<
          string,
          {
            tags: string[];
            summary: string;
            description: string;
            responses: Record<string, Answer>;
            requestBody?: Answer;
          }
        >
      >;
      components: {
        responses: Record<string, Answer>;
        securitySchemes: {
          client: { flows: { clientCredentials: { scopes: Record<string, string> } } };
        };
      };
    };
    expect(document.servers.map(({ url }) => url)).toEqual([city.baseUrl]);
    const tags = document.tags.map(({ name }) => name);
    for (const [path, operations] of Object.entries(document.paths))
      for (const { tags: own, summary, description, responses } of Object.values(operations)) {
        expect([path, own.every((tag) => tags.includes(tag))]).toEqual([path, true]);
        expect([path, summary.length > 10, description.length > 10]).toEqual([path, true, true]);
        for (const { $ref, description: words, content = {} } of Object.values(responses)) {
          if ($ref === undefined) expect([path, (words ?? '') !== '']).toEqual([path, true]);
          for (const [type, { schema }] of Object.entries(content)) {
            expect([path, type, type.includes(';')]).toEqual([path, type, false]);
            if (type.startsWith('text/')) expect([path, schema?.type]).toEqual([path, 'string']);
            expect([path, schema === undefined]).toEqual([path, false]);
          }
        }
      }
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/identity/token',
        '/identity/jwks',
        '/log/checkpoint',
        '/log/tile/{level}/{index}',
      ]),
    );
    const bodies = document.paths['/v1/certificates/batch']?.['post']?.requestBody?.content;
    expect(bodies?.['application/x-ndjson']?.example).toMatch(/^\{"sdJwt":/);
    expect(bodies?.['text/csv']?.example).toMatch(/^sd_jwt\n/);
    for (const name of ['TooMany', 'Unavailable'])
      expect(document.components.responses[name]?.headers).toHaveProperty('Retry-After');
    const { scopes } = document.components.securitySchemes.client.flows.clientCredentials;
    expect(scopes['cases:open']).toMatch(/for clients of kind terminal, kiosk, department$/);
  });

  test('runs a second time beside itself, on the same database and keys', async () => {
    const second = await city.startSecond();
    const { port } = second.house.services.settings;
    const ready = await fetch(`http://127.0.0.1:${port}/health/ready`);
    expect(ready.status).toBe(200);
    expect(second.catalogue.reduce((sum, { added }) => sum + added, 0)).toBe(0);
  });
});
