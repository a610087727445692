import { once } from 'node:events';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { StoreUnavailable } from '../port.js';
import type { EndPoint, StoreAddress } from './url.js';

/** Why the event store cannot be reached, and what to change. */
interface Obstacle {
  readonly why: string;
  readonly what: string;
  readonly hint: string;
}

const probeMs = 1000;

/**
 * Finds out why no node could be reached: tries each host of the URL by a connection of its own.
 * @returns the first obstacle that is not mere silence, with the host; null where every node
 *   accepts a connection by the URL
 */
export async function whyUnreachable(
  address: StoreAddress,
  cause: unknown,
): Promise<StoreUnavailable | null> {
  const found = await Promise.all(
    address.hosts.map(async (host) => ({ host, obstacle: await obstacleAt(host, address) })),
  );
  const [first] = found
    .filter(({ obstacle }) => obstacle !== null)
    .sort((a, b) => rank(a.obstacle) - rank(b.obstacle));
  if (first?.obstacle === null || first === undefined) return null;
  const { host, obstacle } = first;
  const at = `${host.address}:${String(host.port)}`;
  return new StoreUnavailable(
    'store_unreachable',
    `the event store at ${at} ${obstacle.what}`,
    { host: at, why: obstacle.why },
    { cause, retryAfterSeconds: 30, hint: obstacle.hint },
  );
}

const rank = (obstacle: Obstacle | null) => (obstacle?.why === 'silent' ? 1 : 0);

async function obstacleAt(host: EndPoint, { channel }: StoreAddress): Promise<Obstacle | null> {
  if (channel.insecure) {
    const refused = await tcpObstacle(host);
    if (refused !== null) return refused;
    const speaksTls = await tlsError(host, { rejectUnauthorized: false });
    return speaksTls === null ? tlsExpected : null;
  }
  const { rootCertificate: ca, userCertFile: cert, userKeyFile: key } = channel;
  const error = await tlsError(host, {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  });
  if (error === null) return null;
  return (await tcpObstacle(host)) ?? obstacleOf(error);
}

const tlsExpected: Obstacle = {
  why: 'tls_expected',
  what: 'speaks TLS, and the URL says tls=false',
  hint: 'Take tls=false out of EVENT_STORE_URL, and name the authority of its certificate with tlsCAFile.',
};

const byCode: Readonly<Record<string, Obstacle>> = {
  ERR_TLS_CERT_ALTNAME_INVALID: {
    why: 'name_differs',
    what: 'shows a certificate that was made for another name',
    hint: 'Write the name that stands in the certificate into EVENT_STORE_URL, or make the certificate for this one.',
  },
  CERT_HAS_EXPIRED: {
    why: 'certificate_expired',
    what: 'shows a certificate that has expired',
    hint: 'Make a new certificate for the server (docker/make-secrets.sh makes those of its cluster).',
  },
  CERT_NOT_YET_VALID: {
    why: 'certificate_not_yet_valid',
    what: 'shows a certificate that is not valid yet',
    hint: 'Compare the clocks of both machines.',
  },
};
const unknownAuthority: Obstacle = {
  why: 'authority_unknown',
  what: 'shows a certificate of an authority that is not known here',
  hint: 'Name the file with the certificate of its authority: tlsCAFile=… in EVENT_STORE_URL.',
};
const ofAuthority = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
]);
const tlsNotSpoken: Obstacle = {
  why: 'tls_not_spoken',
  what: 'does not speak TLS',
  hint: 'A server that was started with --insecure needs tls=false in EVENT_STORE_URL; no city should use one.',
};
const clientRefused: Obstacle = {
  why: 'client_certificate_refused',
  what: 'does not take the certificate of this program',
  hint: 'Look at userCertFile and userKeyFile in EVENT_STORE_URL.',
};
const silent: Obstacle = {
  why: 'silent',
  what: 'does not answer',
  hint: 'Look whether the server runs, and whether a firewall is in between.',
};

function obstacleOf(error: NodeJS.ErrnoException): Obstacle {
  const code = error.code ?? '';
  const named = byCode[code];
  if (named !== undefined) return named;
  if (ofAuthority.has(code)) return unknownAuthority;
  if (code === 'ETIMEDOUT') return silent;
  // A server refuses the client's certificate by an alert; a server without TLS sends bytes that
  // are no TLS record, or closes the connection.
  return /ALERT/.test(code) ? clientRefused : tlsNotSpoken;
}

async function tcpObstacle({ address, port }: EndPoint): Promise<Obstacle | null> {
  const error = await outcomeOf(connectTcp({ host: address, port }), 'connect');
  switch (error?.code) {
    case undefined:
      return null;
    case 'ECONNREFUSED':
      return {
        why: 'refused',
        what: 'takes no connection: nothing listens there',
        hint: 'Look whether the server runs, and at the port in EVENT_STORE_URL.',
      };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        why: 'name_unknown',
        what: 'is not known: its name leads nowhere',
        hint: 'Look at the host in EVENT_STORE_URL, and at the name server of this machine.',
      };
    default:
      return silent;
  }
}

/** The error of a TLS handshake that offers HTTP/2; null where it succeeds. */
function tlsError(
  { address, port }: EndPoint,
  options: Readonly<Record<string, unknown>>,
): Promise<NodeJS.ErrnoException | null> {
  const socket = connectTls({
    host: address,
    port,
    ALPNProtocols: ['h2'],
    ...(isIP(address) === 0 && { servername: address }),
    ...options,
  });
  return outcomeOf(socket, 'secureConnect');
}

async function outcomeOf(socket: Socket, done: string): Promise<NodeJS.ErrnoException | null> {
  socket.setTimeout(probeMs, () => {
    socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }));
  });
  // A server that closes the connection gives no other sign.
  const closed = once(socket, 'end').then(() => {
    throw Object.assign(new Error('hung up'), { code: 'ECONNRESET' });
  });
  closed.catch(() => undefined);
  try {
    await Promise.race([once(socket, done), closed]);
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}
