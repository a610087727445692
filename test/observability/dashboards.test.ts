import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { startCity, type TestCity } from '../support/city.js';
import { readExpression } from './promql.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly timeFrom?: string;
  readonly fieldConfig?: { readonly defaults: { readonly decimals?: number } };
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
  readonly timezone: string;
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly definition: string;
      readonly includeAll: boolean;
      readonly allValue: string;
      readonly datasource: { readonly uid: string };
    }[];
  };
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

/** Metrics of Prometheus itself and of HAProxy (test/deployment/haproxy.test.ts sees those). */
const ofOthers: Readonly<Record<string, readonly string[]>> = {
  haproxy_server_status: ['proxy', 'server', 'state'],
  up: [],
  ALERTS: ['alertname', 'alertstate', 'severity'],
};
const ofEveryTarget = ['job', 'instance'];

describe('dashboards and alarms', () => {
  let city: TestCity;
  let known: Map<string, { readonly type: string; readonly labels: readonly string[] }>;

  beforeAll(async () => {
    city = await startCity();
    const { registry } = city.city.house.infrastructure.metrics;
    known = new Map(
      (await registry.getMetricsAsJSON()).map(({ name, type }) => {
        const metric = registry.getSingleMetric(name) as unknown as {
          readonly labelNames: readonly string[];
        };
        return [name, { type: String(type), labels: metric.labelNames }];
      }),
    );
  });
  afterAll(async () => {
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
      const own = ofOthers[metric] ?? found(metric)?.labels;
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
          if (!metric.startsWith('mianzheng_') || /[*.$]/.test(value)) continue;
          for (const word of name === 'method' ? [] : value.split('|'))
            if (!words.has(word)) unknown.add(word);
        }
    expect([...unknown]).toEqual([]);
  });

  test('the names of metrics say what they count and in which unit, and each says what it is', async () => {
    for (const {
      name,
      help,
    } of await city.city.house.infrastructure.metrics.registry.getMetricsAsJSON()) {
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

  const shown = dashboards.flatMap(({ uid, panels }) =>
    panels
      .filter(({ type }) => type !== 'row')
      .map((panel): [string, Panel] => [`${uid} ${panel.title}`, panel]),
  );

  test.each(shown)('%s says in Chinese and English what it shows', (_, { description = '' }) => {
    expect(description).toMatch(/\p{Script=Han}.*[。：].*[A-Za-z0-9].*\.$/u);
  });

  const counting = shown.filter(([, { targets = [] }]) =>
    targets.some(({ expr }) => expr.includes('increase(')),
  );
  test.each(counting)('%s counts whole things whole', (_, { targets = [], fieldConfig }) => {
    for (const { expr } of targets) {
      // What Prometheus extrapolates is no whole number; digits that are cut off would hide that it
      // is not rounded.
      expect(expr).toMatch(/round\(/);
      expect(fieldConfig?.defaults.decimals).toBe(0);
    }
  });

  test('are narrowed by service and process: every panel follows both', () => {
    for (const { uid, templating, panels } of dashboards) {
      expect([uid, templating.list.map(({ name }) => name)]).toEqual([uid, ['job', 'instance']]);
      expect(templating.list.map(({ definition }) => definition)).toEqual([
        'label_values(up, job)',
        'label_values(up{job=~"$job"}, instance)',
      ]);
      for (const { includeAll, allValue } of templating.list)
        expect([includeAll, allValue]).toEqual([true, '.*']);
      for (const { expr } of panels.flatMap(({ targets = [] }) => targets))
        for (const { metric, labels } of readExpression(expr).selectors) {
          if (metric === 'ALERTS') continue; // an alarm is about more than one process
          const followed = labels.filter(({ value }) => value.startsWith('$'));
          expect([metric, followed.map(({ name, value }) => `${name} ${value}`)]).toEqual([
            metric,
            ['job $job', 'instance $instance'],
          ]);
        }
    }
  });

  test('call today what is since midnight in Shanghai, wherever the browser is', () => {
    for (const { timezone } of dashboards) expect(timezone).toBe('Asia/Shanghai');
    const today = dashboards.flatMap(({ panels }) =>
      panels.filter(({ title }) => title.includes('今日')),
    );
    expect(today).toHaveLength(2);
    for (const { timeFrom, targets = [] } of today) {
      expect(timeFrom).toBe('now/d');
      for (const { expr } of targets) expect(expr).toContain('[$__range]');
    }
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
    const operations = await readFile('docs/operations/alarms.md', 'utf8');
    const anchors = [...operations.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    );
    for (const { alert, annotations } of alarms) {
      expect(annotations.runbook).toBe(`docs/operations/alarms.md#${alert.toLowerCase()}`);
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
