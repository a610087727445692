import { useCallback, useEffect, useMemo, useState } from 'react';
import { type BrowserKey, keyIsRegistered } from '../shared/keys.ts';
import { useWords } from '../shared/language.tsx';
import { takeFragment } from '../shared/link.ts';
import { KeyRefused, keptKey, type NoKeyHere, phoneWith, wipeKey } from './city.ts';
import { ClockWrong, useSkew } from './clock-wrong.tsx';
import { enrolmentEntryIn } from './enrol/code.ts';
import { Enrol } from './enrol/enrol.tsx';
import { Waiting } from './enrol/waiting.tsx';
import { Home } from './home.tsx';
import { clockIsWrong } from './logic/city-clock.ts';
import { type ConsentQr, readConsentQr } from '#libs/api-client';
import { isOnline } from './online.ts';
import { PagesNotice } from './pages-notice.tsx';
import { Screen } from './screen.tsx';
import { Trial } from './trial.tsx';
import { useHiddenLong } from './use-hidden-long.ts';

const zh = {
  loading: '正在打开…',
  disabled: '这部手机已停用',
  disabledText: '它的密钥已收回，并已从这部手机删除。此前的用证记录不受影响。',
  again: '重新登记这部手机',
  insecure: '此网址不是安全连接，不能使用',
  insecureText: '请用 https 开头的网址打开本页，再登记手机。',
  storage: '这个浏览器窗口不能保存密钥',
  storageText: '您可能在使用无痕（隐私）模式，或浏览器关闭了网站数据。请用普通窗口打开本页。',
  cleared: '已收起您的信息',
  clearedText: '本页在后台超过 5 分钟，显示过的内容已清除。',
  show: '继续',
};
const en: typeof zh = {
  loading: 'Opening…',
  disabled: 'This phone is no longer in use',
  disabledText:
    'Its key was taken back and has been deleted from this phone. Your record of accesses stays as it is.',
  again: 'Enrol this phone again',
  insecure: 'This address is not secure and cannot be used',
  insecureText: 'Open this page by an address that begins with https, then enrol the phone.',
  storage: 'This browser window cannot keep a key',
  storageText:
    'You may be in a private window, or website data are switched off. Open this page in an ordinary window.',
  cleared: 'Your information was put away',
  clearedText:
    'The page was in the background for over 5 minutes; what it showed has been cleared.',
  show: 'Continue',
};

type State =
  | { readonly is: 'loading' | 'enrol' | 'disabled' | 'cleared' }
  | { readonly is: 'no-key'; readonly why: NoKeyHere }
  | { readonly is: 'offered' | 'phone'; readonly kept: BrowserKey };

/** What the address brought along; it is read once and taken out of the address. */
interface Brought {
  readonly code: string | null;
  /**
   * A request, without the digits of the link: they show that the holder stands at the window, and
   * a link may come from anywhere.
   */
  readonly consent: Pick<ConsentQr, 'consent'> | null;
}
const broughtIn = (): Brought => {
  const fragment = takeFragment().toString();
  const entry = enrolmentEntryIn(`#${fragment}`);
  const link = readConsentQr(`#${fragment}`);
  return {
    code: entry?.is === 'code' ? entry.code : null,
    consent: link === null ? null : { consent: link.consent },
  };
};

/**
 * What the page is just now, below the trial's mark where the city is one, and below what its
 * worker found of the pages.
 */
export function App() {
  return (
    <>
      <Trial />
      {isOnline ? null : <PagesNotice />}
      <Page />
    </>
  );
}

function Page() {
  const words = useWords({ zh, en });
  const [state, setState] = useState<State>({ is: 'loading' });
  const [brought, setBrought] = useState<Brought>(broughtIn);
  const skew = useSkew();
  const look = useCallback(() => {
    keptKey().then(
      (kept) => {
        if (kept === null) setState({ is: 'enrol' });
        else setState({ is: kept.registered === null ? 'offered' : 'phone', kept });
      },
      (error: unknown) => {
        setState({ is: 'no-key', why: error instanceof KeyRefused ? error.why : 'storage' });
      },
    );
  }, []);
  useEffect(look, [look]);
  useEffect(() => {
    const opened = () => {
      if (location.hash !== '') setBrought(broughtIn());
    };
    addEventListener('hashchange', opened);
    return () => {
      removeEventListener('hashchange', opened);
    };
  }, []);
  useHiddenLong(() => {
    setState((now) => (now.is === 'phone' ? { is: 'cleared' } : now));
  });
  const registered = state.is === 'phone' ? state.kept : null;
  const phone = useMemo(
    () =>
      registered &&
      phoneWith(registered.key, () => {
        void wipeKey(registered.key).finally(() => {
          setState({ is: 'disabled' });
        });
      }),
    [registered],
  );

  if (clockIsWrong(skew) && state.is !== 'no-key') return <ClockWrong skew={skew} />;
  switch (state.is) {
    case 'loading':
      return (
        <Screen title={words.loading}>
          <p role="status">{words.loading}</p>
        </Screen>
      );
    case 'no-key':
      return (
        <Screen title={words[state.why]}>
          <p role="alert" className="notice amber">
            {words[`${state.why}Text`]}
          </p>
        </Screen>
      );
    case 'enrol':
      return (
        <Enrol
          code={brought.code}
          onOffered={() => {
            setBrought({ ...brought, code: null });
            look();
          }}
        />
      );
    case 'offered':
      return (
        <Waiting
          offered={state.kept.key}
          onConfirmed={() => {
            const { jkt } = state.kept.key;
            void keyIsRegistered('phone', jkt, jkt).then(look);
          }}
          onAgain={() => {
            void wipeKey(state.kept.key).then(look);
          }}
        />
      );
    case 'phone':
      return phone === null ? null : (
        <Home phone={phone} link={brought.consent} unusedCode={brought.code !== null} />
      );
    case 'cleared':
      return (
        <Screen title={words.cleared}>
          <p>{words.clearedText}</p>
          <button type="button" className="big primary" onClick={look}>
            {words.show}
          </button>
        </Screen>
      );
    case 'disabled':
      return (
        <Screen title={words.disabled}>
          <p role="alert" className="notice amber">
            {words.disabledText}
          </p>
          <button type="button" className="big" onClick={look}>
            {words.again}
          </button>
        </Screen>
      );
  }
}
