import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import {
  Metadata,
  type sendUnaryData,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import type { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import gossipMessages from '@eventstore/db-client/generated/gossip_pb.js';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
  ReadReq,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import streamServices from '@eventstore/db-client/generated/streams_grpc_pb.js';
import userServices from '@eventstore/db-client/generated/users_grpc_pb.js';
import type { NewEvent } from '#libs/event-store';
import { Access, type DoubleUser } from './access.js';
import { makeCertificate } from '../support/certificates.js';
import { type Front, openFront } from './front.js';
import { firstOf } from './generated.js';
import { beginningOf, DoubleLog, type ReadableLog } from './log.js';
import { proposed, refused, written, wrongVersion } from './messages.js';
import { answerRead, nameRead, type Subscribers } from './reading.js';
import { refusalOf, usersService } from './users.js';

/** What befalls the next append that fits. */
export type Mishap =
  /** The connection breaks before it is done. */
  | { readonly kind: 'lost' }
  /** It is done, and the connection breaks before it is answered. */
  | { readonly kind: 'unheard' }
  /** It is done, and never answered. */
  | { readonly kind: 'silent' }
  /** Answered with this error; done or not. */
  | { readonly kind: 'error'; readonly name: string; readonly done: boolean };

interface Node {
  readonly server: Server;
  readonly front: Front;
}

export interface SecuredDouble {
  /** Of the user `admin`. */
  readonly administratorPassword: string;
  /** Where it writes the certificate of its authority, as PEM. */
  readonly caFile: string;
}

export interface DoubleOptions {
  /** Keeps the log in this file between runs. */
  readonly data?: string;
  readonly port?: number;
  /** Nodes of the cluster; each has all of the log at once. */
  readonly nodes?: number;
  /**
   * It speaks TLS, asks users who they are, and holds them to access lists. Without this, everybody
   * may do everything.
   */
  readonly secured?: SecuredDouble;
  /** Nodes can be frozen: see `freeze`. */
  readonly isFreezable?: boolean;
  /** What is read instead of what was written: a log that no memory would hold. */
  readonly reads?: ReadableLog;
}

/**
 * A double of EventStoreDB: enough of its protocol, over its own definitions and real connections,
 * to run the adapter against, with switches that make it fail. It is no server (nothing is
 * replicated, nothing is slow); what it cannot show is listed in docs/operations/machines.md.
 */
export class EventStoreDouble {
  readonly log: DoubleLog;
  readonly #access: Access | undefined;
  readonly #caFile: string | undefined;
  readonly #read: ReadableLog;
  readonly #nodes: Node[] = [];
  readonly #subscribers: Subscribers = { waiting: new Set(), sent: 0 };
  #leader = 0;
  /** What nodes that are behind have of the log. */
  readonly #behind = new Map<number, ReadableLog>();
  readonly #cutOff = new Map<number, 'not ready' | 'mute'>();
  #mishaps: { readonly fits: string; readonly mishap: Mishap; readonly told: () => void }[] = [];

  static async start(options: DoubleOptions = {}): Promise<EventStoreDouble> {
    const double = new EventStoreDouble(options);
    const credentials = await credentialsOf(options.secured);
    for (let n = 0; n < (options.nodes ?? 1); n++) await double.#addNode(n, options, credentials);
    return double;
  }

  private constructor({ data, reads, secured }: DoubleOptions) {
    this.log = new DoubleLog(data);
    this.#caFile = secured?.caFile;
    if (secured !== undefined) this.#access = new Access(this.log, secured.administratorPassword);
    this.#read = reads ?? this.log;
  }

  /** Where the adapter is told to look: the one node, or all of the cluster's. */
  get url(): string {
    return this.urlFor();
  }

  /** The same with a login, as `user:password`. */
  urlFor(login?: string): string {
    const hosts = this.#nodes.map(({ front }) => `127.0.0.1:${front.port}`).join(',');
    const option = this.#caFile === undefined ? 'tls=false' : `tlsCAFile=${this.#caFile}`;
    return `esdb://${login === undefined ? '' : `${login}@`}${hosts}?${option}`;
  }

  get ports(): readonly number[] {
    return this.#nodes.map(({ front }) => front.port);
  }

  /** Events that went out to subscribers and readers so far. */
  get sent(): number {
    return this.#subscribers.sent;
  }

  /** Resolves when `count` subscriptions have had everything and wait for more. */
  async listened(count: number): Promise<void> {
    while (this.#subscribers.waiting.size < count) await new Promise(setImmediate);
  }

  /**
   * What befalls the next append to a stream whose name ends in `stream`. Resolves when it
   * happened.
   */
  next(stream: string, mishap: Mishap): Promise<void> {
    return new Promise((told) => this.#mishaps.push({ fits: stream, mishap, told }));
  }

  /** Another node leads from now on; the old one names it in its refusals. */
  lead(node: number): void {
    this.#leader = node;
  }

  /** A node has from now on what is there now, and nothing that comes later; or all of it again. */
  fallBehind(node: number, isBehind = true): void {
    if (isBehind) this.#behind.set(node, beginningOf(this.#read));
    else this.#behind.delete(node);
  }

  /**
   * A node that was cut off from its cluster, and ends no call: it answers every append with "not
   * ready", or not at all. Another one may lead.
   */
  isolate(node: number, how: 'not ready' | 'mute' = 'not ready'): void {
    this.#cutOff.set(node, how);
  }

  /**
   * A node stops as by SIGSTOP: its connections stand, new ones are taken, and nothing is answered,
   * not even a ping.
   */
  freeze(node: number, isFrozen = true): void {
    this.#nodes[node]?.front.freeze(isFrozen);
  }

  cut(): void {
    for (const { front } of this.#nodes) front.cut();
  }

  /** One node, or all of them, cannot be reached. */
  away(isAway: boolean, node?: number): void {
    for (const [n, { front }] of this.#nodes.entries())
      if (node === undefined || node === n) front.away(isAway);
  }

  /**
   * An administrator of the server sets metadata of a stream, deletes it softly (`$tb`), or for
   * good.
   */
  administer(
    stream: string,
    how: Readonly<Record<string, unknown>> | 'delete' | 'tombstone',
  ): void {
    if (how === 'delete') this.log.deleteStream(stream);
    else if (how === 'tombstone') this.log.tombstone(stream);
    else this.log.setMetadata(stream, how);
    this.#wake();
  }

  /** An administrator of the server changes a user. */
  changeUser(login: string, change: Partial<Pick<DoubleUser, 'groups' | 'isDisabled'>>): void {
    const user = this.#access?.user(login);
    if (user != null) this.#access?.put({ ...user, ...change });
  }

  /** As a server that allows anonymous access, or runs in insecure mode. */
  letAnybodyIn(): void {
    this.#access?.letAnybodyIn();
  }

  /**
   * Another program appends an event of its own, under whatever name. @returns where it stands in
   * $all
   */
  intrude(
    stream: string,
    event: { readonly data?: string | Uint8Array; readonly metadata?: Uint8Array } = {},
  ): bigint {
    const { data = '{"order":7}', metadata = new Uint8Array() } = event;
    const written = this.log.append(stream, this.log.revisions(stream) - 1, [
      {
        id: randomUUID(),
        type: 'OrderPlaced',
        contentType: 'application/json',
        data: Buffer.from(data as string),
        metadata,
      },
    ]);
    this.#wake();
    return written.kind === 'written' ? written.position : -1n;
  }

  #wake(): void {
    for (const wake of [...this.#subscribers.waiting]) wake();
  }

  /**
   * A record of a stream of its own, as the adapter would write it: a large log is made at once.
   */
  put(city: string, stream: string, event: NewEvent): void {
    this.log.append(`${city}/${stream}`, -1, [firstOf(city, stream, event)]);
    this.#wake();
  }

  /**
   * Every subscription that is open hears nothing from now on, as from a node that was cut off from
   * its cluster; new ones do.
   */
  deafen(): void {
    this.#subscribers.waiting.clear();
  }

  async stop(): Promise<void> {
    for (const { front, server } of this.#nodes) {
      await front.close();
      server.forceShutdown();
    }
    this.log.close();
  }

  async #addNode(
    n: number,
    { port, isFreezable }: DoubleOptions,
    credentials: ServerCredentials,
  ): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 17 * 1024 * 1024 });
    server.addService(streamServices.StreamsService, {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => {
        const refused = refusalOf(this.#access, call.metadata, 'read', nameRead(call));
        if (!this.#leads(n) && call.metadata.get('requires-leader').length > 0)
          call.emit('error', this.#notLeader());
        else if (refused !== null) call.emit('error', refused);
        else void answerRead(call, this.#behind.get(n) ?? this.#read, this.#subscribers);
      },
      batchAppend: (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>) => {
        this.#append(n, call);
      },
    });
    server.addService(userServices.UsersService, usersService(this.#access));
    server.addService(gossipServices.GossipService, {
      read: (_call: ServerUnaryCall<Empty, ClusterInfo>, answer: sendUnaryData<ClusterInfo>) => {
        answer(null, this.#members());
      },
    });
    const injector = server.createConnectionInjector(credentials);
    const front = await openFront(
      (connection) => {
        injector.injectConnection(connection);
      },
      { ...(port !== undefined && { port }), ...(isFreezable !== undefined && { isFreezable }) },
    );
    this.#nodes.push({ server, front });
  }

  #leads(node: number): boolean {
    return this.#leader === node;
  }

  #append(node: number, call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
    call.on('error', () => undefined);
    call.on('end', () => {
      call.end();
    });
    call.on('data', (request: BatchAppendReq) => {
      const cutOff = this.#cutOff.get(node);
      if (cutOff === 'not ready') call.write(refused(request, 'Server Is Not Ready'));
      if (cutOff !== undefined) return;
      if (!this.#leads(node)) {
        call.emit('error', this.#notLeader());
        return;
      }
      const name = nameOf(request);
      const denied = refusalOf(this.#access, call.metadata, 'write', name);
      if (denied !== null) {
        if ('metadata' in denied) call.write(refused(request, 'AccessDenied'));
        else call.emit('error', denied);
        return;
      }
      const at = this.#mishaps.findIndex(({ fits }) => name.endsWith(fits));
      const [trap] = at < 0 ? [] : this.#mishaps.splice(at, 1);
      switch (trap?.mishap.kind) {
        case undefined:
          call.write(this.#write(request));
          break;
        case 'lost':
          this.#nodes[node]?.front.cut();
          break;
        case 'unheard':
          this.#write(request);
          this.#nodes[node]?.front.cut();
          break;
        case 'silent':
          this.#write(request);
          break;
        case 'error':
          if (trap.mishap.done) this.#write(request);
          call.write(refused(request, trap.mishap.name));
      }
      trap?.told();
    });
  }

  #write(request: BatchAppendReq): BatchAppendResp {
    const options = request.getOptions();
    const expected = options?.hasNoStream()
      ? -1
      : options?.hasAny()
        ? 'any'
        : options?.hasStreamExists()
          ? 'exists'
          : Number(options?.getStreamPosition());
    const answer = this.log.append(nameOf(request), expected, proposed(request));
    if (answer.kind === 'deleted') return refused(request, 'StreamDeleted');
    if (answer.kind === 'wrong_version') return wrongVersion(request, answer.current);
    this.#wake();
    return written(request, answer.revision, answer.position);
  }

  #notLeader(): Error {
    const metadata = new Metadata();
    metadata.set('exception', 'not-leader');
    metadata.set('leader-endpoint-host', '127.0.0.1');
    metadata.set('leader-endpoint-port', String(this.ports[this.#leader]));
    return Object.assign(new Error('not leader'), {
      code: status.NOT_FOUND,
      details: 'Leader info available',
      metadata,
    });
  }

  #members(): ClusterInfo {
    const info = new gossipMessages.ClusterInfo();
    info.setMembersList(
      this.ports.map((port, n) => {
        const endPoint = new gossipMessages.EndPoint();
        endPoint.setAddress('127.0.0.1');
        endPoint.setPort(port);
        const id = new sharedMessages.UUID();
        id.setString(`00000000-0000-4000-8000-${String(n).padStart(12, '0')}`);
        const member = new gossipMessages.MemberInfo();
        member.setInstanceId(id);
        member.setTimeStamp('0');
        const { LEADER, FOLLOWER } = gossipMessages.MemberInfo.VNodeState;
        member.setState(this.#leads(n) ? LEADER : FOLLOWER);
        member.setIsAlive(true);
        member.setHttpEndPoint(endPoint);
        return member;
      }),
    );
    return info;
  }
}

async function credentialsOf(secured: SecuredDouble | undefined): Promise<ServerCredentials> {
  if (secured === undefined) return ServerCredentials.createInsecure();
  const name = 'authority of the double';
  const authority = makeCertificate({ name });
  const issuer = { key: authority.key, name };
  const node = makeCertificate({ name: 'node', names: ['127.0.0.1'], issuer });
  await writeFile(secured.caFile, authority.cert);
  return ServerCredentials.createSsl(null, [
    { private_key: Buffer.from(node.key), cert_chain: Buffer.from(node.cert) },
  ]);
}

const nameOf = (request: BatchAppendReq) =>
  Buffer.from(request.getOptions()?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
