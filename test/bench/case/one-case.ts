import { canonicalize } from '#libs/kernel';
import { type HolderOfPhone, material, matter, type Step } from './scene.js';
import type { Phone, Window } from './wire.js';

/**
 * One case from its opening to its end; `timed` is told how long each request took, in ms.
 * @returns whether the release came without its receipt, which is then to be fetched
 */
export async function oneCase(
  window: Window,
  phone: Phone,
  { number }: Pick<HolderOfPhone, 'number'>,
  timed: (step: Step, ms: number) => void,
): Promise<boolean> {
  const step = async <Answer>(name: Step, send: () => Promise<unknown>): Promise<Answer> => {
    const before = performance.now();
    const answer = await send();
    timed(name, performance.now() - before);
    return answer as Answer;
  };
  const opened = await step<{ case: string }>('open', () =>
    window.post('/v1/cases', {
      matter,
      participants: [{ role: 'applicant', identifier: { kind: '111', number } }],
    }),
  );
  const at = `/v1/cases/${opened.case}`;
  const { consent, number: digits } = await step<{ consent: string; number: string }>('ask', () =>
    window.post(`${at}/consents`, { role: 'applicant', materials: [material] }),
  );
  const onPhone = `/v1/phone/consents/${consent}`;
  const { notice } = await step<{ notice: { hash: string } }>('show', () => phone.get(onPhone));
  const payload = canonicalize({
    answer: 'grant',
    capacity: 'self',
    case: opened.case,
    consent,
    digits,
    iat: Math.floor(Date.now() / 1000),
    noticeHash: notice.hash,
  });
  const jws = phone.key.jws({ typ: 'consent-grant+jws', kid: phone.key.jkt }, payload);
  await step('grant', () => phone.post(`${onPhone}/grant`, { jws }));
  const { token } = await step<{ token: string }>('token', () =>
    window.post(`${at}/consents/${consent}/token`, {}),
  );
  const released = await step<Released>('pull', () => window.post('/v1/releases', { token }));
  if (released.handedOver.materials.length !== 1)
    throw new TypeError('a release of the measurement came without data');
  await step('close', () => window.post(`${at}/close`, { outcome: 'accepted' }));
  return released.receipt?.receipt === null;
}

interface Released {
  readonly handedOver: { readonly materials: readonly unknown[] };
  /** Of sides with a log. */
  readonly receipt?: { readonly receipt: string | null };
}
