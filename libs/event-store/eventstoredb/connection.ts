import {
  type CallOptions,
  Channel,
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
import userServices from '@eventstore/db-client/generated/users_grpc_pb.js';
import type { UsersClient } from '@eventstore/db-client/generated/users_grpc_pb.js';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { UnavailableError } from '#libs/kernel';
import { StoreDamaged, StoreUnavailable } from '../port.js';
import { within } from './clock.js';
import { credentialsFor } from './credentials.js';
import { discoverLeader, ownConnections } from './discovery.js';
import type { EndPoint, StoreAddress } from './url.js';

/**
 * The server did not answer, or is not the leader; a retry may find another. `sent`: whether it may
 * have acted on the request.
 */
export class NoAnswer extends UnavailableError<'no_answer'> {
  constructor(
    readonly sent: boolean,
    cause: unknown,
  ) {
    super('no_answer', 'the event store did not answer', {}, { cause });
  }
}

/**
 * The server rejects a request as impossible: it has another protocol, or its log has no such
 * position.
 */
export class NotUnderstood extends StoreUnavailable {}

/** How long one node is given to take a connection, in milliseconds. */
const connectMs = 2000;

type Call = ClientReadableStream<ReadResp> | ClientDuplexStream<BatchAppendReq, BatchAppendResp>;

/**
 * A frozen or unreachable node answers no ping, and its connection is given up after interval and
 * timeout together, in milliseconds. The timeout is longer than this process is ever busy, so that
 * its own pause is not mistaken for a silent node.
 */
const keepAlive = { interval: 1000, timeout: 3000 };
/** Events that the server accepted by another protocol must be readable: it accepts 16 MB. */
const maxMessageBytes = 17 * 1024 * 1024;

/**
 * A connection to one node, or to the leader of a cluster: the driver keeps clients and
 * credentials, and channels and calls are made here, because the driver may give one client's
 * answers to another (ADR 0015). Every call goes to the leader: another node may be behind, and a
 * missing record looks like a deleted one.
 */
export class Connection extends EventStoreDBClient {
  readonly #clientOf = new WeakMap<Call, StreamsClient>();
  #channel: Promise<Channel> | undefined;
  #ended = false;
  /** The node whose connection failed last, and the leader that the last refusal named. */
  #failed: EndPoint | undefined;
  #named: EndPoint | undefined;

  constructor(private readonly address: StoreAddress) {
    const { options, channel, credentials } = address;
    const { connectionName } = options;
    // The driver gets no endpoints, so that it never discovers nodes itself: see `resolveUri`.
    super({ endpoints: [], maxDiscoverAttempts: 0, connectionName }, channel, credentials);
    const { handleError, getChannel, resolveUri } = this;
    // When a stream ends with an error, the driver neither awaits this nor catches its errors, such
    // as that no node was found. The caller of the next call gets that error anyway.
    this.handleError = async (client, error) => {
      const leader = leaderNamedIn(error);
      if (mayBeElsewhere(error, leader)) {
        const target = client.getChannel().getTarget();
        if (target === this.#target) {
          this.#failed = leader === undefined ? endPointIn(target) : undefined;
          this.#named = leader;
        }
      }
      await handleError(client, error).catch(() => undefined);
    };
    this.getChannel = () => (this.#channel = getChannel());
    // The driver forgets a failed channel only where its own discovery fails, which happens at
    // once.
    this.resolveUri = async () => {
      const found = await this.#whereTo().catch(() => undefined);
      return found === undefined ? resolveUri() : textOf(found);
    };
    // Private to the driver, which would warn on the console about pings more frequent than its
    // own.
    Object.assign(this, { createChannel: () => this.#newChannel() });
  }

  /** The target of the channel made last, as gRPC writes it. */
  #target: string | undefined;

  async #newChannel(): Promise<Channel> {
    const uri = await this.resolveUri();
    const { keepAliveInterval, keepAliveTimeout } = this.address.options;
    const channel = new Channel(uri, credentialsFor(this.address.channel, addressIn(uri)), {
      'grpc.keepalive_time_ms': msOf(keepAliveInterval, keepAlive.interval),
      'grpc.keepalive_timeout_ms': msOf(keepAliveTimeout, keepAlive.timeout),
      'grpc.max_receive_message_length': maxMessageBytes,
      ...ownConnections,
    });
    this.#target = channel.getTarget();
    return channel;
  }

  /**
   * The one node that the URL names, the leader that a refusal named, or the one that the cluster
   * names.
   */
  async #whereTo(): Promise<EndPoint> {
    const named = this.#named;
    this.#named = undefined;
    if (named !== undefined) return named;
    const { hosts, discover, options, channel } = this.address;
    if (!discover && hosts.length < 2) return firstHost(this.address);
    return discoverLeader(
      { hosts, options, credentialsFor: (address) => credentialsFor(channel, address) },
      this.#failed,
    );
  }

  /** Waits up to `ms` for an established connection. @throws NoAnswer, never `sent` */
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
   * The answer of the server's user service within `ms`. @throws NoAnswer; the error of the call
   */
  async users<Answer>(
    ms: number,
    call: (client: UsersClient, metadata: Metadata, options: CallOptions) => Promise<Answer>,
  ): Promise<Answer> {
    await this.ready(ms);
    return this.execute(userServices.UsersClient, 'users', (client) =>
      call(client, ...this.callArguments({ requiresLeader: true }, { deadline: Date.now() + ms })),
    );
  }

  /**
   * Calls are made on established connections only, so that a failure before is known not to be
   * sent. An unreachable node is given up at once: the driver looks for another, where gRPC would
   * back off and retry the same one.
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

  /**
   * The node of `call` is reachable but unusable: the driver looks for the leader again. Pending
   * calls on the old connection continue.
   */
  async leave(call: Call): Promise<void> {
    const client = this.#clientOf.get(call);
    if (client !== undefined) await this.handleError(client, notConnected());
  }

  /** Ends pending calls, without waiting for a discovery under way. */
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

const firstHost = ({ hosts }: StoreAddress): EndPoint =>
  hosts[0] ?? { address: '127.0.0.1', port: 2113 };
const textOf = ({ address, port }: EndPoint): string => `${address}:${String(port)}`;

const addressIn = (uri: string): string => uri.slice(0, uri.lastIndexOf(':'));

/** A target of gRPC, `dns:host:port`. */
function endPointIn(target: string): EndPoint | undefined {
  const [, address, port] = /([^:/]+):(\d+)$/.exec(target) ?? [];
  return address === undefined ? undefined : { address, port: Number(port) };
}

/** -1 is the driver's word for never. */
const msOf = (told: number | undefined, ms: number) =>
  told === undefined ? ms : told < 0 ? Number.MAX_VALUE : told;

/** A node that is not the leader names the leader. */
function leaderNamedIn(error: Partial<ServiceError>): EndPoint | undefined {
  const { metadata } = error;
  if (metadata?.get('exception')[0] !== 'not-leader') return undefined;
  const [address] = metadata.get('leader-endpoint-host');
  const [port] = metadata.get('leader-endpoint-port');
  return address === undefined ? undefined : { address: String(address), port: Number(port) };
}

const mayBeElsewhere = ({ code }: Partial<ServiceError>, leader: EndPoint | undefined) =>
  leader !== undefined || code === status.UNAVAILABLE || code === status.CANCELLED;

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

/** A failed call as an error of the port; `NoAnswer` where a retry may succeed. */
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
