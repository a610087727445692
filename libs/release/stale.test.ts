import { describe, expect, test } from '@jest/globals';
import type { EventStore } from '#libs/event-store';
import { MemoryEventStore } from '#libs/event-store/memory';
import { clientStream } from '#libs/identity';
import { plusSeconds } from '#libs/kernel';
import { bookOf, subjectStream } from '#libs/subject';
import { actingKeyOf } from '../../test/support/acting-key.js';
import { TestKey } from '../../test/support/keys.js';
import { OtherProcess, ReleaseScene } from '../../test/support/release-scene.js';

const idCard = { 姓名: '测试甲', 公民身份号码: '11010519491231002X', 住址: '某市某路1号' };

/**
 * Two processes on one store. This one has folded all that a release rests on; what happens in the
 * other is not told to it.
 */
async function warm() {
  const store = new MemoryEventStore('city.example');
  const here = new ReleaseScene(new OtherProcess(store));
  await here.known();
  const there = new ReleaseScene(new OtherProcess(store), here.clock, here.keys);
  const holder = here.person('11010519491231002X');
  const certificate = await here.certificate(holder.subject, 'ZZ001', idCard);
  there.held.push(...here.held);
  const first = await granted(here, holder);
  await here.pull(await here.token(first.atCase, first.consent));
  const { atCase, consent } = await granted(here, holder);
  return { here, there, holder, certificate, atCase, consent, first };
}
type Warm = Awaited<ReturnType<typeof warm>>;

async function granted(scene: ReleaseScene, holder: ReturnType<ReleaseScene['person']>) {
  const atCase = await scene.openFor(holder.number);
  const consent = await scene.request(atCase);
  await scene.grant(holder, consent);
  return { atCase, consent };
}

async function approveErasure(scene: ReleaseScene, subject: string): Promise<void> {
  const [erasure, first, second] = ['e', 'administrator-1', 'administrator-2'] as const;
  await scene.say(
    subjectStream(subject),
    {
      type: 'ErasureRequested',
      data: {
        erasure,
        by: first,
        requestedWith: actingKeyOf(first),
        reason: 'consent-withdrawn',
        expires: plusSeconds(scene.clock.now(), 3600),
      },
    },
    { type: 'ErasureApproved', data: { erasure, by: second, approvedWith: actingKeyOf(second) } },
  );
}

/** All that a release rests on, each taken away in the other process. */
const elsewhere: readonly {
  readonly of: string;
  readonly take: (on: Warm, at: Warm['first']) => Promise<unknown>;
  readonly refused: string;
  readonly withheld: string;
}[] = [
  {
    of: 'client that was disabled',
    take: ({ there }) =>
      there.say(clientStream('terminal-1'), {
        type: 'ClientDisabled',
        data: { reason: 'stolen' },
      }),
    refused: 'client_disabled',
    withheld: 'caller_disabled',
  },
  {
    of: 'client whose key was replaced',
    take: ({ here, there }) =>
      there.say(clientStream('terminal-1'), {
        type: 'ClientKeyRotated',
        data: {
          added: { kid: new TestKey().jkt, alg: 'EdDSA', jwk: {} },
          retired: [here.terminalKey.jkt],
        },
      }),
    refused: 'client_key_unknown',
    withheld: 'caller_key_replaced',
  },
  {
    of: 'phone that was taken back',
    take: ({ there, holder }) => there.revoke(holder),
    refused: 'consent_ended',
    withheld: 'phone_key_revoked',
  },
  {
    of: 'holder whose erasure was approved',
    take: ({ there, holder }) => approveErasure(there, holder.subject),
    refused: 'subject_key_destroyed',
    withheld: 'subject_erased',
  },
  {
    of: 'case that was closed',
    take: ({ there }, { atCase }) => there.close(atCase),
    refused: 'case_closed',
    withheld: 'case_moved',
  },
  {
    of: 'case to which the paper was brought',
    take: ({ there }, { atCase }) => there.bring(atCase, 'ZZ001'),
    refused: 'consent_ended',
    withheld: 'material_brought',
  },
  {
    of: 'certificate that was revoked',
    take: ({ there, certificate }) => there.change(certificate, 'CertificateRevoked'),
    refused: 'certificate_revoked',
    withheld: 'certificate_moved',
  },
  {
    of: 'book in which the consent was withdrawn',
    take: ({ there, holder }, { consent }) => there.withdraw(holder, consent),
    refused: 'consent_withdrawn',
    withheld: 'consent_withdrawn',
  },
];

describe.each(elsewhere)('a stale $of', ({ take, refused, withheld }) => {
  test('releases nothing: the ends of its streams are asked for afresh', async () => {
    const on = await warm();
    const { here, atCase, consent } = on;
    const token = await here.token(atCase, consent);
    await take(on, on);
    here.decrypted.length = 0;
    await expect(here.pull(token)).rejects.toMatchObject({ code: refused });
    expect(here.decrypted).toEqual([]);
  });

  test('shows nothing a second time', async () => {
    const on = await warm();
    const { here, first } = on;
    await take(on, first);
    here.decrypted.length = 0;
    await expect(here.readAgain(first.atCase, first.consent)).rejects.toMatchObject({
      code: refused,
    });
    expect(here.decrypted).toEqual([]);
  });

  test('is met by the last look, too', async () => {
    const on = await warm();
    const { here, atCase, consent } = on;
    const token = await here.token(atCase, consent);
    here.beforeLastLook = async () => {
      await take(on, on);
    };
    await expect(here.pull(token)).rejects.toMatchObject({
      code: 'release_withheld',
      facts: { reason: withheld },
    });
  });
});

/** From now on this process is told the ends of streams as they are at this moment. */
async function frozen(store: EventStore, stream: string): Promise<void> {
  const [end = null] = await store.streamHeads([stream]);
  const heads = store.streamHeads.bind(store);
  store.streamHeads = async (streams) => {
    const now = await heads(streams);
    return streams.map((each, n) => (each === stream ? end : (now[n] ?? null)));
  };
}

describe('a book that is served stale, its end included', () => {
  test('redeems nothing twice: the append is judged by the store', async () => {
    const { here, there, holder, atCase, consent } = await warm();
    const token = await here.token(atCase, consent);
    await frozen(here.store, bookOf(holder.subject));
    await there.pull(token, here.terminal);
    const before = await there.bookOf(holder.subject);
    await expect(here.pull(token)).rejects.toMatchObject({ code: 'version_conflict' });
    expect(await there.bookOf(holder.subject)).toEqual(before);
  });

  test('redeems nothing that was withdrawn', async () => {
    const { here, there, holder, atCase, consent } = await warm();
    const token = await here.token(atCase, consent);
    await frozen(here.store, bookOf(holder.subject));
    await there.withdraw(holder, consent);
    await expect(here.pull(token)).rejects.toMatchObject({ code: 'version_conflict' });
    expect((await there.bookOf(holder.subject)).at(-1)).toBe('ConsentWithdrawn');
  });
});

test('a case that no window had taken, as this process knows it, is read again', async () => {
  const { here, there, holder } = await warm();
  const atCase = await here.apply(holder);
  await expect(here.request(atCase)).rejects.toMatchObject({ code: 'case_not_taken' });
  await there.take(atCase, there.otherWindow);
  await expect(here.request(atCase)).rejects.toMatchObject({ code: 'case_of_another_window' });
  const consent = await here.request(atCase, ['ZZ001'], here.otherWindow);
  await there.withdrawCase(holder, atCase);
  await expect(here.token(atCase, consent, here.otherWindow)).rejects.toMatchObject({
    code: 'case_closed',
  });
});
