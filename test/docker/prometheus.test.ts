import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { programs, text, yaml } from './repository.js';

const jobsIn = (page: string) =>
  [...page.matchAll(/^ *- job_name: (\S+)$/gm)].map(([, job]) => job ?? '');
const [, expected = ''] =
  /up\{job=~"([^"]+)"\} == 0/.exec(text('docker/prometheus/alerts.yml')) ?? [];
const watched = expected.split('|');

describe('the alarm that a process is down', () => {
  test('watches every job of docker/prometheus/prometheus.yml, but for the one that may be away', () => {
    const jobs = jobsIn(text('docker/prometheus/prometheus.yml'));
    expect(jobs.length).toBeGreaterThan(5);
    expect(jobs.filter((job) => !watched.includes(job))).toEqual(['collector']);
    const { collector } = yaml('docker/compose.city.yaml')['services'] as Record<
      string,
      JsonObject
    >;
    expect(collector?.['profiles']).toEqual(['traces']);
  });

  test('watches the jobs that docs/operations.md tells operators to make', () => {
    const jobs = jobsIn(text('docs/operations.md'));
    expect(jobs).toContain('city');
    for (const job of jobs) expect(watched).toContain(job);
  });

  test('watches every program that answers Prometheus', () => {
    const services = ['city', 'identity', 'ledger', 'window', 'front', 'witness'];
    for (const service of services) {
      expect(programs()).toContain(service);
      expect(watched).toContain(service);
    }
  });
});
