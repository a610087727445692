import {
  type ClientDuplexStream,
  type ClientReadableStream,
  connectivityState,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { EventStoreDBClient } from '@eventstore/db-client';
import type {
  BatchAppendReq,
  BatchAppendResp,
  ReadReq,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { UnavailableError } from '#libs/kernel';
import { StoreDamaged, StoreUnavailable } from '../port.js';
import type { StoreAddress } from './url.js';

/** The server did not answer, or is not the one to ask; after a moment another may be. `sent`: whether it may have acted on what it was asked. */
export class NoAnswer extends UnavailableError<'no_answer'> {
  constructor(
    readonly sent: boolean,
    cause: unknown,
  ) {
    super('no_answer', 'the event store did not answer', {}, { cause });
  }
}

const connectMs = 2000;

/**
 * A connection to one node, or to the leader of a cluster. The driver finds it, follows a leader that changes, and brings certificates and
 * credentials; the calls on it are our own, on the driver's generated definitions, because the driver's answers to an append of one client
 * can be given to another (ADR 0015).
 */
export class Connection extends EventStoreDBClient {
  constructor({ hosts, discover, options, channel, credentials }: StoreAddress) {
    const [host = { address: '127.0.0.1', port: 2113 }, ...others] = hosts;
    // The driver's three ways to be told where; its types have one constructor for each.
    const where = discover
      ? { discover: host }
      : others.length > 0
        ? { endpoints: [host, ...others] }
        : { endpoint: host };
    super({ ...options, ...where } as { endpoint: typeof host }, channel, credentials);
  }

  /** @throws NoAnswer, never `sent` */
  read(request: ReadReq, requiresLeader: boolean): Promise<ClientReadableStream<ReadResp>> {
    return this.#open('read', (client) =>
      client.read(request, ...this.callArguments({ requiresLeader }, { deadline: Infinity })),
    );
  }

  /** @throws NoAnswer, never `sent` */
  batchAppend(): Promise<ClientDuplexStream<BatchAppendReq, BatchAppendResp>> {
    return this.#open('append', (client) =>
      client.batchAppend(...this.callArguments({ requiresLeader: true }, { deadline: Infinity })),
    );
  }

  /**
   * A call is made on a connection that stands. So what fails before it is known not to have been sent, and a node that is away is given up at
   * once: the driver looks for another, where gRPC would wait longer and longer for the same.
   */
  async #open<
    Call extends
      ClientReadableStream<ReadResp> | ClientDuplexStream<BatchAppendReq, BatchAppendResp>,
  >(name: string, call: (client: StreamsClient) => Call): Promise<Call> {
    try {
      return await this.GRPCStreamCreator(services.StreamsClient, name, async (client) => {
        if (!(await connected(client))) {
          const away = notConnected();
          await this.handleError(client, away);
          throw away;
        }
        return call(client);
      })();
    } catch (error) {
      throw new NoAnswer(false, error);
    }
  }

  async end(): Promise<void> {
    await this.dispose();
    const channel = await this.getChannel().catch(() => undefined);
    channel?.close();
  }
}

async function connected(client: StreamsClient): Promise<boolean> {
  const channel = client.getChannel();
  const deadline = Date.now() + connectMs;
  while (Date.now() < deadline) {
    const state = channel.getConnectivityState(true);
    if (state === connectivityState.READY) return true;
    if (state === connectivityState.TRANSIENT_FAILURE || state === connectivityState.SHUTDOWN)
      return false;
    await new Promise((changed) => {
      channel.watchConnectivityState(state, deadline, changed);
    });
  }
  return false;
}

function notConnected(): ServiceError {
  const details = 'no connection';
  return Object.assign(new Error(details), {
    code: status.UNAVAILABLE,
    details,
    metadata: new Metadata(),
  });
}

const refusals: Readonly<Partial<Record<number, string>>> = {
  [status.PERMISSION_DENIED]:
    'the event store does not let this user in: it must append, and read $all',
  [status.UNAUTHENTICATED]: 'the event store does not know this user',
  [status.UNIMPLEMENTED]:
    'the event store is too old: EventStoreDB 21.10 is the first that will do',
  [status.INVALID_ARGUMENT]: 'the event store does not understand this program',
};

/** What a failed call means, in words of the port; `NoAnswer` where it may go better the next time. */
export function meaningOf(
  error: unknown,
  sent: boolean,
): NoAnswer | StoreUnavailable | StoreDamaged {
  if (error instanceof NoAnswer) return error;
  const { code, metadata } = error as Partial<ServiceError>;
  const exception = metadata?.get('exception')[0]?.toString();
  if (exception === 'stream-deleted')
    return new StoreDamaged('store_damaged', 'a stream was deleted', {}, { cause: error });
  const refusal =
    exception === 'access-denied' ? refusals[status.PERMISSION_DENIED] : refusals[code ?? -1];
  if (refusal === undefined) return new NoAnswer(sent, error);
  return new StoreUnavailable(
    'store_unreachable',
    refusal,
    {},
    { cause: error, retryAfterSeconds: 30 },
  );
}
