import { parentPort, workerData } from 'node:worker_threads';
import type { Task, Told } from './crew.js';
import { connect, readRange } from './read-range.js';

/** A thread that checks what it is handed, with a connection of its own. */
const port = parentPort;
const client = await connect((workerData as { url: string }).url);
const tell = (told: Told, transferred: readonly ArrayBuffer[] = []) => {
  port?.postMessage(told, transferred);
};
const failed = (error: unknown) => {
  tell({ failed: error instanceof Error ? error.message : 'failed' });
};
port?.on('message', (task: Task) => {
  if (task === null) {
    port.close();
    void client.end();
  } else if ('signatures' in task) {
    const { signatures } = task;
    // Loaded when they come: reading begins the sooner.
    import('./signatures.js')
      .then(({ wrongSignatures }) => {
        tell({ findings: wrongSignatures(signatures) });
      })
      .catch(failed);
  } else
    readRange(client, task.range, (records) => {
      tell({ progress: records });
    }).then((report) => {
      tell({ report }, [
        report.leaves.buffer as ArrayBuffer,
        report.tileRoots.buffer as ArrayBuffer,
      ]);
    }, failed);
});
