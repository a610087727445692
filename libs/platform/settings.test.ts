import { describe, expect, test } from '@jest/globals';
import { SettingInvalid } from './setting-invalid.js';
import { Settings } from './settings.js';

describe('settings', () => {
  test('run a city here when nothing is said', () => {
    const settings = Settings.from({}, '/srv/city');
    expect(settings).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://localhost:8080',
      issuerUrl: 'http://localhost:8080/identity',
      dataDir: '/srv/city/data',
      logFile: '/srv/city/data/city.log',
      databaseUrl: undefined,
      eventStoreUrl: undefined,
      city: 'trial.city.example',
      metrics: { host: '127.0.0.1', port: 9080 },
      traces: { collector: undefined, ratio: 1, fromFrontDoor: false },
    });
  });

  test('take another issuer, another database, another origin', () => {
    const settings = Settings.from({
      PUBLIC_URL: 'https://ledger.city.example',
      ISSUER_URL: 'https://login.city.example/realm/',
      DATABASE_URL: 'postgres://me:secret@db/ledger',
      EVENT_STORE_URL:
        'esdb://ledger:secret@node1:2113,node2:2113,node3:2113?nodePreference=leader',
      LOG_FILE: '-',
    });
    expect(settings).toMatchObject({
      publicUrl: 'https://ledger.city.example',
      issuerUrl: 'https://login.city.example/realm',
      databaseUrl: 'postgres://me:secret@db/ledger',
      eventStoreUrl: 'esdb://ledger:secret@node1:2113,node2:2113,node3:2113?nodePreference=leader',
      logFile: '-',
    });
  });

  test('take an empty EVENT_STORE_URL for none', () => {
    expect(Settings.from({ EVENT_STORE_URL: '' }).eventStoreUrl).toBeUndefined();
  });

  test.each([
    [{}, true],
    [{ METRICS_HOST: '0.0.0.0' }, true],
    [{ HOST: 'localhost' }, true],
    [{ METRICS_HOST: '10.0.0.5' }, false],
    [{ METRICS_PORT: '8086' }, false],
  ])('with one port for clients and metrics and %o: refused %s', (others, refused) => {
    const read = () => Settings.from({ PORT: '8085', METRICS_PORT: '8085', ...others });
    if (refused)
      expect(read).toThrow(expect.objectContaining({ facts: { setting: 'METRICS_PORT' } }));
    else expect(read).not.toThrow();
  });

  test.each([
    [{}, 'localhost'],
    [{ PUBLIC_URL: 'https://ledger.city.example' }, 'ledger.city.example'],
    [{ PUBLIC_URL: 'https://ledger.city.example', RP_ID: 'city.example' }, 'city.example'],
  ])('with %o: passkeys are made for %s', (env, rpId) => {
    expect(Settings.from(env).signIn.rpId).toBe(rpId);
  });

  test.each(['https://staff.city.example/realms/hall/', 'http://localhost:8200/', 'http://[::1]'])(
    'take the issuer of operators letter by letter: %s',
    (issuer) => {
      const { operatorsIssuer } = Settings.from({
        OPERATORS_ISSUER: issuer,
        OPERATORS_CLIENT_ID: 'mianzheng',
        OPERATORS_ACR: ' gold  silver ',
      }).signIn;
      expect(operatorsIssuer).toEqual({
        issuer,
        client: 'mianzheng',
        secret: undefined,
        acr: ['gold', 'silver'],
        amr: [],
      });
    },
  );

  test.each([
    ['PORT', '0'],
    ['PORT', '80a'],
    ['PORT', '70000'],
    ['PUBLIC_URL', 'https://city.example/path'],
    ['PUBLIC_URL', 'ftp://city.example'],
    ['ISSUER_URL', 'https://city.example/?q=1'],
    ['DATABASE_URL', 'mysql://someone:hunter2@db/x'],
    ['EVENT_STORE_URL', 'https://someone:hunter2@events:2113'],
    ['EVENT_STORE_URL', 'esdb://?tls=false'],
    ['CITY', 'City With Spaces'],
    ['LOG_LEVEL', 'loud'],
    ['REQUESTS_PER_SECOND', '-1'],
    ['METRICS_PORT', 'https'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://someone:hunter2@collector:4317'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5'],
    ['TRACEPARENT_FROM', 'anyone'],
    ['RP_ID', 'other.example'],
    ['SIGN_IN_HOURS', '25'],
    ['OPERATORS_ISSUER', 'http://staff.city.example'],
    ['OPERATORS_ISSUER', 'https://staff.city.example/?realm=hall'],
    ['OPERATORS_ISSUER', 'https://me:secret@staff.city.example'],
    ['OPERATORS_ISSUER', 'staff.city.example'],
    ['OPERATORS_CLIENT_ID', 'mianzheng'],
    ['OPERATORS_CLIENT_SECRET', 'hunter2'],
  ])('refuse %s=%s by name, and never repeat the value', (name, value) => {
    const refused = () => Settings.from({ [name]: value });
    expect(refused).toThrow(SettingInvalid);
    expect(refused).toThrow(expect.objectContaining({ facts: { setting: name } }));
    if (value.length > 4)
      expect(refused).not.toThrow(
        expect.objectContaining({ message: expect.stringContaining(value) }),
      );
  });
});
