import {
  cityOf,
  createClient,
  createOpenClient,
  type LedgerClient,
  newCommand,
  proveClientKey,
} from '#libs/api-client';
import { findKey, findOrMakeKey, keyIsRegistered } from './keys.ts';
import { answered } from './trouble.ts';

/** How this browser stands as a terminal. */
export type TerminalState =
  | { readonly is: 'offered'; readonly offer: Offer }
  | { readonly is: 'terminal'; readonly client: string; readonly api: LedgerClient };

/** What the page shows while an administrator looks for the terminal. */
export interface Offer {
  readonly handle: string;
  readonly check: string;
  readonly ticket: string;
  /** RFC 3339; afterwards a new offer is made. */
  readonly expires: string;
}

const baseUrl = location.origin;
/** For routes that need no credential. */
const open = createOpenClient(baseUrl);

export const terminalScopes = ['subjects:identify', 'cases:open', 'releases:pull', 'matters:read'];

/** What a terminal for administration holds, and its operators have by their roles. */
export const administrationScopes = [
  'clients:manage',
  'catalogue:manage',
  'subjects:erase',
  'statistics:read',
  'ledger:audit',
  'matters:read',
] as const;

/** The scopes that a terminal of either kind holds: enough to make a passkey at it. */
export const scopesOfAnyTerminal = ['matters:read'];

/**
 * @param scopes of its tokens
 * @returns this browser as the terminal that it is, or null where it is none yet
 */
export async function findTerminal(scopes = terminalScopes): Promise<TerminalState | null> {
  const kept = await findKey('terminal');
  if (kept?.registered == null) return null;
  const { key, registered: client } = kept;
  return {
    is: 'terminal',
    client,
    api: createClient({ baseUrl, client, key, scopes }),
  };
}

/**
 * Offers this browser as a terminal.
 * @param invitation of the link by which the page was opened; null where an administrator types the
 * handle
 * @throws RequestFailed
 */
export async function offerTerminal(invitation: string | null): Promise<Offer> {
  const { key } = await findOrMakeKey('terminal');
  return answered(
    open.POST('/v1/terminal-offers', {
      params: { header: newCommand() },
      body: { jwk: { ...key.publicJwk }, invitation },
    }),
  );
}

/**
 * One look at how the offer stands. Where an administrator has said what the terminal is, the key
 * signs it.
 * @returns the terminal, once it is registered
 * @throws RequestFailed
 */
export async function followOffer({ ticket }: Offer): Promise<TerminalState | null> {
  const found = await answered(
    open.POST('/v1/terminal-offers/state', { params: { header: newCommand() }, body: { ticket } }),
  );
  if (found.state === 'registered' && found.client !== null) {
    await keyIsRegistered('terminal', found.client);
    return findTerminal();
  }
  if (found.state === 'described' && found.details !== null) {
    const { key } = await findOrMakeKey('terminal');
    const { name, department, window, town = null } = found.details;
    const { proof } = await proveClientKey(key, await cityOf(baseUrl), {
      kind: 'terminal',
      name,
      department,
      window,
      town,
    });
    await answered(
      open.POST('/v1/terminal-offers/proof', {
        params: { header: newCommand() },
        body: { ticket, proof },
      }),
    );
  }
  return null;
}
