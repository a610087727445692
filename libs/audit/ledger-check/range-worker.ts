import { parentPort, workerData } from 'node:worker_threads';
import { connect, type Range, readRange } from './read-range.js';

/** A thread that checks ranges as they are handed to it, on a connection of its own. */
const port = parentPort;
const client = await connect((workerData as { url: string }).url);
port?.on('message', (range: Range | null) => {
  if (range === null) {
    port.close();
    void client.end();
    return;
  }
  readRange(client, range, (records) => {
    port.postMessage({ progress: records });
  }).then(
    (report) => {
      port.postMessage({ report }, [report.leaves.buffer as ArrayBuffer]);
    },
    (error: unknown) => {
      port.postMessage({ failed: error instanceof Error ? error.message : 'failed' });
    },
  );
});
