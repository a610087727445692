import {
  type IdentityServices,
  type MountedIdentity,
  mountIdentity,
} from '#libs/identity/identity.module';
import { unexpected } from '#libs/platform';
import type { Infrastructure } from './infrastructure.js';
import { openIdentityKeys } from './keys.js';

/** The issuer of access tokens in this process, with its own signing keys. */
export async function openIssuer(
  { settings, clock, log, metrics, pool }: Infrastructure,
  { clients, operators, passkeys, party, replays, door }: IdentityServices,
): Promise<MountedIdentity> {
  await party.check();
  return mountIdentity({
    issuer: settings.issuerUrl,
    audience: settings.publicUrl,
    signingKeys: await openIdentityKeys(settings),
    clock,
    pool,
    clients,
    operators,
    passkeys,
    longest: settings.signIn.longest,
    replays,
    admit: (client) => door.count(client),
    onFault: (error) => {
      log.error(unexpected(error), 'identity_fault');
    },
    onRefused: ({ code, client, error }) => {
      metrics.problems.inc({ code: error });
      log.warn({ code, client, error }, 'token_refused');
    },
  });
}
