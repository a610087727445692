import {
  type Channel,
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
import { within } from './clock.js';
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

/** The server says that a request cannot be: it knows another protocol, or has no such place in its log. */
export class NotUnderstood extends StoreUnavailable {}

/** How long one node is given to take a connection, in milliseconds. */
const connectMs = 2000;

type Call = ClientReadableStream<ReadResp> | ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/**
 * A connection to one node, or to the leader of a cluster. The driver finds it, follows a leader that changes, and brings certificates and
 * credentials; the calls on it are our own, on the driver's generated definitions, because the driver's answers to an append of one client
 * can be given to another (ADR 0015).
 *
 * Every call is for the leader: whatever another node says may be behind, and a record that is not there yet looks like one that is gone.
 */
export class Connection extends EventStoreDBClient {
  readonly #clientOf = new WeakMap<Call, StreamsClient>();
  #channel: Promise<Channel> | undefined;
  #ended = false;

  constructor({ hosts, discover, options, channel, credentials }: StoreAddress) {
    const [host = { address: '127.0.0.1', port: 2113 }, ...others] = hosts;
    // The driver's three ways to be told where; its types have one constructor for each.
    const where = discover
      ? { discover: host }
      : others.length > 0
        ? { endpoints: [host, ...others] }
        : { endpoint: host };
    super({ ...options, ...where } as { endpoint: typeof host }, channel, credentials);
    const { handleError, getChannel } = this;
    // When a stream ends with an error, the driver neither waits for this nor catches what it throws: that no node is found, where it
    // is looking for one at that moment. Whoever asked for the node hears that anyway.
    this.handleError = (client, error) => handleError(client, error).catch(() => undefined);
    this.getChannel = () => (this.#channel = getChannel());
  }

  /** Waits up to `ms` for a connection that stands. @throws NoAnswer, never `sent` */
  async ready(ms: number): Promise<void> {
    const connecting = this.execute(services.StreamsClient, 'connect', mustBeConnected);
    try {
      await within(connecting, ms, notConnected);
    } catch (error) {
      throw new NoAnswer(false, error);
    }
  }

  /** @throws NoAnswer, never `sent` */
  read(request: ReadReq): Promise<ClientReadableStream<ReadResp>> {
    return this.#open('read', (client) =>
      client.read(request, ...this.callArguments({ requiresLeader: true }, { deadline: Infinity })),
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
  async #open<Made extends Call>(
    name: string,
    call: (client: StreamsClient) => Made,
  ): Promise<Made> {
    try {
      return await this.GRPCStreamCreator(services.StreamsClient, name, async (client) => {
        try {
          await mustBeConnected(client);
        } catch (away) {
          await this.handleError(client, away as ServiceError);
          throw away;
        }
        if (this.#ended) throw notConnected();
        const made = call(client);
        this.#clientOf.set(made, client);
        return made;
      })();
    } catch (error) {
      throw new NoAnswer(false, error);
    }
  }

  /** The node behind `call` is there and of no use: the driver looks anew for the leader. What is under way on the old connection goes on. */
  async leave(call: Call): Promise<void> {
    const client = this.#clientOf.get(call);
    if (client !== undefined) await this.handleError(client, notConnected());
  }

  /** Ends what is under way. A node that is being looked for just now is not waited for. */
  async end(): Promise<void> {
    this.#ended = true;
    await this.dispose();
    void this.#channel?.then(
      (channel) => {
        channel.close();
      },
      () => undefined,
    );
  }
}

async function mustBeConnected(client: StreamsClient): Promise<void> {
  if (!(await connected(client))) throw notConnected();
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
  if (
    error instanceof NoAnswer ||
    error instanceof StoreUnavailable ||
    error instanceof StoreDamaged
  )
    return error;
  const { code, metadata } = error as Partial<ServiceError>;
  const exception = metadata?.get('exception')[0]?.toString();
  if (exception === 'stream-deleted')
    return new StoreDamaged('store_damaged', 'a stream was deleted', {}, { cause: error });
  const refusal =
    exception === 'access-denied' ? refusals[status.PERMISSION_DENIED] : refusals[code ?? -1];
  if (refusal === undefined) return new NoAnswer(sent, error);
  const Refusal = code === status.INVALID_ARGUMENT ? NotUnderstood : StoreUnavailable;
  return new Refusal('store_unreachable', refusal, {}, { cause: error, retryAfterSeconds: 30 });
}
