import { newCommand } from '#libs/api-client';
import { findTerminal, scopesOfAnyTerminal } from '../shared/terminal.ts';
import { answered, RequestFailed } from '../shared/trouble.ts';
import type { AccountAnswer, Interaction } from './interaction.ts';

const awayKey = 'sign-in-away';

/** Where operators sign in beside passkeys, as the city's issuer tells it; null where nowhere. */
export async function operatorsIssuer(): Promise<string | null> {
  const response = await fetch('/identity/.well-known/openid-configuration').catch(() => null);
  if (response?.ok !== true) return null;
  const { operators_issuer: issuer } = (await response.json()) as Record<string, unknown>;
  return typeof issuer === 'string' ? issuer : null;
}

/** Leaves for the operators' issuer, which sends the browser back here. @throws SignInFailed */
export async function goAway(
  uid: string,
  interaction: Interaction,
  invitation: string | null,
): Promise<void> {
  const location = await interaction.account(invitation);
  sessionStorage.setItem(awayKey, uid);
  globalThis.location.assign(location);
}

/** An answer of the operators' issuer, and the interaction that this tab left. */
export interface Back {
  /** Null where this tab left none. */
  readonly uid: string | null;
  readonly answer: AccountAnswer;
}

/**
 * At the load of the page: what the browser was sent back with. It leaves the address at once, and
 * is worth nothing to another browser or a second time.
 * @returns null where it does not come from there
 */
export function takeAnswer(): Back | null {
  const said = new URLSearchParams(location.search);
  const state = said.get('state');
  if (state === null) return null;
  history.replaceState(null, '', location.pathname);
  const uid = sessionStorage.getItem(awayKey);
  sessionStorage.removeItem(awayKey);
  return {
    uid,
    answer: { state, code: said.get('code'), iss: said.get('iss'), error: said.get('error') },
  };
}

/**
 * Hands the answer in; an account that is new is bound to the invitation first.
 * @returns where the browser goes on. @throws SignInFailed, RequestFailed
 */
export async function arrive(interaction: Interaction, answer: AccountAnswer): Promise<string> {
  const proved = await interaction.answer(answer);
  if (proved.statement === undefined) return proved.returnTo;
  const terminal = await findTerminal(scopesOfAnyTerminal);
  if (terminal?.is !== 'terminal')
    throw new RequestFailed({ code: 'client_unknown', request: null, facts: {} });
  await answered(
    terminal.api.POST('/v1/operator-accounts', {
      params: { header: newCommand() },
      body: { statement: proved.statement },
    }),
  );
  return interaction.bound();
}
