import { setTimeout as wait } from 'node:timers/promises';
import { type ChannelCredentials, Metadata } from '@grpc/grpc-js';
import gossipMessages from '@eventstore/db-client/generated/gossip_pb.js';
import type { ClusterInfo, MemberInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import gossipServices from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import type { EndPoint, StoreAddress } from './url.js';

/** A node of the cluster, and whether the cluster says that it leads. */
interface Candidate extends EndPoint {
  readonly leads: boolean;
}

export interface DiscoveryOptions {
  readonly hosts: readonly EndPoint[];
  readonly credentialsFor: (address: string) => ChannelCredentials;
  readonly options: StoreAddress['options'];
}

/**
 * Looks for the leader of a cluster: all known nodes are asked concurrently and repeatedly, so that
 * a frozen one does not delay the result. Until an election is over the others still name the old
 * leader, so a node whose connection just failed must answer itself before it is taken again.
 * @throws RangeError where no node answered for `maxDiscoverAttempts` times `gossipTimeout`, or an
 *   election takes longer than any should
 */
export async function discoverLeader(
  discovery: DiscoveryOptions,
  failed: EndPoint | undefined,
): Promise<EndPoint> {
  const { discoveryInterval = 200, maxDiscoverAttempts = 10 } = discovery.options;
  const found = Promise.withResolvers<EndPoint>();
  const began = performance.now();
  let answeredAt = began;
  let leader: EndPoint | undefined;
  const ask = async () => {
    const round = await askAll(discovery, failed);
    if (round.answered) answeredAt = performance.now();
    if (round.leader !== undefined) found.resolve((leader = round.leader));
  };
  const silentMs = maxDiscoverAttempts * gossipMs(discovery);
  while (performance.now() < Math.min(answeredAt + silentMs, began + electionMs)) {
    void ask();
    await Promise.race([found.promise, wait(discoveryInterval, undefined, { ref: false })]);
    if (leader !== undefined) return leader;
  }
  throw new RangeError('no node of the cluster says who leads it');
}

/** An election takes up to seven seconds. */
const electionMs = 15_000;

const gossipMs = ({ options: { gossipTimeout = 1 } }: DiscoveryOptions) => 1000 * gossipTimeout;

/**
 * Connections shared by all channels of a process back off after each failure, also for a node that
 * is back.
 */
export const ownConnections = { 'grpc.use_local_subchannel_pool': 1 } as const;

const isSame = (one: EndPoint, other: EndPoint | undefined) =>
  one.address === other?.address && one.port === other.port;

/** The first leader that any node names; slower answers are ignored. */
async function askAll(
  discovery: DiscoveryOptions,
  failed: EndPoint | undefined,
): Promise<{ readonly leader?: EndPoint; readonly answered: boolean }> {
  let answered = false;
  const named = discovery.hosts.map(async (host) => {
    const members = await membersOf(host, discovery);
    answered = true;
    const leader = members.find((member) => member.leads);
    if (leader === undefined) throw new RangeError('it names no leader');
    if (isSame(leader, failed)) await membersOf(leader, discovery);
    return { address: leader.address, port: leader.port };
  });
  try {
    return { leader: await Promise.any(named), answered };
  } catch {
    return { answered };
  }
}

async function membersOf(
  { address, port }: EndPoint,
  discovery: DiscoveryOptions,
): Promise<readonly Candidate[]> {
  const client = new gossipServices.GossipClient(
    `${address}:${String(port)}`,
    discovery.credentialsFor(address),
    ownConnections,
  );
  try {
    const info = await new Promise<ClusterInfo>((resolve, reject) => {
      const deadline = Date.now() + gossipMs(discovery);
      client.read(new sharedMessages.Empty(), new Metadata(), { deadline }, (error, answer) => {
        if (error) reject(error);
        else resolve(answer);
      });
    });
    return info.getMembersList().flatMap(candidateOf);
  } finally {
    client.close();
  }
}

function candidateOf(member: MemberInfo): Candidate[] {
  const at = member.getHttpEndPoint();
  if (at === undefined || !member.getIsAlive()) return [];
  const leads = member.getState() === gossipMessages.MemberInfo.VNodeState.LEADER;
  return [{ address: at.getAddress(), port: at.getPort(), leads }];
}
