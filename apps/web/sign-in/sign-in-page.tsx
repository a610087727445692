import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { useEffect, useState } from 'react';
import './sign-in.css';
import { newCommand } from '#libs/api-client';
import { useWords } from '../shared/language.tsx';
import { takeFragment } from '../shared/link.ts';
import { type OperatorPage, startSignIn, takeInvitation } from '../shared/operator-session.ts';
import { findTerminal, scopesOfAnyTerminal } from '../shared/terminal.ts';
import { getSample, hasSample } from '../shared/sample-passkey.ts';
import { makeSample, takeSampleSignIn, takesSamples } from '../shared/sample-sign-in.ts';
import { answered } from '../shared/trouble.ts';
import { type Back, goAway, operatorsIssuer, takeAnswer } from './account.ts';
import { Arriving } from './arriving.tsx';
import { Interaction, type Terminal } from './interaction.ts';
import { Fact, Failed, Frame, ToWindow, useAct } from './parts.tsx';
import { obstacle } from './passkey.ts';
import { en, zh } from './words.ts';

/** What the page was opened for. */
type Reason =
  | { readonly is: 'interaction'; readonly uid: string }
  | { readonly is: 'invitation'; readonly invitation: string; readonly to: OperatorPage }
  | { readonly is: 'back'; readonly back: Back }
  | { readonly is: 'failed' | 'nothing' };

function reasonOf(fragment: URLSearchParams): Reason {
  const back = takeAnswer();
  if (back !== null) return { is: 'back', back };
  const [uid, invitation] = [fragment.get('interaction'), fragment.get('invitation')];
  if (uid !== null) return { is: 'interaction', uid };
  const to = fragment.get('to') === 'admin' ? '/admin' : '/window';
  if (invitation !== null) return { is: 'invitation', invitation, to };
  return { is: fragment.has('error') ? 'failed' : 'nothing' };
}

/** Where an operator proves a passkey or makes the first one, or goes to sign in elsewhere. */
export function SignInPage() {
  const words = useWords({ zh, en });
  const [reason] = useState(() => reasonOf(takeFragment()));
  const [bySample] = useState(takeSampleSignIn);
  const ways = useWays();
  const wrong = obstacle();
  if (ways === null) return <Frame title={words.title}>{null}</Frame>;
  const { samples, issuer } = ways;
  // A sample passkey needs no authenticator, but the city's own address all the same; an account
  // elsewhere needs neither.
  const isWithout = issuer !== null || (wrong === 'unsupported' && samples.taken);
  if (wrong !== null && (wrong === 'insecure' || !isWithout))
    return (
      <Frame title={words.title}>
        <p role="alert" className="notice red">
          {words[wrong]}
        </p>
      </Frame>
    );
  switch (reason.is) {
    case 'interaction':
      return (
        <Prove
          uid={reason.uid}
          bySample={bySample}
          hasSample={samples.here}
          issuer={issuer}
          passkeys={wrong === null}
        />
      );
    case 'invitation':
      return (
        <UseInvitation
          {...reason}
          samples={samples.taken}
          issuer={issuer}
          passkeys={wrong === null}
        />
      );
    case 'back':
      return <Arriving {...reason.back} />;
    case 'failed':
    case 'nothing':
      return (
        <Frame title={words.title}>
          <p role={reason.is === 'failed' ? 'alert' : undefined} className="notice">
            {words[reason.is]}
          </p>
          <ToWindow />
        </Frame>
      );
  }
}

/** What a page offers depends on. */
interface AtWays {
  /** The operators' issuer, where there is one. */
  readonly issuer: string | null;
  /** Whether this browser makes and proves passkeys at this address. */
  readonly passkeys: boolean;
}

interface Ways extends Pick<AtWays, 'issuer'> {
  /** Whether this city takes sample passkeys, and this browser has one. */
  readonly samples: { readonly taken: boolean; readonly here: boolean };
}

/** Null until that is known. */
function useWays(): Ways | null {
  const [ways, setWays] = useState<Ways | null>(null);
  useEffect(() => {
    const look = async () => {
      const [taken, issuer] = await Promise.all([takesSamples(), operatorsIssuer()]);
      setWays({ samples: { taken, here: taken && (await hasSample()) }, issuer });
    };
    look().catch(() => {
      setWays({ samples: { taken: false, here: false }, issuer: null });
    });
  }, []);
  return ways;
}

function Prove({
  uid,
  bySample,
  hasSample: isHere,
  issuer,
  passkeys,
}: {
  readonly uid: string;
  /** The operator came by a trial's link, and is asked nothing. */
  readonly bySample: boolean;
  readonly hasSample: boolean;
} & AtWays) {
  const words = useWords({ zh, en });
  const [interaction] = useState(() => new Interaction(uid));
  const [invitation] = useState(takeInvitation);
  const [terminal, setTerminal] = useState<Terminal | null>(null);
  const { busy, failure, run } = useAct();
  useEffect(() => {
    run(async () => {
      setTerminal(await interaction.terminal());
      if (bySample && isHere) await proveBy(interaction, getSample);
      // Who opened an invitation has pressed the button already.
      else if (invitation !== null) await goAway(uid, interaction, invitation);
    });
  }, [uid, interaction, run, bySample, isHere, invitation]);
  const prove = () => proveBy(interaction, (optionsJSON) => startAuthentication({ optionsJSON }));
  const expired = failure?.is === 'trouble' && failure.trouble.code === 'sign_in_expired';
  return (
    <Frame title={words.title}>
      {terminal === null ? null : (
        <dl>
          <Fact name={words.department}>{terminal.department}</Fact>
          {terminal.window === null ? null : <Fact name={words.window}>{terminal.window}</Fact>}
          <Fact name={words.terminal}>{terminal.name}</Fact>
          {issuer === null ? null : <Fact name={words.there}>{new URL(issuer).host}</Fact>}
        </dl>
      )}
      <Failed failure={failure} />
      {terminal === null || expired ? (
        busy ? (
          <p className="notice">{words.loading}</p>
        ) : (
          <ToWindow />
        )
      ) : (
        <>
          <div className="actions">
            {issuer === null ? null : (
              <button
                type="button"
                className="button primary"
                disabled={busy}
                onClick={() => {
                  run(() => goAway(uid, interaction, invitation));
                }}
              >
                {words.signInThere}
              </button>
            )}
            {passkeys ? (
              <button
                type="button"
                className={issuer === null ? 'button primary' : 'button'}
                disabled={busy}
                onClick={() => {
                  run(prove);
                }}
              >
                {issuer === null ? words.signIn : words.signInByPasskey}
              </button>
            ) : null}
            {isHere ? (
              <button
                type="button"
                className="button"
                disabled={busy}
                onClick={() => {
                  run(() => proveBy(interaction, getSample));
                }}
              >
                {words.signInBySample}
              </button>
            ) : null}
            <button
              type="button"
              className="button"
              disabled={busy}
              onClick={() => {
                run(async () => {
                  location.replace(await interaction.cancel());
                });
              }}
            >
              {words.cancel}
            </button>
          </div>
          <p className="how" role="status">
            {busy ? words.waiting : issuer === null ? words.how : words.howThere}
          </p>
        </>
      )}
    </Frame>
  );
}

async function proveBy(
  interaction: Interaction,
  answer: (options: PublicKeyCredentialRequestOptionsJSON) => Promise<object>,
): Promise<void> {
  const options = await interaction.challenge<PublicKeyCredentialRequestOptionsJSON>();
  location.replace(await interaction.prove(await answer(options)));
}

function UseInvitation({
  invitation,
  to,
  samples,
  issuer,
  passkeys,
}: {
  readonly invitation: string;
  readonly to: OperatorPage;
  readonly samples: boolean;
} & AtWays) {
  const words = useWords({ zh, en });
  const [state, setState] = useState<'opening' | 'no-terminal' | 'ready' | 'made'>('opening');
  const { busy, failure, run } = useAct();
  useEffect(() => {
    run(async () => {
      setState((await findTerminal()) === null ? 'no-terminal' : 'ready');
    });
  }, [run]);
  const make = async () => {
    const terminal = await findTerminal(scopesOfAnyTerminal);
    if (terminal?.is !== 'terminal') {
      setState('no-terminal');
      return;
    }
    const { api } = terminal;
    const { publicKey } = await answered(
      api.POST('/v1/operator-passkeys/options', {
        params: { header: newCommand() },
        body: { invitation },
      }),
    );
    const optionsJSON = publicKey as unknown as PublicKeyCredentialCreationOptionsJSON;
    const credential = await startRegistration({ optionsJSON });
    await answered(
      api.POST('/v1/operator-passkeys', {
        params: { header: newCommand() },
        body: { invitation, credential: { ...credential } },
      }),
    );
    setState('made');
  };
  return (
    <Frame title={issuer === null ? words.invitationTitle : words.accountTitle}>
      {state === 'opening' ? <p className="notice">{words.loading}</p> : null}
      {state === 'no-terminal' ? (
        <>
          <p role="alert" className="notice red">
            {words.noTerminal}
          </p>
          <ToWindow />
        </>
      ) : null}
      {state === 'ready' ? (
        <>
          <p>{issuer === null ? words.invitationHow : words.accountHow}</p>
          <Failed failure={failure} />
          <div className="actions">
            {issuer === null ? null : (
              <button
                type="button"
                className="button primary"
                disabled={busy}
                onClick={() => {
                  run(async () => {
                    await startSignIn(to, invitation);
                  });
                }}
              >
                {words.bindThere}
              </button>
            )}
            {passkeys ? (
              <button
                type="button"
                className={issuer === null ? 'button primary' : 'button'}
                disabled={busy}
                onClick={() => {
                  run(make);
                }}
              >
                {issuer === null ? words.create : words.createByAdministrator}
              </button>
            ) : null}
            {samples ? (
              <button
                type="button"
                className="button"
                disabled={busy}
                onClick={() => {
                  run(async () => {
                    await makeSample(invitation);
                    setState('made');
                  });
                }}
              >
                {words.createSample}
              </button>
            ) : null}
          </div>
          <p className="how" role="status">
            {busy ? words.waiting : ''}
          </p>
        </>
      ) : null}
      {state === 'made' ? (
        <>
          <p role="status" className="notice">
            {words.made}
          </p>
          <div className="actions">
            <button
              type="button"
              className="button primary"
              onClick={() => {
                void startSignIn(to);
              }}
            >
              {to === '/admin' ? words.toAdmin : words.toWindow}
            </button>
          </div>
        </>
      ) : null}
    </Frame>
  );
}
