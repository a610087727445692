import { createContext, useContext } from 'react';
import { finishSignIn, type OperatorSession } from '../shared/operator-session.ts';
import { findTerminal } from '../shared/terminal.ts';
import type { Trouble } from '../shared/trouble.ts';

/** How the page begins: also where a sign-in comes back to. */
export type Opening =
  | { readonly is: 'no-terminal' }
  | { readonly is: 'signed-out'; readonly trouble: Trouble | null }
  | { readonly is: 'session'; readonly session: OperatorSession };

export async function openAdmin(): Promise<Opening> {
  const arrived = await finishSignIn('/admin');
  if (arrived?.is === 'session') return { is: 'session', session: arrived.session };
  if ((await findTerminal()) === null) return { is: 'no-terminal' };
  const trouble = arrived?.trouble ?? null;
  return { is: 'signed-out', trouble: trouble?.code === 'access_denied' ? null : trouble };
}

export interface Admin {
  readonly session: OperatorSession;
  /** An administrator changes things, an auditor reads. */
  readonly isAdministrator: boolean;
  readonly isAuditor: boolean;
  /** Told of each trouble: one by which the sign-in is over ends the page. */
  readonly onTrouble: (trouble: Trouble) => void;
}

const Current = createContext<Admin | null>(null);
export const AdminProvider = Current.Provider;

export function useAdmin(): Admin {
  const admin = useContext(Current);
  if (admin === null) throw new TypeError('nobody is signed in');
  return admin;
}
