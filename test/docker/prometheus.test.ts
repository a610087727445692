import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { programs, text, yaml } from './repository.js';

const jobsIn = (page: string) =>
  [...page.matchAll(/^ *- job_name: (\S+)$/gm)].map(([, job]) => job ?? '');
const [, expected = ''] =
  /up\{job=~"([^"]+)"\} == 0/.exec(text('docker/prometheus/alerts.yml')) ?? [];
const watched = expected.split('|');

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: Readonly<Record<string, string>>;
    }[];
  }[];
}

describe('the alarms of the database', () => {
  const { groups } = yaml('docker/prometheus/postgres.yml') as unknown as Rules;
  const page = text('docs/operations/alarms.md');

  test.each(groups.flatMap(({ rules }) => rules))(
    '$alert has its part on the page, and says in two languages what it is',
    ({ alert, annotations }) => {
      expect(page).toContain(`\n### ${alert}\n`);
      expect(annotations['runbook']).toBe(`docs/operations/alarms.md#${alert.toLowerCase()}`);
      expect(annotations['summary_zh']).toMatch(/\p{Script=Han}/u);
    },
  );

  test('ask for the slot that the primary makes and its standby uses', () => {
    const [, slot = ''] =
      /slot_name="(\w+)"/.exec(groups[0]?.rules.map(({ expr }) => expr).join() ?? '') ?? [];
    expect(text('docker/postgres/primary.sh')).toContain(
      `pg_create_physical_replication_slot('${slot}')`,
    );
    expect(text('docker/postgres/standby.sh')).toContain(`--slot=${slot} `);
  });
});

describe('the alarm that a process is down', () => {
  const services = yaml('docker/compose.city.yaml')['services'] as Record<string, JsonObject>;

  test('watches every job of docker/prometheus/prometheus.yml, but for those that may be away', () => {
    const jobs = jobsIn(text('docker/prometheus/prometheus.yml'));
    expect(jobs.length).toBeGreaterThan(5);
    expect(jobs.filter((job) => !watched.includes(job))).toEqual(['eventstore', 'collector']);
    expect(services['collector']?.['profiles']).toEqual(['traces']);
    expect(services['eventstore-1']?.['profiles']).toEqual(['eventstore']);
  });

  test('misses a node of the event store only where another one answers', () => {
    expect(text('docker/prometheus/alerts.yml')).toContain(
      `or (up{job="eventstore"} == 0 and on (job) up{job="eventstore"} == 1)'`,
    );
  });

  test('watches the jobs that docs/operations/alarms.md tells operators to make', () => {
    const jobs = jobsIn(text('docs/operations/alarms.md'));
    expect(jobs).toContain('city');
    for (const job of jobs) expect(watched).toContain(job);
  });

  test('watches every program that answers Prometheus', () => {
    const services = ['city', 'identity', 'ledger', 'window', 'witness'];
    for (const service of services) {
      expect(programs()).toContain(service);
      expect(watched).toContain(service);
    }
  });
});
