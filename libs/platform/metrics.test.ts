import { afterEach, describe, expect, test } from '@jest/globals';
import { Metrics } from './metrics.js';
import { openMetricsDoor, type OpenMetricsDoor } from './metrics-door.js';

describe('the metrics of a process', () => {
  test('know what never happened as 0, so that its rate is 0 and not unknown', async () => {
    const text = await new Metrics().registry.metrics();
    expect(text).toContain('mianzheng_releases_total{kind="withheld"} 0');
    expect(text).toContain('mianzheng_limit_refusals_total{limit="holders_of_window"} 0');
  });

  test('show a gauge as it is now, without what it showed before', async () => {
    const metrics = new Metrics();
    let waiting = ['a', 'b'];
    metrics.watch('waiting_rooms', 'Rooms that wait', ['room'], () =>
      waiting.map((room) => ({ labels: { room }, value: 1 })),
    );
    expect(await metrics.registry.metrics()).toContain('waiting_rooms{room="b"} 1');
    waiting = ['a'];
    const text = await metrics.registry.metrics();
    expect(text).toContain('waiting_rooms{room="a"} 1');
    expect(text).not.toContain('waiting_rooms{room="b"}');
  });

  test('leave out a gauge that cannot be read, count that, and show all the others', async () => {
    const metrics = new Metrics();
    metrics.watch('far_away', 'Read from a database', [], () =>
      Promise.reject(new TypeError('connect ECONNREFUSED')),
    );
    metrics.watch('here', 'Read from memory', [], () => [{ labels: {}, value: 7 }]);
    await metrics.registry.metrics();
    const text = await metrics.registry.metrics();
    expect(text).toContain('here 7');
    expect(text).not.toMatch(/^far_away \d/m);
    expect(text).toContain('mianzheng_readings_failed_total{metric="far_away"}');
  });
});

describe('the door of the metrics', () => {
  const open: OpenMetricsDoor[] = [];
  afterEach(async () => {
    for (const door of open.splice(0)) await door.close();
  });
  const openDoor = async (port = 0) => {
    const door = await openMetricsDoor(new Metrics(), { host: '127.0.0.1', port });
    open.push(door);
    return door;
  };

  test('shows the metrics in the format of Prometheus, and has nothing else', async () => {
    const { url } = await openDoor();
    const answer = await fetch(url);
    expect(answer.headers.get('content-type')).toContain('version=0.0.4');
    expect(await answer.text()).toContain('process_cpu_seconds_total');
    for (const path of ['', 'metrics?x=1', 'health/ready'])
      expect((await fetch(new URL(path, new URL('/', url)))).status).toBe(404);
    expect((await fetch(url, { method: 'POST' })).status).toBe(404);
  });

  test('says which setting to change where its address is taken', async () => {
    const { url } = await openDoor();
    await expect(openDoor(Number(new URL(url).port))).rejects.toMatchObject({
      code: 'metrics_not_served',
      hint: expect.stringContaining('METRICS_PORT'),
    });
  });
});
