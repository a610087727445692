import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import { ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { ChannelCredentialOptions } from '@eventstore/db-client';

type SecureConnector = ReturnType<ChannelCredentials['_createSecureConnector']>;

/**
 * Sent as server name where a host is an IP address, which RFC 6066, section 3, does not allow
 * there.
 */
const nameOfNoHost = 'event-store.invalid';

/**
 * TLS settings of a connection to `address`. The certificate is checked against the address that
 * the URL or the cluster names.
 */
export function credentialsFor(
  channel: ChannelCredentialOptions,
  address: string,
): ChannelCredentials {
  if (channel.insecure) return credentials.createInsecure();
  const { rootCertificate, userKeyFile, userCertFile } = channel;
  const secured = (verifyOptions = {}) =>
    credentials.createSsl(rootCertificate, userKeyFile, userCertFile, verifyOptions);
  if (isIP(address) === 0) return secured();
  return new NamedCredentials(
    secured({
      checkServerIdentity: (_name: string, certificate: never) =>
        checkServerIdentity(address, certificate),
    }),
  );
}

/** Credentials that send their own server name, and delegate everything else. */
class NamedCredentials extends ChannelCredentials {
  constructor(private readonly inner: ChannelCredentials) {
    super();
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    ...[target, options, calls]: Parameters<ChannelCredentials['_createSecureConnector']>
  ): SecureConnector {
    return this.inner._createSecureConnector(
      target,
      { ...options, 'grpc.ssl_target_name_override': nameOfNoHost },
      calls,
    );
  }
}
