import pg from 'pg';
import { readNdjson } from '../../libs/certificate/batch-lines.js';
import { IssueBatch } from '../../libs/certificate/commands/issue-batch.js';
import { aCommand, aType, TestAuthority } from '../support/authority.js';
import { openCertificateHouse } from '../support/certificate-house.js';
import { type Bench, quantile, type Row } from './bench.js';
import { type Journey, Road } from './certificates/road.js';

const certificates = 8000;
const linesOfBatch = 250;

/** Of one import over the whole road, program start included. */
const imported = 10_000;

/**
 * How many certificates enter per second, signed beforehand and each of an unknown person: read and
 * checked, sealed, their subjects made, and recorded; a batch's time is its caller's. `import` is
 * the whole way, from a file at the authority, signing included, over HTTP into a city, a batch for
 * each caller.
 */
export const bench: Bench = {
  name: 'certificates',
  async run({ database, say }) {
    const authority = new TestAuthority(['ZZ001']);
    const url = await database();
    const pool = new pg.Pool({ connectionString: url, max: 10 });
    const house = await openCertificateHouse({ url, pool }, [authority.registration], [aType()]);
    const start = performance.now();
    const sdJwts: string[] = [];
    for (let n = 0; n < certificates; n++) sdJwts.push(await authority.sign());
    const signed = performance.now() - start;
    say('  (to be by import: 1,500 certificates a second)');
    const rows: Row[] = [
      {
        test: 'certificates',
        side: 'sign',
        callers: 1,
        perSecond: (certificates / signed) * 1000,
        p50Ms: null,
        p99Ms: null,
      },
    ];
    const half = sdJwts.length / 2;
    for (const [n, callers] of [1, 2].entries()) {
      const batches = batchesOf(sdJwts.slice(n * half, (n + 1) * half));
      rows.push(
        await measure(callers, half, batches, async (batch) => {
          const command = new IssueBatch(
            aCommand(authority.client),
            authority.caller,
            readNdjson(batch),
          );
          const results = await house.batch.execute(command);
          if (results.some(({ state }) => state !== 'recorded'))
            throw new TypeError('a line of the measurement was not recorded');
        }),
      );
    }
    await house.close();
    await pool.end();
    return [...rows, ...(await measureRoad(say))];
  },
};

async function measureRoad(say: (line: string) => void): Promise<Row[]> {
  const road = await Road.open();
  try {
    await road.travel(500, 2); // the city's code and the catalogue are warm from here on
    const rows: Row[] = [];
    for (const callers of [2, 3]) {
      const journey = await road.travel(imported, callers);
      say(`  ${told(journey)}`);
      rows.push({
        test: 'certificates',
        side: 'import',
        callers,
        perSecond: imported / journey.seconds,
        p50Ms: null,
        p99Ms: null,
      });
    }
    return rows;
  } finally {
    await road.close();
  }
}

function told({ cpu }: Journey): string {
  if (cpu === null) return '(this system does not tell processor times)';
  const each = (ms: number) => (ms / imported).toFixed(2);
  return (
    `(processor time a certificate: ${each(cpu.cli + cpu.city + cpu.postgres)} ms,` +
    ` of it ${each(cpu.cli)} at the authority, ${each(cpu.city)} in the city, ${each(cpu.postgres)} in PostgreSQL)`
  );
}

function batchesOf(sdJwts: readonly string[]): Buffer[] {
  const batches: Buffer[] = [];
  for (let n = 0; n < sdJwts.length; n += linesOfBatch)
    batches.push(
      Buffer.from(
        sdJwts
          .slice(n, n + linesOfBatch)
          .map((sdJwt) => `${JSON.stringify({ sdJwt })}\n`)
          .join(''),
      ),
    );
  return batches;
}

async function measure(
  callers: number,
  count: number,
  batches: Buffer[],
  work: (batch: Buffer) => Promise<void>,
): Promise<Row> {
  const times: number[] = [];
  const start = performance.now();
  await Promise.all(
    Array.from({ length: callers }, async () => {
      for (let batch = batches.pop(); batch !== undefined; batch = batches.pop()) {
        const began = performance.now();
        await work(batch);
        times.push(performance.now() - began);
      }
    }),
  );
  return {
    test: 'certificates',
    side: 'enter',
    callers,
    perSecond: (count / (performance.now() - start)) * 1000,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
  };
}
