import { once } from 'node:events';
import { createServer } from 'node:net';

/** Metrics are read this far above a program's own port, unless the settings say otherwise. */
const toMetrics = 1000;

/** The first ports above one that are free, each together with the one of its metrics. */
export async function freePorts(above: number, count: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (let port = above + 1; found.length < count; port++) {
    if (port + toMetrics > 65_535) port = 1024;
    if ((await isFree(port)) && (await isFree(port + toMetrics))) found.push(port);
  }
  return found;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
