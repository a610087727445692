import type { IdentityServices } from '#libs/identity/identity.module';
import { type MountedIdentity, mountIdentity } from '#libs/identity/identity.module';
import { unexpected } from '#libs/platform';
import type { Ground } from './ground.js';
import { openIdentityKeys } from './keys.js';

/** The issuer of access tokens in this process, with its own signing keys. */
export async function openIssuer(
  { settings, clock, log, metrics }: Ground,
  { clients, replays, rates }: IdentityServices,
): Promise<MountedIdentity> {
  return mountIdentity({
    issuer: settings.issuerUrl,
    audience: settings.publicUrl,
    signingKeys: await openIdentityKeys(settings),
    clock,
    clients,
    replays,
    admit: (client) => rates.count(client),
    onFault: (error) => {
      log.error(unexpected(error), 'identity_fault');
    },
    onRefused: (code) => {
      metrics.problems.inc({ code });
    },
  });
}
