import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { UnavailableError } from '#libs/kernel';
import type { ProcessMetrics } from './metrics.js';
import { plainServer } from './plain-server.js';
import type { MetricsDoor } from './settings.js';

/** The address of the metrics cannot be listened on. */
export class MetricsNotServed extends UnavailableError<'metrics_not_served'> {}

export interface OpenMetricsDoor {
  /** The URL that Prometheus scrapes. */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves `GET /metrics` at an address of its own, without authentication, so that the network must
 * restrict access: by default the loopback interface alone.
 * @throws MetricsNotServed
 */
export async function openMetricsDoor(
  metrics: Pick<ProcessMetrics, 'registry'>,
  { host, port }: MetricsDoor,
): Promise<OpenMetricsDoor> {
  const server = plainServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.registry.metrics().then(
      (text) => {
        response
          .writeHead(200, {
            'content-type': metrics.registry.contentType,
            'cache-control': 'no-store',
            'x-content-type-options': 'nosniff',
          })
          .end(text);
      },
      () => response.writeHead(500).end(),
    );
  });
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new MetricsNotServed(
      'metrics_not_served',
      'the address of the metrics cannot be listened on',
      { port },
      { cause, hint: 'Set METRICS_PORT to a free port, and METRICS_HOST to an own interface.' },
    );
  }
  server.unref(); // scrapes must not keep a process alive
  const address = server.address() as AddressInfo;
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${shown}:${address.port}/metrics`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
