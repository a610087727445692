import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { parse, YAMLMap } from 'yaml';
import { text, yaml } from './repository.js';
import { programText, variablesRead } from './variables.js';

const pages = ['start', 'settings', 'machines', 'backup', 'alarms', 'keys'];
const page = pages.map((name) => text(`docs/operations/${name}.md`)).join('\n');
const [, settings = ''] = /\n## Settings\n([\s\S]*?)\n# /.exec(page) ?? [];
const documented = new Set(
  [...settings.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name ?? ''),
);

/** Names that others gave: PostgreSQL, Prometheus, Compose and Node. */
const ofOthers = [
  ...['max_connections', 'pg_stat_activity', 'pg_test_fsync', 'pg_total_relation_size'],
  ...['pg_stat_replication', 'basic_auth', 'extra_hosts'],
  ...['node_exporter', 'postgres_exporter', 'nodejs_eventloop_lag_p99_seconds'],
];
const city = yaml('docker/compose.city.yaml');

describe('docs/operations', () => {
  test('names no error, no word of the log, no table and no metric that the program does not know', () => {
    const source = programText();
    const known = new Set([...ofOthers, ...Object.keys(city['secrets'] as JsonObject)]);
    const words = [...page.matchAll(/`([a-z]+(?:_[a-z0-9]+)+)`/g)].map(([, word]) => word ?? '');
    expect(words.length).toBeGreaterThan(60);
    const unknown = words.filter(
      (word) => !known.has(word) && !new RegExp(`['"\`]${word}['"\`]`).test(source),
    );
    expect(unknown).toEqual([]);
  });

  test('gives commands for containers to services that the compose file has', () => {
    const files = {
      $compose: city,
      'docker compose -f docker/compose.city.yaml': city,
      'docker compose -f docker/compose.yaml': yaml('docker/compose.yaml'),
    };
    const commands = Object.entries(files).flatMap(([start, file]) =>
      page
        .split('\n')
        .filter((line) => line.startsWith(`${start} `))
        .map((line) => ({ words: line.slice(start.length + 1), file })),
    );
    expect(commands.length).toBeGreaterThan(25);
    const wrong = commands.filter(({ words, file }) => {
      const [, service] =
        /^(?:--profile \w+ )?(?:exec|logs|restart|rm|run|stop|up)(?: (?:(?:-v|--entrypoint) \S+|-\S+))* ([a-z][a-z0-9-]*)/.exec(
          words,
        ) ?? [];
      return service !== undefined && !(service in Object(file['services']));
    });
    expect(wrong.map(({ words }) => words)).toEqual([]);
  });

  test('shows a file for machines of their own that names services of the city, and lets none wait for one that is gone', () => {
    const [, example = ''] = /```yaml\n(x-elsewhere[\s\S]*?)```/.exec(page) ?? [];
    const removed = { tag: '!reset', resolve: () => 'removed' };
    const replaced = { tag: '!override', collection: 'map', nodeClass: YAMLMap } as const;
    const file = parse(example, { customTags: [removed, replaced], merge: true }) as JsonObject;
    const [services, own] = [file['services'], city['services']] as Record<string, JsonObject>[];
    expect(Object.keys(services ?? {}).filter((name) => !(name in Object(own)))).toEqual([]);
    const gone = Object.keys(services ?? {}).filter(
      (name) => (services?.[name] as unknown) === 'removed',
    );
    expect(gone).toContain('witness');
    // A service that stays waits for none that was taken out.
    const waits = Object.keys(Object(services?.['ledger-1']?.['depends_on']));
    expect(waits.length).toBeGreaterThan(0);
    expect(waits.filter((name) => gone.includes(name) || !(name in Object(own)))).toEqual([]);
  });

  test('has every setting that a program reads, and none that none reads', () => {
    expect(documented.size).toBeGreaterThan(15);
    expect([...documented].sort()).toEqual([...variablesRead()].sort());
  });
});
