import {
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  startAuthentication,
  startRegistration,
} from '@simplewebauthn/browser';
import { type ReactNode, useEffect, useState } from 'react';
import './sign-in.css';
import { newCommand } from '#libs/api-client';
import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { takeFragment } from '../shared/link.ts';
import { type OperatorPage, startSignIn } from '../shared/operator-session.ts';
import { TroubleNotice } from '../shared/problems.tsx';
import { findTerminal, scopesOfAnyTerminal } from '../shared/terminal.ts';
import { getSample, hasSample } from '../shared/sample-passkey.ts';
import { makeSample, takeSampleSignIn, takesSamples } from '../shared/sample-sign-in.ts';
import { answered } from '../shared/trouble.ts';
import { Interaction, type Terminal } from './interaction.ts';
import { type Failure, failureOf, obstacle } from './passkey.ts';
import { en, zh } from './words.ts';

/** What the page was opened for. */
type Reason =
  | { readonly is: 'interaction'; readonly uid: string }
  | { readonly is: 'invitation'; readonly invitation: string; readonly to: OperatorPage }
  | { readonly is: 'failed' | 'nothing' };

function reasonOf(fragment: URLSearchParams): Reason {
  const [uid, invitation] = [fragment.get('interaction'), fragment.get('invitation')];
  if (uid !== null) return { is: 'interaction', uid };
  const to = fragment.get('to') === 'admin' ? '/admin' : '/window';
  if (invitation !== null) return { is: 'invitation', invitation, to };
  return { is: fragment.has('error') ? 'failed' : 'nothing' };
}

/** Where an operator proves a passkey, or makes the first one. */
export function SignInPage() {
  const words = useWords({ zh, en });
  const [reason] = useState(() => reasonOf(takeFragment()));
  const [bySample] = useState(takeSampleSignIn);
  const samples = useSamples();
  const wrong = obstacle();
  if (samples === null) return <Frame title={words.title}>{null}</Frame>;
  // A sample passkey needs no authenticator, but the city's own address all the same.
  if (wrong !== null && !(wrong === 'unsupported' && samples.taken))
    return (
      <Frame title={words.title}>
        <p role="alert" className="notice red">
          {words[wrong]}
        </p>
      </Frame>
    );
  switch (reason.is) {
    case 'interaction':
      return <ProvePasskey uid={reason.uid} bySample={bySample} hasSample={samples.here} />;
    case 'invitation':
      return <MakePasskey {...reason} samples={samples.taken} />;
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

/** Whether this city takes sample passkeys, and this browser has one; null until that is known. */
function useSamples() {
  const [samples, setSamples] = useState<{ taken: boolean; here: boolean } | null>(null);
  useEffect(() => {
    const look = async () => {
      const taken = await takesSamples();
      setSamples({ taken, here: taken && (await hasSample()) });
    };
    look().catch(() => {
      setSamples({ taken: false, here: false });
    });
  }, []);
  return samples;
}

function ProvePasskey({
  uid,
  bySample,
  hasSample: isHere,
}: {
  readonly uid: string;
  /** The operator came by a trial's link, and is asked nothing. */
  readonly bySample: boolean;
  readonly hasSample: boolean;
}) {
  const words = useWords({ zh, en });
  const [interaction] = useState(() => new Interaction(uid));
  const [terminal, setTerminal] = useState<Terminal | null>(null);
  const { busy, failure, run } = useAct();
  useEffect(() => {
    run(async () => {
      setTerminal(await interaction.terminal());
      if (bySample && isHere) await proveBy(interaction, getSample);
    });
  }, [interaction, run, bySample, isHere]);
  const prove = () => proveBy(interaction, (optionsJSON) => startAuthentication({ optionsJSON }));
  const expired = failure?.is === 'trouble' && failure.trouble.code === 'sign_in_expired';
  return (
    <Frame title={words.title}>
      {terminal === null ? null : (
        <dl>
          <Fact name={words.department}>{terminal.department}</Fact>
          {terminal.window === null ? null : <Fact name={words.window}>{terminal.window}</Fact>}
          <Fact name={words.terminal}>{terminal.name}</Fact>
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
            <button
              type="button"
              className="button primary"
              disabled={busy}
              onClick={() => {
                run(prove);
              }}
            >
              {words.signIn}
            </button>
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
            {busy ? words.waiting : words.how}
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

function MakePasskey({
  invitation,
  to,
  samples,
}: {
  readonly invitation: string;
  readonly to: OperatorPage;
  readonly samples: boolean;
}) {
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
    <Frame title={words.invitationTitle}>
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
          <p>{words.invitationHow}</p>
          <Failed failure={failure} />
          <div className="actions">
            <button
              type="button"
              className="button primary"
              disabled={busy}
              onClick={() => {
                run(make);
              }}
            >
              {words.create}
            </button>
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

/** One act at a time; a second press while it runs does nothing. */
function useAct() {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const [run] = useState(() => {
    let running = false;
    return (act: () => Promise<void>) => {
      if (running) return;
      running = true;
      setBusy(true);
      setFailure(null);
      act()
        .catch((thrown: unknown) => {
          setFailure(failureOf(thrown));
        })
        .finally(() => {
          running = false;
          setBusy(false);
        });
    };
  });
  return { busy, failure, run };
}

function Frame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className="sign-in">
      <header>
        <h1>{title}</h1>
        <LanguageSwitch />
      </header>
      {children}
    </main>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Failed({ failure }: { readonly failure: Failure | null }) {
  const words = useWords({ zh, en });
  if (failure === null) return null;
  if (failure.is === 'trouble') return <TroubleNotice trouble={failure.trouble} />;
  return (
    <p role="alert" className="notice red">
      {words[failure.why]}
    </p>
  );
}

function ToWindow() {
  const words = useWords({ zh, en });
  return (
    <p>
      <a className="button" href="/window">
        {words.openWindow}
      </a>
    </p>
  );
}
