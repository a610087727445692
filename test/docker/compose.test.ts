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
  doors: new Set(['city 8080', 'witness 8080', 'proxy 443', 'grafana 3000']),
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
    ['no restart', /restart: unless-stopped/, 'restart: always', 'front-1: is not started again'],
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
      /networks: \[data\]\n/,
      "networks: [data]\n    ports: ['5432:5432']\n",
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
      /http:\/\/ledger-2:8080/,
      'http://ledger-3:8080',
      'front-1: ledger-3 is no service',
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
    expect(inNetwork('front')).toEqual(['front-1', 'front-2', 'proxy']);
    expect(inNetwork('desk')).toEqual(['collector', 'grafana']);
    // Witnesses of other departments, stores on machines of their own, another issuer.
    expect(inNetwork('out')).toEqual([
      ...['cli', 'identity-1', 'identity-2', 'ledger-1', 'ledger-2', 'window-1', 'window-2'],
    ]);
    // An Alertmanager.
    expect(inNetwork('alarms')).toEqual(['prometheus']);
  });

  test('lead no process to another by two ways, of which one could be the wrong one', () => {
    // A name is looked up in every network that two share; those that call each other by a name must find the same process in each.
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
      ...['eventstore-1', 'eventstore-2', 'eventstore-3'],
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
    const settings = Settings.from({
      DATABASE_URL: database.replace('%s', 'word'),
      // The authority's file is looked at; any that is there will do.
      EVENT_STORE_URL: events
        .replace('%s', 'word')
        .replace(/\/run\/secrets\/\w+/, import.meta.filename),
    });
    expect(settings.databaseUrl).toContain('mianzheng:word@postgres');
    expect(settings.eventStoreUrl).toContain('word@eventstore-1');
  });

  test('the proxy’s front doors, and the host of each URL, are services', () => {
    const hosts = [
      ...text('docker/haproxy/haproxy.cfg').matchAll(/^\s+server \S+ ([a-z-]+\d?):/gm),
      ...text('docker/make-secrets.sh').matchAll(/@([a-z-]+\d?):/g),
      ...text('docker/postgres/standby.sh').matchAll(/^primary="\$\{PRIMARY_HOST:-([a-z]+)\}"/gm),
      ...text('docker/compose.city.yaml').matchAll(/PRIMARY_HOST: \$\{\w+:-([a-z-]+)\}/g),
    ].map(([, host]) => host);
    expect(hosts).toHaveLength(7);
    for (const host of hosts) expect(services).toContain(host);
  });

  test('the command line goes by the policy of the ledgers; the key that the policy names is made before there is one', () => {
    const mounted = (name: string) => described[name]?.['configs'];
    expect(environment('cli')['LOG_POLICY']).toBe(environment('ledger-1')['LOG_POLICY']);
    expect(mounted('cli')).toEqual(mounted('ledger-1'));
    expect([mounted('keys'), described['keys']?.['secrets']]).toEqual([undefined, undefined]);
    expect(environment('keys')['KEYS_DIR']).toBe(environment('ledger-1')['KEYS_DIR']);
  });

  test('the proxy takes what one address may do from its environment, and has a number where nobody says one', () => {
    const settings = text('docker/haproxy/haproxy.cfg');
    const preset = [...settings.matchAll(/^ +presetenv (\w+) \d+$/gm)].map(([, name]) => name);
    const used = [...settings.matchAll(/"\$\{(\w+)\}"/g)].map(([, name]) => name);
    expect(used).toHaveLength(2);
    expect(used).toEqual(preset);
    expect(Object.keys(environment('proxy'))).toEqual(preset);
  });

  test('the proxy keeps a body on a question out before anything of it goes further', () => {
    const settings = text('docker/haproxy/haproxy.cfg');
    expect(settings).toMatch(/^ +acl asks method GET HEAD$/m);
    for (const sign of ['req.hdr(transfer-encoding) -m found', 'req.body_size gt 0'])
      expect(settings).toContain(`acl brings_a_body ${sign}`);
    expect(settings).toMatch(
      /^ +http-request return status 400 .*body_unexpected.* if asks brings_a_body$/m,
    );
  });
});
