import { createContext, useContext } from 'react';
import type { LedgerClient } from '#libs/api-client';
import { finishSignIn, isSignInOver, type OperatorSession } from '../shared/operator-session.ts';
import { findTerminal } from '../shared/terminal.ts';
import { type Trouble, troubleOf } from '../shared/trouble.ts';

/** By what right the window's page calls the city: the terminal's own token, or an operator's. */
export interface Session {
  readonly api: LedgerClient;
  /** The OAuth client id of the terminal. */
  readonly terminal: string;
  /** Null at a terminal that acts by itself. */
  readonly operator: OperatorSession | null;
}

export type Opening =
  | { readonly is: 'no-terminal' }
  | { readonly is: 'session'; readonly session: Session }
  /** The terminal is for operators: why nobody is signed in, where it was otherwise. */
  | { readonly is: 'signed-out'; readonly trouble: Trouble | null };

/** How the page begins: also where a sign-in comes back to. */
export async function openSession(): Promise<Opening> {
  const arrived = await finishSignIn();
  if (arrived?.is === 'session') {
    const { session } = arrived;
    const { api, terminal } = session;
    return { is: 'session', session: { api, terminal, operator: session } };
  }
  const found = await findTerminal();
  if (found?.is !== 'terminal') return { is: 'no-terminal' };
  if (arrived !== null)
    return {
      is: 'signed-out',
      trouble: arrived.trouble.code === 'access_denied' ? null : arrived.trouble,
    };
  const { api, client: terminal } = found;
  if (await isForOperators(api)) return { is: 'signed-out', trouble: null };
  return { is: 'session', session: { api, terminal, operator: null } };
}

/** The city says so when the terminal asks for its own board. */
async function isForOperators(api: LedgerClient): Promise<boolean> {
  const { error } = await api.GET('/v1/board').catch((error: unknown) => ({ error }));
  return error !== undefined && troubleOf(error).code === 'operator_missing';
}

const Current = createContext<Session | null>(null);
export const SessionProvider = Current.Provider;

export function useSession(): Session {
  const session = useContext(Current);
  if (session === null) throw new TypeError('the page has no session');
  return session;
}

/** Codes by which the city says that the terminal may do nothing any more. */
const over = new Set(['token_not_given', 'client_disabled', 'caller_unknown', 'client_unknown']);
export const isSessionOver = (code: string): boolean => over.has(code) || isSignInOver(code);
