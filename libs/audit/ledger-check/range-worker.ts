import { parentPort, workerData } from 'node:worker_threads';
import type { Task, Told } from './worker-pool.js';
import { connect, noDatabase, readRange } from './read-range.js';

/** A thread that does the tasks that it is sent, with a connection of its own. */
const port = parentPort;
const { url } = workerData as { readonly url: string | null };
const client = url === null ? null : await connect(url);
const tell = (told: Told, transferred: readonly ArrayBuffer[] = []) => {
  port?.postMessage(told, transferred);
};
const failed = (error: unknown) => {
  tell({ failed: error instanceof Error ? error.message : 'failed' });
};
port?.on('message', (task: Task) => {
  if (task === null) {
    port.close();
    void client?.end();
  } else if ('signatures' in task) {
    const { signatures } = task;
    // Loaded on first use, so that reading begins sooner.
    import('./signatures.js')
      .then(({ wrongSignatures }) => {
        tell({ findings: wrongSignatures(signatures) });
      })
      .catch(failed);
  } else if (client === null) tell({ failed: noDatabase });
  else
    readRange(client, task.range, (records) => {
      tell({ progress: records });
    }).then((report) => {
      tell({ report }, [
        report.leaves.buffer as ArrayBuffer,
        report.tileRoots.buffer as ArrayBuffer,
        report.ruleInputs.buffer,
      ]);
    }, failed);
});
