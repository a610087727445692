import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/browser';
import { createOpenClient, newCommand } from '#libs/api-client';
import { type OperatorPage, startSignIn } from './operator-session.ts';
import { createSample } from './sample-passkey.ts';
import { findTerminal, scopesOfAnyTerminal } from './terminal.ts';
import { answered, RequestFailed } from './trouble.ts';

const waiting = 'sign-in-by';

/**
 * A trial's one-time link signs its clerk in: the invitation becomes a sample passkey of this
 * browser, with which the sign-in page goes on by itself.
 * @throws RequestFailed
 */
export async function signInByLink(invitation: string, page: OperatorPage): Promise<void> {
  await makeSample(invitation);
  await startSignInBySample(page);
}

/** @throws RequestFailed */
export async function makeSample(invitation: string): Promise<void> {
  const terminal = await findTerminal(scopesOfAnyTerminal);
  if (terminal?.is !== 'terminal')
    throw new RequestFailed({ code: 'client_unknown', request: null, facts: {} });
  const { api } = terminal;
  const { publicKey } = await answered(
    api.POST('/v1/operator-passkeys/options', {
      params: { header: newCommand() },
      body: { invitation },
    }),
  );
  const options = publicKey as unknown as PublicKeyCredentialCreationOptionsJSON;
  const credential = await createSample(options);
  await answered(
    api.POST('/v1/operator-passkeys', {
      params: { header: newCommand() },
      body: { invitation, credential },
    }),
  );
}

/** Leaves for the sign-in page, which asks nothing. */
async function startSignInBySample(page: OperatorPage): Promise<void> {
  sessionStorage.setItem(waiting, 'sample');
  await startSignIn(page);
}

/** At the sign-in page, once: whether it goes on with the sample. */
export function takeSampleSignIn(): boolean {
  const by = sessionStorage.getItem(waiting);
  sessionStorage.removeItem(waiting);
  return by === 'sample';
}

/** Whether the sample passkey is offered here: in a trial on this machine. */
export async function takesSamples(): Promise<boolean> {
  if (!/^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(location.hostname)) return false;
  const { data } = await createOpenClient(location.origin)
    .GET('/log/origin')
    .catch(() => ({ data: undefined }));
  return data?.trial === true;
}
