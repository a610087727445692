import { useCallback, useEffect, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { Guides } from '../../shared/guides.tsx';
import { useWords } from '../../shared/language.tsx';
import { answered, type Trouble, TroubleNotice, troubleFrom } from '../../shared/problems.tsx';
import { Status } from '../../shared/status.tsx';
import type { Phone } from '../city.ts';
import { keyDigits } from '#libs/verify';
import { Screen } from '../screen.tsx';
import { usePress } from '../use-press.ts';
import { Passkeys } from '../passkeys/passkeys.tsx';

type Key = Schemas['PhoneKeyOfHolder'];

const zh = {
  title: '已登记的手机',
  what: '每部手机有一把自己的密钥。丢了手机，请在这里收回那部手机的密钥；没有别的手机时，请到窗口办理。',
  loading: '正在读取…',
  own: '这部手机',
  another: '另一部手机',
  active: '使用中',
  revoked: '已收回',
  by: '登记于',
  digits: '核对码',
  revoke: '收回这把密钥',
  sure: '收回后，那部手机不能再答复请求，它同意而窗口尚未取走的也一并失效。收回不能撤销。',
  sureOwn: '收回后，这部手机立即停用；要再用须到窗口重新登记。收回不能撤销。',
  confirm: '确认收回',
  keep: '不收回',
  sending: '正在送出…',
};
const en: typeof zh = {
  title: 'Enrolled phones',
  what: 'Each phone has a key of its own. If a phone is lost, take its key back here; without another phone, do it at a window.',
  loading: 'Loading…',
  own: 'This phone',
  another: 'Another phone',
  active: 'In use',
  revoked: 'Taken back',
  by: 'Enrolled at',
  digits: 'Digits',
  revoke: 'Take this key back',
  sure: 'That phone can then answer no request, and what it agreed to and no window has taken yet ends. This cannot be undone.',
  sureOwn:
    'This phone then stops at once; to use it again it is enrolled anew at a window. This cannot be undone.',
  confirm: 'Take it back',
  keep: 'Keep it',
  sending: 'Sending…',
};

/** Every key that was ever enrolled for the holder, so that a stranger's would be seen. */
export function Phones({ phone, onBack }: { readonly phone: Phone; readonly onBack: () => void }) {
  const words = useWords({ zh, en });
  const [keys, setKeys] = useState<readonly Key[] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const load = useCallback(async () => {
    try {
      setKeys((await answered(phone.api.GET('/v1/phone/keys'))).keys);
      setTrouble(null);
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
    }
  }, [phone]);
  useEffect(() => void load(), [load]);
  return (
    <Screen title={words.title} onBack={onBack}>
      <p className="second">{words.what}</p>
      {keys === null && trouble === null ? <p role="status">{words.loading}</p> : null}
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      <ul className="rows">
        {(keys ?? []).map((key) => (
          <Row key={key.jkt} phone={phone} listed={key} onChanged={load} />
        ))}
      </ul>
      <Guides only={['citizen']} />
    </Screen>
  );
}

function Row({
  phone,
  listed,
  onChanged,
}: {
  readonly phone: Phone;
  readonly listed: Key;
  readonly onChanged: () => Promise<void>;
}) {
  const words = useWords({ zh, en });
  const [asking, setAsking] = useState(false);
  const revoke = usePress(async (press) => {
    const params = { path: { jkt: listed.jkt }, header: press.header };
    const body = { reason: listed.asking ? 'not-wanted' : 'lost' } as const;
    await press.send(phone.api.POST('/v1/phone/keys/{jkt}/revoke', { params, body }));
    setAsking(false);
    // Of this phone's own key the city then says that it knows nobody by it.
    await onChanged();
  });
  const active = listed.state === 'active';
  return (
    <li className="stack">
      <div className="between">
        <span className="strong">{listed.asking ? words.own : words.another}</span>
        <Status tone={active ? 'green' : 'slate'}>{active ? words.active : words.revoked}</Status>
      </div>
      <p className="second">
        {words.by} {listed.department} · {words.digits}{' '}
        <span className="mono">{keyDigits('phone', listed.jkt)}</span>
      </p>
      {!active ? null : asking ? (
        <>
          <p className="notice amber">{listed.asking ? words.sureOwn : words.sure}</p>
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
      {active ? <Passkeys phone={phone} listed={listed} onChanged={onChanged} /> : null}
    </li>
  );
}
