import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attributeNames } from '#libs/tracing';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { Services } from '../support/services.js';
import { done, holderName, Town } from '../support/town.js';

let collector: OtlpReceiver;
let city: Services;
let town: Town<Services>;

beforeAll(async () => {
  collector = await OtlpReceiver.start();
  city = await Services.start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  town = await Town.around(city);
}, 300_000);
afterAll(async () => {
  await city.stop();
  await collector.stop();
});

/** What a stranger says of traces. */
const strangers = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

const isRelease = ({ service, name, attributes }: ReceivedSpan) =>
  service === 'mianzheng-ledger' &&
  name === 'POST /v1/releases' &&
  attributes['http.response.status_code'] === 200;

describe('the traces of a city', () => {
  test('show a release from the front door on, step by step, and say nothing about anybody', async () => {
    const granted = await town.granted();
    const headers = { traceparent: `00-${strangers.traceId}-${strangers.spanId}-01` };
    const released = done(
      await town.terminal.post('/v1/releases', { token: granted.token }, { headers }),
    );
    expect(JSON.stringify(released)).toContain(holderName);
    expect((await town.pull(granted.token)).status).toBe(403);
    const complete = (spans: readonly ReceivedSpan[]) => {
      const released = spans.find(isRelease);
      return spans.some(({ spanId }) => spanId === released?.parentSpanId);
    };
    await collector.until(complete);

    const { spans, text } = collector;
    const request = spans.find(isRelease);
    const front = spans.find(({ spanId }) => spanId === request?.parentSpanId);
    expect(front).toMatchObject({ service: 'mianzheng-front', name: 'POST /v1/releases' });
    expect(front?.parentSpanId).toBeUndefined();
    // One trace, all of it below the front door's span.
    const trace = spans.filter(({ traceId }) => traceId === front?.traceId);
    const ids = new Set(trace.map(({ spanId }) => spanId));
    for (const span of trace.filter((each) => each !== front))
      expect([span.name, ids.has(span.parentSpanId ?? '')]).toEqual([span.name, true]);
    const command = trace.find(({ name }) => name === 'PullRelease');
    expect(command?.parentSpanId).toBe(request?.spanId);
    for (const step of [
      'look',
      'open disclosures',
      'redeem consent',
      'wait for receipt',
      'look again',
    ])
      expect(trace.find(({ name }) => name === step)).toMatchObject({
        parentSpanId: command?.spanId,
      });
    expect(trace.map(({ name }) => name)).toContain('append');

    const names = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...names].filter((name) => !attributeNames.has(name))).toEqual([]);
    for (const unsaid of [
      granted.number,
      holderName,
      granted.case,
      granted.consent,
      granted.certificate,
      granted.token,
      town.terminal.client,
      granted.phone.key.jkt,
      strangers.traceId,
    ])
      expect(text).not.toContain(unsaid);
  });

  test('go on in the witness, which is asked by whoever seals', async () => {
    const isCosigned = ({ service, name }: ReceivedSpan) =>
      service === 'mianzheng-witness' && name === 'POST /add-checkpoint';
    const chainOf = (spans: readonly ReceivedSpan[]) => {
      const byId = new Map(spans.map((span) => [span.spanId, span]));
      return spans
        .filter(isCosigned)
        .map((cosigned) => byId.get(cosigned.parentSpanId ?? ''))
        .map((asked) => [asked, byId.get(asked?.parentSpanId ?? '')] as const)
        .find(([, sealed]) => sealed !== undefined);
    };
    await collector.until((spans) => chainOf(spans) !== undefined);
    const [asked, sealed] = chainOf(collector.spans) ?? [];
    expect([asked?.service, asked?.name, sealed?.name]).toEqual([
      'mianzheng-ledger',
      'cosign',
      'seal',
    ]);
    expect(asked?.traceId).toBe(sealed?.traceId);
  });

  test('are found from the lines of the log, and lines from them', async () => {
    const granted = await town.granted();
    done(await town.pull(granted.token));
    const texts = await Promise.all(
      ['ledger-1', 'ledger-2'].map((name) =>
        readFile(join(city.dataDir, 'logs', `${name}.log`), 'utf8'),
      ),
    );
    const traces = texts
      .flatMap((log) => log.split('\n'))
      .filter((line) => line.includes('"route":"/v1/releases"'))
      .map((line) => (JSON.parse(line) as { readonly trace: string }).trace);
    expect(traces.length).toBeGreaterThan(0);
    for (const trace of traces)
      await collector.until((spans) =>
        spans.some(({ traceId, name }) => traceId === trace && name === 'POST /v1/releases'),
      );
  });
});
