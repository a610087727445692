import { setTimeout as wait } from 'node:timers/promises';
import { done, type Holder, type Town } from '../support/town.js';
import { type Checkpoints } from './checkpoints.js';
import type { Processes, Right } from './processes.js';
import type { Report } from './report.js';
import type { Services } from './services.js';
import { until } from './until.js';

/** So soon another process must be at work, in milliseconds. */
const within = 5000;

/**
 * Continual writes at living processes, whatever happens to another one: work for the next holder
 * of the lease.
 */
class Heartbeat {
  #beating: Promise<void> | null = null;
  readonly #end = new AbortController();
  beats = 0;

  constructor(
    private readonly town: Town<Services>,
    private readonly holder: Holder,
    private readonly urls: () => readonly string[],
  ) {}

  start(): void {
    this.#beating = this.#beat();
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await this.#beating;
  }

  async #beat(): Promise<void> {
    const { key } = this.town.terminal;
    const path = '/v1/subjects/identify';
    const body = JSON.stringify({
      identifier: { kind: '111', number: this.holder.number },
      basis: 'document',
    });
    for (let n = 0; !this.#end.signal.aborted; n++) {
      const urls = this.urls();
      const accessToken = await this.town.terminal.token();
      await fetch((urls[n % urls.length] ?? '') + path, {
        method: 'POST',
        headers: {
          authorization: `DPoP ${accessToken}`,
          'content-type': 'application/json',
          'idempotency-key': crypto.randomUUID(),
          dpop: key.proof({ method: 'POST', url: this.town.url + path, accessToken, body }),
        },
        body,
        signal: AbortSignal.timeout(5000),
      }).then(
        async (response) => {
          await response.arrayBuffer();
          if (response.ok) this.beats++;
        },
        () => undefined,
      );
      await wait(100);
    }
  }
}

interface Ways {
  readonly right: Right;
  readonly how: 'killed' | 'frozen';
}

/**
 * The process that seals, or folds, goes away in the middle of the work: another does it soon, and
 * nothing is done twice.
 */
export async function takeover(
  town: Town<Services>,
  processes: Processes,
  checkpoints: Checkpoints,
  { right, how }: Ways,
  report: Report,
): Promise<void> {
  const holder = await town.holder(town.terminal);
  const { process: gone, epoch } = await processes.holder(right);
  const { pid } = gone;
  if (pid === null) throw new TypeError(`${gone.name} does not run`);
  const living = processes.of('ledger').filter(({ name }) => name !== gone.name);
  const heartbeat = new Heartbeat(town, holder, () => living.map(({ url }) => url));
  heartbeat.start();
  try {
    await until(() => Promise.resolve(heartbeat.beats > 3), 10_000);
    const { services } = processes;
    const [sealed, head] = [checkpoints.latest, await services.head()];
    const began = performance.now();
    process.kill(pid, how === 'killed' ? 'SIGKILL' : 'SIGSTOP');
    const took = await until(async () => {
      const next = await processes.holderOf(right);
      return next !== null && next.epoch !== epoch;
    }, 20_000);
    // What was written after it went away.
    const working = await until(async () => {
      if (right === 'projections') return (await services.folded()) > head;
      const [other] = living;
      return other !== undefined && (await checkpoints.look(other.url)).size > sealed + 2;
    }, 20_000);
    const ms = Math.round(performance.now() - began);
    const work = right === 'sealing' ? 'seals' : 'folds';
    report.check(
      `${gone.name}, which ${work}, is ${how}: another ${work} within 5 s`,
      took !== null && working !== null && ms <= within,
      `${took === null ? 'no lease' : `the lease after ${took} ms`}, ${working === null ? 'no work' : `its work after ${ms} ms`}`,
    );
    const next = await processes.holder(right);
    if (how === 'frozen') {
      const records = await services.head();
      process.kill(pid, 'SIGCONT');
      const back = await until(async () => (await fetch(`${gone.url}/health/ready`)).ok, 20_000);
      // It has answered again, and others have gone on for some records: had it written, it would
      // show.
      await until(() => services.hasMoreThan(5, records), 10_000);
      const still = await processes.holder(right);
      report.check(
        `${gone.name} wakes, answers again, and has no say any more`,
        back !== null && still.epoch === next.epoch && still.process.name !== gone.name,
        `answers after ${String(back)} ms; ${still.process.name} holds ${right}`,
      );
    } else {
      const back = await processes.again(gone.name, pid);
      report.check(
        `${gone.name} is started again`,
        back !== null,
        back === null ? 'it is not' : `after ${back} ms`,
      );
    }
    const caught = await until(
      async () => !(await services.hasMoreThan(50, await services.folded())),
      20_000,
    );
    report.check('read models keep up', caught !== null, String(caught));
  } finally {
    if (how === 'frozen') process.kill(pid, 'SIGCONT');
    await heartbeat.stop();
  }
  // Releases go on, with their receipts.
  const granted = await town.granted();
  const released = done(await town.pull(granted.token));
  report.check(
    'a release has its receipt',
    typeof released.receipt.receipt === 'string' && released.receipt.receipt !== '',
    released.receipt.receipt === null ? 'null' : 'with its receipt',
  );
}
