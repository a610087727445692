import {
  beginSignIn,
  type ClientIdentity,
  createOperatorClient,
  type LedgerClient,
  OperatorTokens,
  type PendingSignIn,
} from '#libs/api-client';
import { findKey } from './keys.ts';
import { administrationScopes, terminalScopes } from './terminal.ts';
import { type Trouble, troubleFrom } from './trouble.ts';

/*
 * How a page has an operator signed in at this terminal.
 *
 *   const arrived = await finishSignIn();            // first thing at every load
 *   if (arrived?.is === 'session') use(arrived.session);
 *   else if (arrived?.is === 'failed') show(arrived.trouble);
 *   …
 *   await startSignIn('/window');                    // leaves the page
 *   const stop = endWhenIdle(session, 600_000, () => clearTheScreen());
 *
 * Tokens are in memory alone, so that a reload, a closed tab and a lock all end the sign-in.
 */

/** The pages to which a sign-in comes back. */
export type OperatorPage = '/window' | '/admin';

export interface OperatorSession {
  /** Calls the city as this operator at this terminal. */
  readonly api: LedgerClient;
  /** The OAuth client id of the terminal. */
  readonly terminal: string;
  /** As records name the operator. */
  readonly operator: string;
  readonly roles: readonly string[];
  /** Forgets the tokens at once, and has the city forget them. */
  signOut(): Promise<void>;
}

export type Arrival =
  | { readonly is: 'session'; readonly session: OperatorSession }
  /** `access_denied` where the operator cancelled. */
  | { readonly is: 'failed'; readonly trouble: Trouble };

const pendingKey = 'sign-in';
const invitedKey = 'sign-in-invited';

async function identity(page: OperatorPage): Promise<ClientIdentity | null> {
  const kept = await findKey('terminal');
  if (kept?.registered == null) return null;
  const { key, registered: client } = kept;
  const scopes = page === '/admin' ? administrationScopes : terminalScopes;
  return { baseUrl: location.origin, client, key, scopes };
}

/**
 * Leaves for the sign-in page, which comes back to `page` with a code.
 * @param invitation to which an account elsewhere is to be bound
 * @returns false where this browser is no terminal; otherwise the page is left
 */
export async function startSignIn(
  page: OperatorPage,
  invitation: string | null = null,
): Promise<boolean> {
  // What an earlier sign-in left behind would bind the account of whoever signs in now.
  sessionStorage.removeItem(invitedKey);
  const terminal = await identity(page);
  if (terminal === null) return false;
  const { url, pending } = await beginSignIn(terminal, location.origin + page);
  // Only for the way: finishSignIn takes it away before anything else.
  sessionStorage.setItem(pendingKey, JSON.stringify(pending));
  if (invitation !== null) sessionStorage.setItem(invitedKey, invitation);
  location.assign(url);
  return true;
}

/** At the sign-in page, once: the invitation with which it was begun. */
export function takeInvitation(): string | null {
  const invitation = sessionStorage.getItem(invitedKey);
  sessionStorage.removeItem(invitedKey);
  return invitation;
}

/**
 * At the load of a page: what a sign-in came to, where the browser comes from one. The code leaves
 * the address at once, and is worth nothing to another tab or terminal.
 * @param page that is loaded
 * @returns null where it does not come from one
 */
export async function finishSignIn(page: OperatorPage = '/window'): Promise<Arrival | null> {
  const answer = new URLSearchParams(location.search);
  const [code, error] = [answer.get('code'), answer.get('error')];
  if (code === null && error === null) return null;
  history.replaceState(null, '', location.pathname + location.hash);
  const kept = sessionStorage.getItem(pendingKey);
  sessionStorage.removeItem(pendingKey);
  if (code === null)
    return { is: 'failed', trouble: { code: error ?? '', request: null, facts: {} } };
  const terminal = await identity(page);
  if (kept === null || terminal === null)
    return { is: 'failed', trouble: { code: 'sign_in_foreign', request: null, facts: {} } };
  try {
    const pending = JSON.parse(kept) as PendingSignIn;
    const given = { code, state: answer.get('state') };
    const tokens = await OperatorTokens.redeem(terminal, pending, given);
    return { is: 'session', session: sessionOf(terminal, tokens) };
  } catch (thrown) {
    return { is: 'failed', trouble: troubleFrom(thrown) };
  }
}

const sessionOf = (terminal: ClientIdentity, tokens: OperatorTokens): OperatorSession => ({
  api: createOperatorClient(terminal, () => tokens.access()),
  terminal: terminal.client,
  operator: tokens.operator,
  roles: tokens.roles,
  signOut: () => tokens.end(),
});

/** Another operator takes the place: the first of two actions, the passkey is the second. */
export async function switchOperator(session: OperatorSession, page: OperatorPage): Promise<void> {
  await session.signOut();
  await startSignIn(page);
}

/** Codes by which the city says that nobody is signed in here any more. */
const over = new Set(['sign_in_over', 'operator_missing', 'operator_signed_out']);
export const isSignInOver = (code: string): boolean => over.has(code);

const touches = ['keydown', 'pointerdown', 'pointermove', 'wheel', 'touchstart'] as const;

/**
 * Ends the session when nobody has touched the terminal for so many milliseconds, by the wall clock
 * too: a device that slept is locked when it wakes. And where the back button brings the page
 * again, which then has its old memory.
 * @returns stops watching
 */
export function endWhenIdle(
  session: OperatorSession,
  after: number,
  onEnd: () => void,
): () => void {
  let last = Date.now();
  const touched = () => {
    if (Date.now() - last < after) last = Date.now();
  };
  const end = () => {
    stop();
    void session.signOut();
    onEnd();
  };
  const returned = ({ persisted }: PageTransitionEvent) => {
    if (persisted) end();
  };
  const stop = () => {
    clearInterval(timer);
    removeEventListener('pageshow', returned);
    for (const event of touches) removeEventListener(event, touched);
  };
  const timer = setInterval(
    () => {
      if (Date.now() - last >= after) end();
    },
    Math.min(after / 4, 5000),
  );
  addEventListener('pageshow', returned);
  for (const event of touches) addEventListener(event, touched, { passive: true });
  return stop;
}
