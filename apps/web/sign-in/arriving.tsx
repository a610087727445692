import { useEffect, useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { arrive, type Back, goAway } from './account.ts';
import { Interaction, SignInFailed } from './interaction.ts';
import { Failed, Frame, ToWindow, useAct } from './parts.tsx';
import { en, zh } from './words.ts';

/** Where the operators' issuer sends the browser back: the page hands in what came with it. */
export function Arriving({ uid, answer }: Back) {
  const words = useWords({ zh, en });
  const [interaction] = useState(() => (uid === null ? null : new Interaction(uid)));
  const { busy, failure, run } = useAct();
  useEffect(() => {
    run(async () => {
      if (interaction === null)
        throw new SignInFailed({ code: 'sign_in_foreign', request: null, facts: {} });
      location.replace(await arrive(interaction, answer));
    });
  }, [interaction, answer, run]);
  return (
    <Frame title={words.title}>
      <Failed failure={failure} />
      {failure === null ? (
        <p className="notice" role="status">
          {words.arriving}
        </p>
      ) : (
        <>
          {uid === null || interaction === null ? null : (
            <div className="actions">
              <button
                type="button"
                className="button primary"
                disabled={busy}
                onClick={() => {
                  run(() => goAway(uid, interaction, null));
                }}
              >
                {words.signInThere}
              </button>
            </div>
          )}
          <ToWindow />
        </>
      )}
    </Frame>
  );
}
