import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span as it came, with the service that sent it. */
export interface ReceivedSpan {
  readonly service: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly kind: number;
  readonly error: boolean;
  readonly attributes: Readonly<Record<string, string | number>>;
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string };
}
interface Payload {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly {
      readonly spans: readonly {
        readonly name: string;
        readonly traceId: string;
        readonly spanId: string;
        readonly parentSpanId?: string;
        readonly kind: number;
        readonly status?: { readonly code?: number };
        readonly attributes: readonly Attribute[];
      }[];
    }[];
  }[];
}

/**
 * An OTLP collector over HTTP that keeps what it is sent; it may also be one that never answers.
 */
export class OtlpReceiver {
  readonly #bodies: string[] = [];
  readonly #wanted: (() => void)[] = [];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start({ answers = true } = {}): Promise<OtlpReceiver> {
    const late: { receiver?: OtlpReceiver } = {};
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        late.receiver?.take(Buffer.concat(chunks).toString());
        if (answers) response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return (late.receiver = new OtlpReceiver(`http://127.0.0.1:${port}`, server));
  }

  private take(body: string): void {
    this.#bodies.push(body);
    for (const wake of this.#wanted.splice(0)) wake();
  }

  /** Everything that was sent, as text. */
  get text(): string {
    return this.#bodies.join('\n');
  }

  get spans(): readonly ReceivedSpan[] {
    return this.#bodies.flatMap((body) => {
      const { resourceSpans } = JSON.parse(body) as Payload;
      return resourceSpans.flatMap(({ resource, scopeSpans }) => {
        const service = String(valuesOf(resource.attributes)['service.name']);
        return scopeSpans.flatMap(({ spans }) =>
          spans.map((span) => ({
            service,
            name: span.name,
            traceId: span.traceId,
            spanId: span.spanId,
            parentSpanId: span.parentSpanId === '' ? undefined : span.parentSpanId,
            kind: span.kind,
            error: span.status?.code === 2,
            attributes: valuesOf(span.attributes),
          })),
        );
      });
    });
  }

  /** Waits until what was sent holds the spans that `found` looks for. */
  async until(found: (spans: readonly ReceivedSpan[]) => boolean): Promise<void> {
    while (!found(this.spans)) await new Promise<void>((wake) => this.#wanted.push(wake));
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

const valuesOf = (attributes: readonly Attribute[]): Record<string, string | number> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]),
  );
