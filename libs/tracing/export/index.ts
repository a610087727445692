import { context } from '@opentelemetry/api';
import { randomUUID } from 'node:crypto';
import { tracer } from '../tracer.js';

export interface TracedService {
  /** `city`, `ledger`, `witness`: what `service.name` says. */
  readonly service: string;
  readonly version: string;
  /** An OTLP collector over HTTP, without the path; undefined for no traces. */
  readonly collector: string | undefined;
  /**
   * Share of the traces begun here that are kept, 0 to 1; one begun elsewhere follows its sampling
   * flag.
   */
  readonly ratio: number;
}

export interface Tracing {
  /** Exports what is left, for two seconds at most. */
  stop(): Promise<void>;
}

/** Spans that wait for export; more are dropped. */
const maxWaiting = 4096;
const sendEveryMs = 1000;
/** Time in milliseconds after which an export is given up and its spans are dropped. */
const sendWithinMs = 5000;
const lastWordsMs = 2000;

/**
 * Starts tracing in this process, once; without a collector nothing is loaded and nothing is
 * traced. An unreachable or slow collector costs spans only: they wait in a bounded queue and are
 * dropped.
 */
export async function startTracing(traced: TracedService): Promise<Tracing> {
  const { collector } = traced;
  if (collector === undefined) return { stop: () => Promise.resolve() };
  const [sdk, hooks, otlp, resources] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': `mianzheng-${traced.service}`,
      'service.version': traced.version,
      'service.instance.id': randomUUID(),
    }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(traced.ratio) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new otlp.OTLPTraceExporter({
          url: `${collector}/v1/traces`,
          timeoutMillis: sendWithinMs,
          concurrencyLimit: 2,
        }),
        maxQueueSize: maxWaiting,
        maxExportBatchSize: 512,
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: sendWithinMs,
      }),
    ],
  });
  context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  tracer.current = provider.getTracer('mianzheng', traced.version);
  return {
    stop: async () => {
      tracer.current = null;
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        provider.shutdown().catch(() => undefined),
        new Promise((resolve) => {
          timer = setTimeout(resolve, lastWordsMs);
        }),
      ]);
      clearTimeout(timer);
      context.disable();
    },
  };
}
