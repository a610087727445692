import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attributeNames } from '#libs/tracing';
import { CityProcesses } from '../support/city-processes.js';
import { OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.js';
import { done, holderName, Town } from '../support/town.js';

let collector: OtlpReceiver;
let city: CityProcesses;
let town: Town<CityProcesses>;

beforeAll(async () => {
  collector = await OtlpReceiver.start();
  city = await CityProcesses.start(1, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
  town = await Town.around(city);
}, 180_000);
afterAll(async () => {
  await city.stop();
  await collector.stop();
});

const isRelease = ({ name, attributes }: ReceivedSpan) =>
  name === 'POST /v1/releases' && attributes['http.response.status_code'] === 200;

describe('the traces of a city and of the witness beside it', () => {
  test('show a release step by step, say nothing about anybody, and reach into the other process', async () => {
    const granted = await town.granted();
    const released = done(await town.pull(granted.token));
    expect(JSON.stringify(released)).toContain(holderName);
    expect((await town.pull(granted.token)).status).toBe(403);
    await collector.until(
      (spans) => spans.some(isRelease) && spans.some(({ service }) => service.endsWith('witness')),
    );

    const { spans, text } = collector;
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    const request = spans.find(isRelease);
    const trace = spans.filter(({ traceId }) => traceId === request?.traceId);
    // One trace, all of it below the request.
    for (const span of trace)
      expect(span === request || trace.includes(byId.get(span.parentSpanId ?? '') as never)).toBe(
        true,
      );
    const [command] = trace
      .filter(({ parentSpanId }) => parentSpanId === request?.spanId)
      .slice(-1);
    expect(trace.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'PullRelease',
        'choose certificates',
        'open disclosures',
        'redeem consent',
        'append',
        'wait for receipt',
        'look again',
      ]),
    );
    expect(command?.name).toBe('PullRelease');

    // The seal's trace goes on in the witness's process.
    const cosigned = spans.find(
      ({ service, name }) => service === 'mianzheng-witness' && name === 'POST /add-checkpoint',
    );
    const asked = byId.get(cosigned?.parentSpanId ?? '');
    const sealed = byId.get(asked?.parentSpanId ?? '');
    expect([asked?.service, asked?.name, sealed?.name]).toEqual([
      'mianzheng-city',
      'cosign',
      'seal',
    ]);
    expect(new Set([cosigned?.traceId, asked?.traceId, sealed?.traceId]).size).toBe(1);

    const names = new Set(spans.flatMap(({ attributes }) => Object.keys(attributes)));
    expect([...names].filter((name) => !attributeNames.has(name))).toEqual([]);
    for (const personal of [
      granted.number,
      holderName,
      granted.case,
      granted.consent,
      granted.certificate,
      granted.token,
      town.terminal.client,
      granted.phone.key.jkt,
    ])
      expect(text).not.toContain(personal);
  });

  test('are found from the lines of the log, and lines from them', async () => {
    const granted = await town.granted();
    done(await town.pull(granted.token));
    const lines = (await readFile(join(city.dataDir, 'city-0.log'), 'utf8'))
      .split('\n')
      .filter((line) => line.includes('"route":"/v1/releases"'))
      .map((line) => JSON.parse(line) as { readonly trace: string; readonly status: number });
    const trace = lines.at(-1)?.trace;
    await collector.until((spans) =>
      spans.some((span) => isRelease(span) && span.traceId === trace),
    );
  });
});
