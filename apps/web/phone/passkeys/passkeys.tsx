import { useEffect, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { keyDigits } from '#libs/verify';
import { useWords } from '../../shared/language.tsx';
import { type Trouble, TroubleNotice } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import { usePress } from '../use-press.ts';
import { noPasskeyHere } from './failure.ts';
import type { OwnPasskey } from './own.ts';

const zh = {
  title: '通行密钥',
  what: '有了通行密钥，同意时用指纹、面容或屏幕锁确认。没有它，这部手机照样能用；收回这部手机，它也一并失效。',
  address: '通行密钥属于域名，这个网址不能添加。',
  unsupported: '这部手机或浏览器没有设好指纹、面容或屏幕锁，不能添加通行密钥。这部手机照样能用。',
  add: '添加通行密钥',
  adding: '请按提示确认…',
  added: '已添加，以后同意时用它确认。',
  one: '使用中的通行密钥',
  digits: '核对码',
  revoke: '收回通行密钥',
  sure: '收回后，它同意而窗口尚未取走的一并失效。收回不能撤销。',
  keep: '不收回',
  confirm: '确认收回',
  sending: '正在送出…',
  passkey_refused: '没有添加：已取消，或等待超时。可以再试；不添加，这部手机照样能用。',
  passkey_elsewhere: '没有添加：这部手机不能在这个网址使用通行密钥。不添加，这部手机照样能用。',
  passkey_there: '这部手机上已有通行密钥，没有再添加。',
};
const en: typeof zh = {
  title: 'Passkey',
  what: 'With a passkey you confirm a yes by fingerprint, face or screen lock. Without one this phone works all the same; it ends when the phone’s key is taken back.',
  address: 'A passkey belongs to a name; at this address none can be added.',
  unsupported:
    'No fingerprint, face or screen lock is set up in this phone or browser, so no passkey can be added. The phone works all the same.',
  add: 'Add a passkey',
  adding: 'Confirm as the phone asks…',
  added: 'Added: from now on it confirms your yes.',
  one: 'Passkey in use',
  digits: 'Digits',
  revoke: 'Take the passkey back',
  sure: 'What it agreed to and no window has taken yet ends. This cannot be undone.',
  keep: 'Keep it',
  confirm: 'Take it back',
  sending: 'Sending…',
  passkey_refused:
    'Not added: it was cancelled or took too long. Try again; without one this phone works all the same.',
  passkey_elsewhere:
    'Not added: this phone uses no passkeys at this address. It works without one all the same.',
  passkey_there: 'This phone has a passkey already; none was added.',
};

/** The passkeys beside one phone's key, and on that phone itself the offer to add one. */
export function Passkeys({
  phone,
  listed,
  onChanged,
}: {
  readonly phone: Phone;
  readonly listed: Schemas['PhoneKeyOfHolder'];
  readonly onChanged: () => Promise<void>;
}) {
  const words = useWords({ zh, en });
  const inUse = listed.passkeys.filter(({ state }) => state === 'active');
  if (!listed.asking && inUse.length === 0) return null;
  return (
    <section className="stack" aria-label={words.title}>
      <p className="strong">{words.title}</p>
      {inUse.map((passkey) => (
        <Row key={passkey.jkt} phone={phone} passkey={passkey} onChanged={onChanged} />
      ))}
      {listed.asking ? (
        <Add phone={phone} first={inUse.length === 0} onChanged={onChanged} />
      ) : null}
    </section>
  );
}

function Add({
  phone,
  first,
  onChanged,
}: {
  readonly phone: Phone;
  readonly first: boolean;
  readonly onChanged: () => Promise<void>;
}) {
  const words = useWords({ zh, en });
  const [obstacle, setObstacle] = useState<'looking' | 'address' | 'unsupported' | null>('looking');
  const [added, setAdded] = useState(false);
  useEffect(() => {
    void noPasskeyHere().then(setObstacle);
  }, []);
  const add = usePress(async () => {
    const { makePasskey } = await import('./ceremonies.ts');
    await makePasskey(phone);
    setAdded(true);
    await onChanged();
  });
  if (obstacle === 'looking') return null;
  if (!first)
    return added ? (
      <p role="status" className="notice">
        {words.added}
      </p>
    ) : null;
  return (
    <>
      <p className="second">{words.what}</p>
      {add.trouble === null ? null : <AddTrouble trouble={add.trouble} />}
      {obstacle === null ? (
        <button type="button" className="big" disabled={add.busy} onClick={add.press}>
          {add.busy ? words.adding : words.add}
        </button>
      ) : (
        <p className="notice">{words[obstacle]}</p>
      )}
    </>
  );
}

function AddTrouble({ trouble }: { readonly trouble: Trouble }) {
  const words = useWords({ zh, en });
  const { code } = trouble;
  return code === 'passkey_refused' || code === 'passkey_elsewhere' || code === 'passkey_there' ? (
    <p role="alert" className="notice amber">
      {words[code]}
    </p>
  ) : (
    <TroubleNotice trouble={trouble} />
  );
}

function Row({
  phone,
  passkey: { jkt },
  onChanged,
}: {
  readonly phone: Phone;
  readonly passkey: OwnPasskey;
  readonly onChanged: () => Promise<void>;
}) {
  const words = useWords({ zh, en });
  const [asking, setAsking] = useState(false);
  const revoke = usePress(async (press) => {
    const params = { path: { jkt }, header: press.header };
    const body = { reason: 'not-wanted' } as const;
    await press.send(phone.api.POST('/v1/phone/passkeys/{jkt}/revoke', { params, body }));
    setAsking(false);
    await onChanged();
  });
  return (
    <>
      <p>
        {words.one} · {words.digits} <span className="mono">{keyDigits('phone', jkt)}</span>
      </p>
      {asking ? (
        <>
          <p className="notice amber">{words.sure}</p>
          <div className="equal">
            <button
              type="button"
              className="big"
              disabled={revoke.busy}
              onClick={() => {
                setAsking(false);
              }}
            >
              {words.keep}
            </button>
            <button
              type="button"
              className="big danger"
              disabled={revoke.busy}
              onClick={revoke.press}
            >
              {revoke.busy ? words.sending : words.confirm}
            </button>
          </div>
        </>
      ) : (
        <button
          type="button"
          className="link"
          onClick={() => {
            setAsking(true);
          }}
        >
          {words.revoke}
        </button>
      )}
      {revoke.trouble === null ? null : <TroubleNotice trouble={revoke.trouble} />}
    </>
  );
}
