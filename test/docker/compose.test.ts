import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { parse } from 'yaml';
import { faultsOfCompose } from './compose-rules.js';
import { exists, targets, text, yaml } from './repository.js';
import { variablesRead } from './variables.js';

const surroundings = {
  // Secrets are made where the city is started, by a script that is held against this below.
  exists: (path: string) => path.startsWith('./secrets/') || exists(`docker/${path}`),
  targets: targets(),
  variables: variablesRead(),
  doors: new Set(['city 8080', 'kiosk 8080', 'witness 8080', 'proxy 443', 'grafana 3000']),
};
const faults = (file: JsonObject) => faultsOfCompose(file, surroundings);
const city = text('docker/compose.city.yaml');
const broken = (from: string | RegExp, to: string) => {
  expect(city).toMatch(from);
  return faults(parse(city.replace(from, to), { merge: true }) as JsonObject);
};

describe.each(['docker/compose.yaml', 'docker/compose.city.yaml'])('%s', (path) => {
  test('keeps every rule', () => {
    expect(faults(yaml(path))).toEqual([]);
  });

  test('refuses to start without what has no default that would do', () => {
    expect(text(path)).toMatch(/CITY: .*\$\{CITY:\?[^}]{20,}\}/);
    expect(text(path)).toMatch(/\$\{(PUBLIC_URL|CITY_HOST):\?[^}]{20,}\}/);
  });
});

describe('docker/compose.kiosk.yaml', () => {
  const path = 'docker/compose.kiosk.yaml';

  test('keeps every rule', () => {
    expect(faults(yaml(path))).toEqual([]);
  });

  test('refuses to start without city and printer', () => {
    for (const name of ['PUBLIC_URL', 'PRINTER_URI'])
      expect(text(path)).toMatch(new RegExp(`${name}: .*\\$\\{${name}:\\?[^}]{20,}\\}`));
  });
});

describe('a compose file with a fault', () => {
  test.each([
    [
      'a root that can be written to',
      /read_only: true/,
      'read_only: false',
      'ledger-1: its root can be written to',
    ],
    ['capabilities', /cap_drop: \[ALL\]/, 'cap_drop: []', 'postgres: keeps capabilities'],
    [
      'privileges to gain',
      /'no-new-privileges:true'/,
      "'no-new-privileges:false'",
      'window-2: may gain privileges',
    ],
    ['root', /user: 999:999/, 'user: root', 'postgres: runs as root, or as it likes'],
    [
      'no limits',
      /limits: \{ cpus: '2', memory: 1g, pids: 128 \}/,
      'limits: { cpus: "2" }',
      'identity-1: has no limits',
    ],
    ['no restart', /restart: unless-stopped/, 'restart: always', 'ledger-1: is not started again'],
    ['no health', /test: \['CMD', 'pg_isready'.*\]/, 'test: []', 'postgres: has no health check'],
    [
      'an image that moves',
      /haproxy:3\.2\.24-alpine/,
      'haproxy:latest',
      'proxy: haproxy:latest is not pinned to a version',
    ],
    [
      'an image that is not built',
      /target: window \}/,
      'target: windows }',
      'window-1: is built from windows, which the Dockerfile does not have',
    ],
    [
      'a secret that is not declared',
      /secrets: \[tls\.pem\]/,
      'secrets: [tls.key]',
      'proxy: tls.key is not among the secrets of this file',
    ],
    [
      'a network that is not declared',
      /networks: \[inside, data, metrics, witness, out\]/,
      'networks: [outside]',
      'ledger-1: outside is not among the networks of this file',
    ],
    [
      'the network of the machine itself',
      /network_mode: none/,
      'network_mode: host',
      'keys: is in no network of its own choosing',
    ],
    [
      'a volume that is not declared',
      /'ledger-keys:\/keys'/,
      "'ledger-key:/keys'",
      'ledger-1: ledger-key is not among the volumes of this file',
    ],
    [
      'a service that is not there',
      /prometheus: \{ condition/,
      'thanos: { condition',
      'grafana: thanos is not among the services of this file',
    ],
    [
      'a database that can be reached',
      /networks: \[data\]\n {4}stop_grace_period: 60s\n/,
      "networks: [data]\n    stop_grace_period: 60s\n    ports: ['5432:5432']\n",
      'postgres: 5432:5432 can be reached from outside',
    ],
    [
      'a desk that can be reached',
      /'127\.0\.0\.1:3000:3000'/,
      "'3000:3000'",
      'grafana: 3000:3000 can be reached from outside',
    ],
    [
      'a setting that nobody reads',
      /KEYS_DIR: \/keys/,
      'KEY_DIR: /keys',
      'identity-1: KEY_DIR is read by no program',
    ],
    [
      'a password in the open',
      /DATABASE_URL_FILE: .*\n/,
      'DATABASE_URL: postgres://u:p@postgres/m\n',
      'ledger-1: DATABASE_URL stands in the description of the container',
    ],
    [
      'a setting that may be empty',
      /LOG_LEVEL: \$\{LOG_LEVEL:-info\}/,
      'LOG_LEVEL: ${LOG_LEVEL}',
      'ledger-1: LOG_LEVEL may be empty without anybody told',
    ],
    [
      'a file that is not there',
      /\.\/haproxy\/haproxy\.cfg/,
      './haproxy/proxy.cfg',
      './haproxy/proxy.cfg is not there',
    ],
    [
      'an address of nobody',
      /DATA_SOURCE_URI: \$\{PRIMARY:-postgres\}:5432/,
      'DATA_SOURCE_URI: http://postgres-3:5432',
      'postgres-exporter: postgres-3 is no service',
    ],
    [
      'a gossip with nobody',
      /eventstore-2:2113,eventstore-3:2113/,
      'eventstore-2:2113,eventstore-4:2113',
      'eventstore-1: eventstore-4 is no service',
    ],
    [
      'a volume of nobody',
      /\n {2}witness-data:\n/,
      '\n  witness-data:\n  witnesses:\n',
      'witnesses is among the volumes, and used by no service',
    ],
  ])('%s is found', (_, from, to, fault) => {
    expect(broken(from, to)).toContain(fault);
  });
});

describe('the networks of the city', () => {
  const services = yaml('docker/compose.city.yaml')['services'] as Record<string, JsonObject>;
  const networks = yaml('docker/compose.city.yaml')['networks'] as Record<
    string,
    JsonObject | null
  >;
  const inNetwork = (network: string) =>
    Object.entries(services)
      .filter(([, { networks: own }]) =>
        Array.isArray(own) ? own.includes(network) : network in Object(own),
      )
      .map(([name]) => name)
      .sort();

  test('have a way out for what clients and operators reach, and for what has to reach others', () => {
    const open = Object.entries(networks)
      .filter(([, network]) => network?.['internal'] !== true)
      .map(([name]) => name);
    expect(open.sort()).toEqual(['alarms', 'desk', 'front', 'out']);
    expect(inNetwork('front')).toEqual(['proxy']);
    expect(inNetwork('desk')).toEqual(['collector', 'grafana']);
    // Witnesses of other departments, stores on machines of their own, another issuer.
    expect(inNetwork('out')).toEqual([
      ...['cli', 'identity-1', 'identity-2', 'ledger-1', 'ledger-2', 'window-1', 'window-2'],
    ]);
    // An Alertmanager.
    expect(inNetwork('alarms')).toEqual(['prometheus']);
  });

  test('lead no process to another by two ways, of which one could be the wrong one', () => {
    // A name is looked up in every network that two share; those that call each other by a name
    // must find the same process in each.
    expect(inNetwork('metrics').filter((name) => inNetwork('alarms').includes(name))).toEqual([
      'prometheus',
    ]);
    expect(inNetwork('out').some((name) => /^(eventstore|postgres|proxy|front)/.test(name))).toBe(
      false,
    );
  });

  test('show the stores to the services that stand on them, and the witness to those that seal', () => {
    expect(inNetwork('data')).toEqual([
      'cli',
      ...['eventstore-1', 'eventstore-2', 'eventstore-3', 'eventstore-prepare'],
      ...['identity-1', 'identity-2', 'ledger-1', 'ledger-2'],
      ...['postgres', 'postgres-exporter', 'postgres-spare', 'postgres-standby'],
      ...['window-1', 'window-2'],
    ]);
    expect(inNetwork('witness')).toEqual(['ledger-1', 'ledger-2', 'witness']);
  });

  test('give keys to those that use them', () => {
    const holders = (volume: string) =>
      Object.entries(services)
        .filter(([, { volumes }]) => JSON.stringify(volumes ?? []).includes(`"${volume}:`))
        .map(([name]) => name);
    expect(holders('ledger-keys')).toEqual(['ledger-1', 'ledger-2', 'cli', 'keys']);
    expect(holders('identity-keys')).toEqual(['identity-1', 'identity-2']);
  });
});

describe('the sign-in of operators', () => {
  const services = yaml('docker/compose.city.yaml')['services'] as Record<string, JsonObject>;
  const rows = [
    ...text('docs/operations/settings.md').matchAll(
      /^\| `((?:RP_ID|SIGN_IN|OPERATORS)[A-Z_]*)` *\|[^|]*\|([CILWFTM ]+)\|/gm,
    ),
  ].map(([, name = '', letters = '']) => ({ name, letters }));
  const told = (service: string) =>
    Object.keys(Object(services[service]?.['environment']) as JsonObject)
      .filter((name) => rows.some((row) => row.name === name))
      .toSorted();

  test.each([
    ['identity-1', 'I'],
    ['ledger-2', 'L'],
    ['window-1', 'W'],
  ])(
    '%s is told all that docs/operations names for it, the secret as a file',
    (service, letter) => {
      const named = rows.filter(({ letters }) => letters.includes(letter)).map(({ name }) => name);
      expect(told(service)).toEqual(
        named.filter((name) => !named.includes(`${name}_FILE`)).toSorted(),
      );
    },
  );

  test('is shown the client’s secret by the issuers alone', () => {
    const holders = Object.entries(services).filter(([, { secrets }]) =>
      JSON.stringify(secrets ?? []).includes('operators_client_secret'),
    );
    expect(holders.map(([name]) => name)).toEqual(['identity-1', 'identity-2']);
  });
});

describe('the city on PostgreSQL alone', () => {
  const services = yaml('docker/compose.city.yaml')['services'] as Record<string, JsonObject>;
  const isOfProfile = (name: string) => services[name]?.['profiles'] !== undefined;
  const started = Object.keys(services).filter((name) => !isOfProfile(name));

  test('is what the file starts where nothing else is said, without an image of another licence', () => {
    for (const name of started)
      expect(JSON.stringify(services[name]?.['image'])).not.toMatch(/kurrent|eventstore/i);
    expect(started).toEqual(expect.arrayContaining(['ledger-1', 'window-2', 'postgres']));
    expect(started.filter((name) => name.startsWith('eventstore'))).toEqual([]);
  });

  test('waits for no service that is not started', () => {
    for (const name of started)
      for (const [other, how] of Object.entries(Object(services[name]?.['depends_on']) as object))
        expect([
          name,
          other,
          isOfProfile(other) && (how as JsonObject)['required'] !== false,
        ]).toEqual([name, other, false]);
  });

  test('tells no service of an event store, as long as its setting is empty', () => {
    const told = started.map(
      (name) => (Object(services[name]?.['environment']) as JsonObject)['EVENT_STORE_URL_FILE'],
    );
    const own = told.filter((value) => value !== undefined);
    expect(own.length).toBe(6);
    expect(new Set(own)).toEqual(new Set(['${EVENT_STORE_URL_FILE:-}']));
  });

  test('with an event store, services wait until the ledger’s user and its rights are there', () => {
    const prepare = services['eventstore-prepare'];
    expect(prepare?.['command']).toEqual(['event-store', 'prepare']);
    expect(Object.keys(Object(prepare?.['depends_on']))).toEqual([
      ...['eventstore-1', 'eventstore-2', 'eventstore-3'],
    ]);
    for (const name of ['identity-1', 'ledger-2', 'window-1'])
      expect(services[name]?.['depends_on']).toMatchObject({
        'eventstore-prepare': { condition: 'service_completed_successfully' },
      });
    // No other service has the administrator's password.
    const holders = Object.entries(services).filter(([, { secrets }]) =>
      JSON.stringify(secrets ?? []).includes('event_store_admin_url'),
    );
    expect(holders.map(([name]) => name)).toEqual(['eventstore-prepare']);
  });
});

describe('what stands beside the compose file of the city', () => {
  const file = yaml('docker/compose.city.yaml');
  const described = file['services'] as Record<string, JsonObject>;
  const services = Object.keys(described);
  const environment = (name: string) => Object(described[name]?.['environment']) as JsonObject;

  test('docker/make-secrets.sh makes every secret, and says which files it cannot make', () => {
    const script = text('docker/make-secrets.sh');
    const paths = ['secrets', 'configs'].flatMap((kind) =>
      Object.values(file[kind] as Record<string, { file: string }>).map((entry) => entry.file),
    );
    const names = paths
      .filter((path) => path.startsWith('./secrets/'))
      .map((path) => path.slice(10));
    for (const name of names) {
      const stem = name.replace(/\.(crt|key)$/, '').replace(/\d$/, '');
      expect(script).toContain(stem);
    }
    expect(text('.gitignore')).toMatch(/^docker\/secrets\/$/m);
  });

  test('docker/make-secrets.sh writes addresses that the programs take', () => {
    const [, database = ''] =
      /(postgres:\/\/[^\s']+?)\\n'/.exec(text('docker/make-secrets.sh')) ?? [];
    const [, events = ''] = /(esdb:\/\/[^\s']+?)\\n'/.exec(text('docker/make-secrets.sh')) ?? [];
    const [, nodes = ''] = /^event_store='(.+)'$/m.exec(text('docker/make-secrets.sh')) ?? [];
    const settings = Settings.from({
      DATABASE_URL: database.replace('%s', 'word'),
      // The authority's file is looked at; any that is there will do.
      EVENT_STORE_URL: events
        .replace('%s', 'word')
        .replace('%s', nodes)
        .replace(/\/run\/secrets\/\w+/, import.meta.filename),
    });
    expect(settings.databaseUrl).toContain('mianzheng:word@postgres');
    expect(settings.eventStoreUrl).toContain('ledger:word@eventstore-1');
  });

  test('the proxy’s servers, and the host of each URL, are services', () => {
    const hosts = [
      ...text('docker/haproxy/haproxy.cfg').matchAll(/^\s+presetenv \w+_\d ([a-z-]+\d?):\d+$/gm),
      ...text('docker/make-secrets.sh').matchAll(/(?:@|')([a-z-]+\d?):\d{4}/g),
      ...text('docker/postgres/standby.sh').matchAll(/^primary="\$\{PRIMARY_HOST:-([a-z]+)\}"/gm),
      ...text('docker/compose.city.yaml').matchAll(/PRIMARY_HOST: \$\{\w+:-([a-z-]+)\}/g),
    ].map(([, host]) => host);
    expect(hosts.length).toBeGreaterThan(10);
    for (const host of hosts) expect(services).toContain(host);
  });

  test('the command line goes by the policy of the ledgers; the key that the policy names is made before there is one', () => {
    const mounted = (name: string) => described[name]?.['configs'];
    expect(environment('cli')['LOG_POLICY']).toBe(environment('ledger-1')['LOG_POLICY']);
    expect(mounted('cli')).toEqual(mounted('ledger-1'));
    expect([mounted('keys'), described['keys']?.['secrets']]).toEqual([undefined, undefined]);
    expect(environment('keys')['KEYS_DIR']).toBe(environment('ledger-1')['KEYS_DIR']);
  });

  test('the proxy takes addresses, files and limits from its environment, and has a value where none is named', () => {
    const settings = text('docker/haproxy/haproxy.cfg');
    const preset = [...settings.matchAll(/^ +presetenv (\w+) \S+$/gm)].map(([, name]) => name);
    const used = [...settings.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
    expect(preset.length).toBeGreaterThan(10);
    expect([...new Set(used)].sort()).toEqual(preset.toSorted());
    expect(preset).toEqual(expect.arrayContaining(Object.keys(environment('proxy'))));
    const mounted = described['proxy']?.['configs'] as { target: string }[];
    expect(mounted.map(({ target }) => target)).toContain(
      /presetenv SERVICES_MAP (\S+)/.exec(settings)?.[1],
    );
  });
});
