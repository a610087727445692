import { useEffect, useState } from 'react';
import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { QrCode } from '../shared/qr-code.tsx';
import { useLive } from '../shared/live.ts';
import { TroubleNotice } from '../shared/problems.tsx';
import { type Trouble, troubleFrom } from '../shared/trouble.ts';
import { TrialMark } from '../shared/trial-mark.tsx';
import { followOffer, type Offer, offerTerminal } from '../shared/terminal.ts';
import { clockTime } from './time.ts';

const zh = {
  title: '登记本终端',
  how: '请管理员在管理页的“窗口与终端”中输入或扫描下面的登记码，并核对两处的六位校验码完全一致，再填写部门和窗口。',
  qr: '登记码二维码',
  invited: '本页由登记链接打开。管理员核对六位校验码后，本页自动成为终端。',
  handle: '登记码',
  check: '校验码',
  until: (time: string) => `${time} 前有效，到时自动更换。`,
  waiting: '等待管理员确认',
  making: '正在取登记码…',
  offline: '网络断开，恢复后自动继续。',
  insecure:
    '此网址不是安全连接，浏览器不能在这里保存终端的密钥。请用 https 网址，或在本机用 http://localhost 打开。',
  again: '重新取登记码',
};
const en: typeof zh = {
  title: 'Enrol this terminal',
  how: 'An administrator types or scans this handle under “Windows and terminals” of the administration page, compares the six check digits in both places, and enters department and window.',
  qr: 'QR code of the handle',
  invited:
    'A link opened this page. It becomes a terminal by itself when the administrator has compared the six digits.',
  handle: 'Handle',
  check: 'Check digits',
  until: (time) => `Valid until ${time}; then a new one appears by itself.`,
  waiting: 'Waiting for the administrator',
  making: 'Getting a handle…',
  offline: 'No network; this goes on by itself.',
  insecure:
    'This address is not secure, and the browser keeps no key for it. Open it by https, or on this machine by http://localhost.',
  again: 'Get another handle',
};

/** Shows by what an administrator recognises this browser, until it is a terminal. */
export function EnrolPage({
  invitation,
  onTerminal,
}: {
  readonly invitation: string | null;
  readonly onTerminal: () => void;
}) {
  const words = useWords({ zh, en });
  const [offer, setOffer] = useState<Offer | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [given, setGiven] = useState(invitation);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (!isSecureContext) return undefined;
    let over = false;
    setOffer(null);
    setTrouble(null);
    offerTerminal(given).then(
      (made) => {
        if (!over) setOffer(made);
      },
      (thrown: unknown) => {
        if (!over) setTrouble(troubleFrom(thrown));
      },
    );
    return () => {
      over = true;
    };
  }, [given, round]);

  const renew = () => {
    setRound((n) => n + 1);
  };
  const reached = useLive(async () => {
    if (offer === null) {
      if (trouble?.code === 'offline') renew();
      return;
    }
    if (Date.parse(offer.expires) <= Date.now()) {
      renew();
      return;
    }
    try {
      const state = await followOffer(offer);
      if (state?.is === 'terminal') onTerminal();
    } catch (thrown) {
      const found = troubleFrom(thrown);
      if (found.code === 'offline') throw thrown;
      if (found.code === 'terminal_offer_absent') renew();
      else setTrouble(found);
    }
  }, isSecureContext);

  return (
    <main className="alone enrol">
      <header>
        <h1>{words.title}</h1>
        <LanguageSwitch />
      </header>
      <TrialMark />
      {!isSecureContext ? (
        <p role="alert" className="notice red">
          {words.insecure}
        </p>
      ) : (
        <>
          <p>{given === null ? words.how : words.invited}</p>
          <div aria-live="polite">
            {offer === null ? (
              <p className="notice">{words.making}</p>
            ) : (
              <>
                <dl>
                  {given === null ? (
                    <div>
                      <dt>{words.handle}</dt>
                      <dd className="mono">{grouped(offer.handle, 4)}</dd>
                    </div>
                  ) : null}
                  <div>
                    <dt>{words.check}</dt>
                    <dd className="mono">{grouped(offer.check, 3)}</dd>
                  </div>
                </dl>
                {given === null ? (
                  <div className="qr">
                    <QrCode
                      text={`${location.origin}/admin#terminal=${offer.handle}`}
                      label={words.qr}
                    />
                  </div>
                ) : null}
                <p className="quiet">{words.until(clockTime(offer.expires))}</p>
              </>
            )}
          </div>
          {reached ? null : <p className="notice amber">{words.offline}</p>}
          {trouble === null || trouble.code === 'offline' ? null : (
            <>
              <TroubleNotice trouble={trouble} />
              <button
                type="button"
                className="button"
                onClick={() => {
                  // A link is good for one device: without it the administrator types the handle.
                  setGiven(null);
                  renew();
                }}
              >
                {words.again}
              </button>
            </>
          )}
        </>
      )}
    </main>
  );
}

const grouped = (text: string, size: number): string =>
  text.match(new RegExp(`.{1,${size}}`, 'g'))?.join(' ') ?? text;
