import { isObject, type JsonObject } from '#libs/kernel';
import { isPinned } from './image-rules.js';

/** What a compose file is held against. */
export interface ComposeSurroundings {
  /**
   * Whether a path, from the folder of the compose file, is there; secrets are not, and are made by
   * `docker/make-secrets.sh`.
   */
  readonly exists: (path: string) => boolean;
  /** Targets of the Dockerfile. */
  readonly targets: ReadonlySet<string>;
  /** Every variable that our programs read. */
  readonly variables: ReadonlySet<string>;
  /** What may be reached from outside the machine, or from it: `service container-port`. */
  readonly doors: ReadonlySet<string>;
}

const object = (value: unknown): JsonObject => (isObject(value) ? value : {});
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const named = (value: unknown): string[] =>
  Array.isArray(value) ? value.map(word) : Object.keys(object(value));
/** A scalar as it is written; nothing where there is something else. */
const word = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
const isOurs = (service: JsonObject) => word(service['image']).startsWith('mianzheng-');

/**
 * What is wrong with a compose file (its anchors resolved), a sentence for each fault; none where
 * it may be used.
 */
export function faultsOfCompose(file: JsonObject, surroundings: ComposeSurroundings): string[] {
  const services = Object.entries(object(file['services']));
  return [
    ...services.flatMap(([name, service]) =>
      [
        ...faultsOfHardening(object(service)),
        ...faultsOfImage(object(service), surroundings),
        ...faultsOfReferences(file, object(service)),
        ...faultsOfDoors(name, object(service), surroundings),
        ...faultsOfEnvironment(object(service), surroundings),
      ].map((fault) => `${name}: ${fault}`),
    ),
    ...faultsOfFiles(file, surroundings),
    ...faultsOfHosts(file),
    ...unused(file),
  ];
}

function faultsOfHardening(service: JsonObject): string[] {
  const limits = object(object(object(service['deploy'])['resources'])['limits']);
  const health = object(service['healthcheck']);
  const runsOnce = service['restart'] === 'no';
  // The one image that holds nothing to ask it with; Prometheus asks it.
  const mute = /^otel\//.test(word(service['image']));
  return [
    service['read_only'] === true ? '' : 'its root can be written to',
    JSON.stringify(service['cap_drop']) === '["ALL"]' ? '' : 'keeps capabilities',
    service['cap_add'] === undefined ? '' : 'takes capabilities',
    service['privileged'] === undefined ? '' : 'is privileged',
    list(service['security_opt']).includes('no-new-privileges:true') ? '' : 'may gain privileges',
    /^[1-9]\d*:[1-9]\d*$/.test(word(service['user'])) ? '' : 'runs as root, or as it likes',
    ['cpus', 'memory', 'pids'].every((each) => limits[each] !== undefined) ? '' : 'has no limits',
    service['restart'] === 'unless-stopped' || runsOnce ? '' : 'is not started again',
    service['stop_grace_period'] === undefined ? 'does not say how long its stop takes' : '',
    service['logging'] === undefined ? 'its log grows for ever' : '',
    list(health['test']).length > 0 || ((runsOnce || mute) && health['disable'] === true)
      ? ''
      : 'has no health check',
    service['network_mode'] === 'none' ||
    (service['network_mode'] === undefined && named(service['networks']).length > 0)
      ? ''
      : 'is in no network of its own choosing',
  ].filter((fault) => fault !== '');
}

function faultsOfImage(service: JsonObject, { targets }: ComposeSurroundings): string[] {
  const image = word(service['image']);
  if (!isOurs(service)) return isPinned(image) ? [] : [`${image} is not pinned to a version`];
  const target = word(object(service['build'])['target']);
  return [
    targets.has(target) ? '' : `is built from ${target}, which the Dockerfile does not have`,
    image.startsWith(`mianzheng-${target}:`) ? '' : `is called ${image} and built from ${target}`,
  ].filter((fault) => fault !== '');
}

/** Everything by a name: secrets, configs, volumes, networks, services. */
function faultsOfReferences(file: JsonObject, service: JsonObject): string[] {
  const known = (kind: string) => new Set(Object.keys(object(file[kind])));
  const source = (entry: unknown) =>
    typeof entry === 'string' ? entry : word(object(entry)['source']);
  const missing = (kind: string, names: readonly string[]) =>
    names
      .filter((name) => !known(kind).has(name))
      .map((name) => `${name} is not among the ${kind} of this file`);
  const volumes = list(service['volumes'])
    .map((entry) => word(entry).split(':')[0] ?? '')
    .filter((name) => !name.startsWith('.') && !name.startsWith('/'));
  return [
    ...missing('secrets', list(service['secrets']).map(source)),
    ...missing('configs', list(service['configs']).map(source)),
    ...missing('networks', named(service['networks'])),
    ...missing('volumes', volumes),
    ...missing('services', named(service['depends_on'])),
  ];
}

function faultsOfDoors(
  name: string,
  service: JsonObject,
  { doors }: ComposeSurroundings,
): string[] {
  return list(service['ports']).flatMap((entry) => {
    const port = word(entry).split(':').at(-1) ?? '';
    return doors.has(`${name} ${port}`) && entry === doorOf(name, port)
      ? []
      : [`${word(entry)} can be reached from outside`];
  });
}

/** Clients come in at the proxy; everything else answers this machine alone. */
const doorOf = (name: string, port: string): string =>
  name === 'proxy' ? `${port}:${port}` : `127.0.0.1:${besides[name] ?? port}:${port}`;

/** Beside a city on the same machine they have ports of their own. */
const besides: Readonly<Record<string, string>> = { witness: '8081', kiosk: '8377' };

function faultsOfEnvironment(service: JsonObject, { variables }: ComposeSurroundings): string[] {
  const environment = Object.entries(object(service['environment']));
  return environment.flatMap(([name, value]) => [
    ...(isOurs(service) && !variables.has(name) ? [`${name} is read by no program`] : []),
    // A secret comes as a file, because inspecting a container shows its environment.
    ...(/(PASSWORD|SECRET|TOKEN|_KEY|DATABASE_URL|EVENT_STORE_URL)$/.test(name) &&
    !/_FILE$/.test(name)
      ? [`${name} stands in the description of the container`]
      : []),
    ...(/^\$\{[A-Z_]+\}$/.test(word(value)) ? [`${name} may be empty without anybody told`] : []),
  ]);
}

function faultsOfFiles(file: JsonObject, { exists }: ComposeSurroundings): string[] {
  const mounted = Object.values(object(file['services'])).flatMap((service) =>
    list(object(service)['volumes'])
      .map((entry) => word(entry).split(':')[0] ?? '')
      .filter((path) => path.startsWith('.')),
  );
  const declared = ['secrets', 'configs'].flatMap((kind) =>
    Object.values(object(file[kind])).map((entry) =>
      word(object(entry)['file']).replace(/^\$\{\w+:-(.+)\}$/, '$1'),
    ),
  );
  return [...mounted, ...declared]
    .filter((path) => !exists(path))
    .map((path) => `${path} is not there`);
}

/** Services call each other by name, in addresses that stand in their settings. */
function faultsOfHosts(file: JsonObject): string[] {
  const services = new Set(Object.keys(object(file['services'])));
  return Object.entries(object(file['services'])).flatMap(([name, service]) =>
    Object.values(object(object(service)['environment']))
      .flatMap((value) => [...word(value).matchAll(/(?:^|,|\/\/)([a-z][a-z-]*\d?):\d{4}\b/g)])
      .map(([, host]) => host ?? '')
      .filter((host) => !services.has(host))
      .map((host) => `${name}: ${host} is no service`),
  );
}

/** Declared names that nothing uses: a leftover, or a forgotten service. */
function unused(file: JsonObject): string[] {
  const services = Object.values(object(file['services'])).map(object);
  const uses = (kind: string): Set<string> =>
    new Set(
      services.flatMap((service) =>
        kind === 'networks'
          ? named(service[kind])
          : list(service[kind]).map((entry) =>
              typeof entry === 'string'
                ? (entry.split(':')[0] ?? '')
                : word(object(entry)['source']),
            ),
      ),
    );
  return ['secrets', 'configs', 'volumes', 'networks'].flatMap((kind) =>
    Object.keys(object(file[kind]))
      .filter((name) => !uses(kind).has(name))
      .map((name) => `${name} is among the ${kind}, and used by no service`),
  );
}
