import { useState } from 'react';
import { Guides } from '../../shared/guides.tsx';
import { useWords } from '../../shared/language.tsx';
import { TroubleNotice } from '../../shared/problems.tsx';
import { Scanner } from '../../shared/scan.tsx';
import { publicCatalogue } from '../matters/catalogue.ts';
import { MatterScreen } from '../matters/matter.tsx';
import { FindMatter } from '../matters/matters.tsx';
import { isOnline } from '../online.ts';
import { Screen } from '../screen.tsx';
import { useDeeper } from '../use-deeper.ts';
import { usePress } from '../use-press.ts';
import { enrolmentEntryIn } from './code.ts';
import { offerKey } from './offer.ts';

const zh = {
  title: '登记这部手机',
  online: '网上办事',
  titleAtDesk: '登记这台电脑',
  atDesk:
    '这里和手机页是同一页面。已登记的手机打开本页即可办事；也可以把自己的电脑登记为您的设备。公用电脑请勿登记。',
  what: '登记后，您可以在这部手机上查看窗口的请求，同意或不同意使用您的证照，并看到每一次使用。',
  how: '请到任一窗口核验身份，由工作人员给出登记码，10 分钟内有效。',
  scan: '扫窗口的登记码',
  stop: '不扫了',
  label: '或输入登记码',
  form: '4 个字母或数字，加 8 位数字，例：K7QD 0482 1377。',
  wrong: '这不是登记码。登记码是 4 个字母或数字，加 8 位数字，请检查后再试。',
  other: '这个二维码不是登记码，请扫窗口屏幕上的登记码。',
  go: '登记',
  going: '正在登记…',
  refused:
    '登记码不正确、已用过或已过期；最多可输入 5 次。请核对，或让工作人员重新给出一个登记码。',
  found: '已收到窗口的登记码，请点“登记”。',
  change: '改用别的登记码',
};
const en: typeof zh = {
  title: 'Enrol this phone',
  online: 'Apply online',
  titleAtDesk: 'Enrol this computer',
  atDesk:
    'This is the same page as on the phone. An enrolled phone can open it; or enrol a computer of your own as your device. Never enrol one that others use.',
  what: 'On an enrolled phone you see what a window asks for, agree or not, and see every use of your certificates.',
  how: 'Have your identity checked at any window. The clerk gives you an enrolment code, good for 10 minutes.',
  scan: 'Scan the window’s code',
  stop: 'Stop scanning',
  label: 'Or type the enrolment code',
  form: 'Four letters or digits, then eight digits, as K7QD 0482 1377.',
  wrong:
    'This is no enrolment code. It has four letters or digits, then eight digits: check it and try again.',
  other: 'This QR code is no enrolment code. Scan the one on the window’s screen.',
  go: 'Enrol',
  going: 'Enrolling…',
  refused:
    'The code is wrong, was used or has expired; it can be typed five times. Check it, or ask the clerk for a new one.',
  found: 'The window’s code has arrived. Press “Enrol”.',
  change: 'Use another code',
};

/**
 * The first screen of a phone that nobody knows: it offers a new key with a window's code. At a
 * desk a visitor also looks matters up before that.
 */
export function Enrol({
  code,
  onOffered,
}: {
  /** From the link by which the page was opened. */
  readonly code: string | null;
  readonly onOffered: () => void;
}) {
  const words = useWords({ zh, en });
  const { deeper: matter, go, back } = useDeeper<string>();
  const [typed, setTyped] = useState(code ?? '');
  /** Scanned or opened: nobody has to look at it. */
  const [received, setReceived] = useState(code !== null);
  const [scanning, setScanning] = useState(false);
  const [complaint, setComplaint] = useState<'wrong' | 'other' | null>(null);
  const offer = usePress(async (press) => {
    const found = enrolmentEntryIn(typed);
    if (found === null) {
      setComplaint('wrong');
      return;
    }
    setComplaint(null);
    await offerKey(press, found);
    onOffered();
  });
  const scanned = (text: string) => {
    const found = enrolmentEntryIn(text);
    setComplaint(found === null ? 'other' : null);
    if (found === null) return;
    setTyped(text);
    setReceived(true);
    setScanning(false);
  };
  if (matter !== null) return <MatterScreen phone={null} code={matter} onBack={back} />;
  return (
    <Screen title={isOnline ? words.online : words.title}>
      {isOnline ? (
        <>
          <FindMatter catalogue={publicCatalogue} onMatter={go} />
          <h2>{words.titleAtDesk}</h2>
          <p className="notice">{words.atDesk}</p>
        </>
      ) : null}
      <p>{words.what}</p>
      <p className="second">{words.how}</p>
      <Guides only={['citizen']} />
      {received ? null : (
        <>
          {scanning ? <Scanner onText={scanned} /> : null}
          <button
            type="button"
            className={scanning || typed !== '' ? 'big' : 'big primary'}
            onClick={() => {
              setScanning(!scanning);
            }}
          >
            {scanning ? words.stop : words.scan}
          </button>
        </>
      )}
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          offer.press();
        }}
      >
        {received ? (
          <p role="status" className="notice">
            {words.found}
          </p>
        ) : (
          <>
            <label htmlFor="code">{words.label}</label>
            <input
              id="code"
              className="field mono"
              autoComplete="off"
              autoCapitalize="off"
              autoCorrect="off"
              spellCheck={false}
              value={typed}
              aria-describedby="code-form"
              aria-invalid={complaint === 'wrong'}
              onChange={(event) => {
                setTyped(event.currentTarget.value);
                setComplaint(null);
              }}
            />
            <p id="code-form" className="second small">
              {words.form}
            </p>
          </>
        )}
        {complaint === null ? null : (
          <p role="alert" className="notice red">
            {words[complaint]}
          </p>
        )}
        {offer.trouble === null ? null : offer.trouble.code === 'enrolment_code_refused' ? (
          <p role="alert" className="notice red">
            {words.refused}
          </p>
        ) : (
          <TroubleNotice trouble={offer.trouble} />
        )}
        <button type="submit" className="big primary" disabled={offer.busy || typed === ''}>
          {offer.busy ? words.going : words.go}
        </button>
        {received ? (
          <button
            type="button"
            className="link"
            disabled={offer.busy}
            onClick={() => {
              setReceived(false);
              setTyped('');
            }}
          >
            {words.change}
          </button>
        ) : null}
      </form>
    </Screen>
  );
}
