import pg from 'pg';
import type { ServiceProcess } from '../support/services.js';
import type { Services } from './services.js';
import { until } from './until.js';

/** One may be made holder of a right that only one process has at a time. */
export type Right = 'sealing' | 'projections';

export interface Holding {
  readonly process: ServiceProcess;
  readonly epoch: string;
}

/** The running services as their database knows them. */
export class Processes {
  private constructor(
    readonly services: Services,
    readonly pool: pg.Pool,
  ) {}

  static open(services: Services): Processes {
    const pool = new pg.Pool({ connectionString: services.databaseUrl, max: 4 });
    pool.on('error', () => undefined);
    return new Processes(services, pool);
  }

  close(): Promise<void> {
    return this.pool.end();
  }

  of(kind: string): readonly ServiceProcess[] {
    return this.services.children().filter((child) => child.program === kind);
  }

  /** Who has the right now, by the database's clock; null between two. */
  async holderOf(right: Right): Promise<Holding | null> {
    const { rows } = await this.pool.query<{ holder: string; epoch: string }>(
      'SELECT holder, epoch FROM lease WHERE name = $1 AND until > clock_timestamp()',
      [right],
    );
    const [row] = rows;
    const pid = Number(row?.holder.split(' ').at(-1));
    const process = this.services.children().find((child) => child.pid === pid);
    return row === undefined || process === undefined ? null : { process, epoch: row.epoch };
  }

  /** Waits for one. @throws TypeError where no process has it for half a minute */
  async holder(right: Right): Promise<Holding> {
    const found: Holding[] = [];
    await until(async () => {
      const holding = await this.holderOf(right);
      if (holding !== null) found.push(holding);
      return holding !== null;
    }, 30_000);
    const [holding] = found;
    if (holding === undefined) throw new TypeError(`nobody holds ${right}`);
    return holding;
  }

  /**
   * Waits until a process that was ended runs again, as another process. @returns milliseconds,
   * null where it does not within `ms`
   */
  again(name: string, before: number, ms = 120_000): Promise<number | null> {
    return until(
      async () => {
        const child = this.services.children().find((one) => one.name === name);
        if (child === undefined || child.pid === before || child.state !== 'ready') return false;
        if (child.program === 'witness') return true;
        return (await fetch(`${child.url}/health/ready`)).ok;
      },
      ms,
      50,
    );
  }
}

/** The second of the database's clock, by which requests are counted. */
export async function secondOf({ pool }: Processes): Promise<number> {
  const { rows } = await pool.query<{ second: number }>(
    'SELECT floor(extract(epoch FROM clock_timestamp()))::integer AS second',
  );
  return rows[0]?.second ?? 0;
}

/** Waits for a second without any request yet. */
export async function freshSecond(processes: Processes): Promise<void> {
  const now = await secondOf(processes);
  await until(async () => (await secondOf(processes)) > now, 5000);
}
