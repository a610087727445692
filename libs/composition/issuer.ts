import {
  AccountOwners,
  type IdentityServices,
  type MountedIdentity,
  mountIdentity,
  OperatorsIssuer,
} from '#libs/identity/identity.module';
import type pg from 'pg';
import { type Settings, unexpected } from '#libs/platform';
import type { Infrastructure } from './infrastructure.js';
import { openAccountKey, openIdentityKeys } from './keys.js';

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
    accounts: await openAccounts(settings, pool),
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

/** Null where operators sign in with passkeys alone. @throws SettingInvalid, KeyFileMissing */
async function openAccounts(settings: Settings, pool: pg.Pool) {
  const { operatorsIssuer } = settings.signIn;
  if (operatorsIssuer === null) return null;
  const elsewhere = new OperatorsIssuer(operatorsIssuer, `${settings.publicUrl}/sign-in`);
  const owners = new AccountOwners(pool);
  return { elsewhere, owners, accountKey: await openAccountKey(settings, !(await owners.isAny())) };
}
