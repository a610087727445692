import type { Load } from '../fault/load.js';
import type { ServiceProcess } from '../support/services.js';
import type { Processes } from './processes.js';
import type { Report } from './report.js';

/**
 * Each of these processes is told to stop and started again, one after the other, while windows
 * work.
 */
export async function rollingRestart(
  processes: Processes,
  restarted: readonly ServiceProcess[],
  load: Load,
  report: Report,
): Promise<void> {
  for (const { name, pid } of restarted) {
    if (pid === null) {
      report.check(`${name} is restarted`, false, 'it did not run');
      continue;
    }
    process.kill(pid, 'SIGTERM');
    const back = await processes.again(name, pid);
    report.check(
      `${name} is restarted`,
      back !== null,
      back === null ? 'it does not come back' : `${back} ms`,
    );
  }
  await load.stop();
  for (const [outcome, times] of [...load.outcomes].sort())
    report.say(`        ${outcome}: ${times}`);
  report.check(
    'every request that failed meanwhile had its answer when it was sent again under its Idempotency-Key, or read again',
    load.unhealed.length === 0,
    load.unhealed.length === 0 ? `${load.healed} were sent more than once` : load.unhealed,
  );
  const { sent, otherwise } = load.onceMore;
  report.check(
    'requests sent once more get the answer of the first time',
    sent > 0 && otherwise.length === 0,
    otherwise.length === 0 ? `${sent} of them` : otherwise.slice(0, 3),
  );
}
