import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { openLog, Settings } from '#libs/platform';
import { type Front, startFront } from '../../apps/front/front.js';
import { freePort } from '../support/ports.js';
import { startCity, type TestCity } from '../support/city.js';
import { readExpression } from './promql.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly {
    readonly expr: string;
    readonly datasource: { readonly uid: string };
  }[];
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}
interface Alarm {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly summary_zh: string;
    readonly runbook: string;
  };
}

const grafana = 'docker/grafana';
const read = async <Shape>(file: string) => parse(await readFile(file, 'utf8')) as Shape;

const dashboards = await Promise.all(
  (await readdir(join(grafana, 'dashboards'))).map(
    async (file) =>
      JSON.parse(await readFile(join(grafana, 'dashboards', file), 'utf8')) as Dashboard,
  ),
);
const { groups } = await read<{ groups: readonly { readonly rules: readonly Alarm[] }[] }>(
  'docker/prometheus/alerts.yml',
);
const alarms = groups.flatMap(({ rules }) => rules);

const expressions: [string, string][] = [
  ...alarms.map(({ alert, expr }): [string, string] => [alert, expr]),
  ...dashboards.flatMap(({ uid, panels }) =>
    panels.flatMap(({ id, targets = [] }) =>
      targets.map(({ expr }): [string, string] => [`${uid} ${id}`, expr]),
    ),
  ),
];

/** What Prometheus knows by itself. */
const ofPrometheus: Readonly<Record<string, readonly string[]>> = {
  up: [],
  ALERTS: ['alertname', 'alertstate', 'severity'],
};
const ofEveryTarget = ['job', 'instance'];

describe('dashboards and alarms', () => {
  let city: TestCity;
  let front: Front;
  let known: Map<string, { readonly type: string; readonly labels: readonly string[] }>;

  beforeAll(async () => {
    city = await startCity();
    // Its services need not be there for it to say so.
    const away = 'http://127.0.0.1:1';
    front = await startFront(
      Settings.from({ PORT: String(await freePort()), METRICS_PORT: '0' }),
      openLog('silent'),
      { IDENTITY_URLS: away, LEDGER_URLS: away, WINDOW_URLS: away },
    );
    const { registry } = city.city.house.ground.metrics;
    known = new Map(
      (await registry.getMetricsAsJSON()).map(({ name, type }) => {
        const metric = registry.getSingleMetric(name) as unknown as {
          readonly labelNames: readonly string[];
        };
        return [name, { type: String(type), labels: metric.labelNames }];
      }),
    );
    const shown = await (await fetch(front.metricsUrl)).text();
    for (const [, name = '', type = ''] of shown.matchAll(
      /^# TYPE (mianzheng_front_\w+) (\w+)$/gm,
    )) {
      const sample = new RegExp(`^${name}\\{(.*)\\} `, 'm').exec(shown)?.[1] ?? '';
      const labels = [...sample.matchAll(/(\w+)="/g)].map(([, label = '']) => label);
      known.set(name, { type, labels });
    }
  });
  afterAll(async () => {
    await front.stop();
    await city.stop();
  });

  /** A metric as a running city has it. A histogram is three. */
  function found(name: string) {
    const own = known.get(name);
    if (own !== undefined) return own.type === 'histogram' ? undefined : own;
    const histogram = known.get(name.replace(/_(bucket|sum|count)$/, ''));
    if (histogram?.type !== 'histogram') return undefined;
    return { type: 'counter', labels: [...histogram.labels, 'le'] };
  }

  test.each(expressions)('%s shows what a running city has: %s', (_where, text) => {
    const { selectors, groupedBy, wrong } = readExpression(text);
    expect(wrong).toEqual([]);
    expect(selectors).not.toHaveLength(0);
    const labels = new Set(ofEveryTarget);
    for (const { metric, labels: matched, rangeFor } of selectors) {
      const own = ofPrometheus[metric] ?? found(metric)?.labels;
      expect([metric, own === undefined]).toEqual([metric, false]);
      const those = [...(own ?? []), ...ofEveryTarget];
      for (const label of those) labels.add(label);
      expect(matched.map(({ name }) => name).filter((name) => !those.includes(name))).toEqual([]);
      // A rate of a gauge says nothing, and a counter as it stands says how long its process runs.
      const counts = found(metric)?.type === 'counter';
      expect([metric, rangeFor === 'rate' || rangeFor === 'increase']).toEqual([metric, counts]);
    }
    expect(groupedBy.filter((label) => !labels.has(label))).toEqual([]);
  });

  test('name only codes, outcomes and kinds that the program has', async () => {
    const files = await Promise.all(
      ['libs', 'apps'].map(async (folder) =>
        (await readdir(folder, { recursive: true }))
          .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
          .map((file) => join(folder, file)),
      ),
    );
    const sources = await Promise.all(files.flat().map((file) => readFile(file, 'utf8')));
    const words = new Set(sources.join('\n').match(/\w+/g));
    const unknown = new Set<string>();
    for (const [, expression] of expressions)
      for (const { metric, labels } of readExpression(expression).selectors)
        for (const { name, value } of labels) {
          if (!metric.startsWith('mianzheng_') || /[*.]/.test(value)) continue;
          for (const word of name === 'method' ? [] : value.split('|'))
            if (!words.has(word)) unknown.add(word);
        }
    expect([...unknown]).toEqual([]);
  });

  test('the names of metrics say what they count and in which unit, and each says what it is', async () => {
    for (const { name, help } of await city.city.house.ground.metrics.registry.getMetricsAsJSON()) {
      expect([name, help.length > 10]).toEqual([name, true]);
      if (name.startsWith('mianzheng_'))
        expect(name).toMatch(/_(seconds|total|records|connections|info|state|leader|read_only)$/);
    }
  });
});

describe('dashboards', () => {
  test('are four, each in Chinese and English, known by an address that stays', () => {
    expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(4);
    for (const { title, panels } of dashboards)
      for (const text of [title, ...panels.map((panel) => panel.title)])
        expect(text).toMatch(/\p{Script=Han}.* [A-Za-z]/u);
  });

  test('have panels with ids of their own, beside and not upon each other, within the page', () => {
    for (const { uid, panels } of dashboards) {
      expect([uid, new Set(panels.map(({ id }) => id)).size]).toEqual([uid, panels.length]);
      const taken = new Set<string>();
      for (const { gridPos } of panels) {
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x} ${y}`)).toBe(false);
            taken.add(`${x} ${y}`);
          }
      }
    }
  });

  test('read from the data source that Grafana is given, and lie where it is told to look', async () => {
    const { datasources } = await read<{ datasources: readonly { uid: string }[] }>(
      join(grafana, 'provisioning/datasources/prometheus.yml'),
    );
    const uids = new Set(datasources.map(({ uid }) => uid));
    for (const { panels } of dashboards)
      for (const { datasource, targets = [] } of panels)
        for (const source of [datasource, ...targets.map((target) => target.datasource)])
          if (source !== undefined) expect(uids).toContain(source.uid);
    const { providers } = await read<{ providers: readonly { options: { path: string } }[] }>(
      join(grafana, 'provisioning/dashboards/mianzheng.yml'),
    );
    const compose = await readFile('docker/compose.city.yaml', 'utf8');
    for (const { options } of providers)
      expect(compose).toContain(`./grafana/dashboards:${options.path}:ro`);
  });
});

describe('alarms', () => {
  test('have a name of their own, a severity, and say in Chinese and English what is the matter', () => {
    expect(new Set(alarms.map(({ alert }) => alert)).size).toBe(alarms.length);
    for (const { labels, annotations } of alarms) {
      expect(['critical', 'warning']).toContain(labels.severity);
      expect(annotations.summary.length).toBeGreaterThan(20);
      expect(annotations.summary_zh).toMatch(/\p{Script=Han}/u);
    }
  });

  test('are each explained to operators where they point to', async () => {
    const operations = await readFile('docs/operations.md', 'utf8');
    const anchors = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
    for (const { alert, annotations } of alarms) {
      expect(annotations.runbook).toBe(`docs/operations.md#${alert.toLowerCase()}`);
      expect(anchors).toContain(alert.toLowerCase());
    }
  });
});

describe('prometheus', () => {
  test('reads from services that the city has, and rules that lie beside it', async () => {
    const config = await read<{
      rule_files: readonly string[];
      scrape_configs: readonly {
        readonly job_name: string;
        readonly static_configs: readonly { readonly targets: readonly string[] }[];
      }[];
    }>('docker/prometheus/prometheus.yml');
    const { services } = parse(await readFile('docker/compose.city.yaml', 'utf8'), {
      merge: true,
    }) as { services: Record<string, unknown> };
    for (const { static_configs } of config.scrape_configs)
      for (const { targets } of static_configs)
        for (const target of targets)
          expect(Object.keys(services)).toContain(target.replace(/:\d+$/, ''));
    expect(await readdir('docker/prometheus')).toEqual(
      expect.arrayContaining([...config.rule_files]),
    );
  });
});
