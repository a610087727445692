import { useEffect, useRef, useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { useLook, useStream } from '../shared/live.ts';
import { answered } from '../shared/problems.tsx';
import type { Phone } from './city.ts';
import type { ConsentQr, Schemas } from '#libs/api-client';
import { ApplicationScreen } from './matters/application.tsx';
import { MatterScreen } from './matters/matter.tsx';
import { Matters } from './matters/matters.tsx';
import { isOnline } from './online.ts';
import { Offline } from './offline.tsx';
import { useNow } from './use-now.ts';
import { Accesses } from './records/accesses.tsx';
import { Certificates } from './records/certificates.tsx';
import { Phones } from './records/phones.tsx';
import { ShownCode } from './records/shown-code.tsx';
import { Request } from './requests/request.tsx';
import { Requests } from './requests/requests.tsx';
import { Screen } from './screen.tsx';
import { useDeeper } from './use-deeper.ts';

const zh = {
  requests: '待办',
  matters: '办事',
  certificates: '我的证照',
  accesses: '谁用过',
  code: '出示码',
  tabs: '功能',
  unused: '这部手机已登记，刚才的登记码没有使用。要改为他人登记，请先收回本机密钥。',
};
const en: typeof zh = {
  requests: 'To do',
  matters: 'Apply',
  certificates: 'My papers',
  accesses: 'Who used',
  code: 'My code',
  tabs: 'Parts',
  unused:
    'This phone is enrolled already, and the code was not used. To enrol it for somebody else, take its key back first.',
};

type Consent = Schemas['HolderConsentDto'];

const tabs = ['requests', 'matters', 'certificates', 'accesses', 'code'] as const;
type Tab = (typeof tabs)[number];

type Deeper =
  | { readonly request: ConsentQr }
  | { readonly matter: string }
  | { readonly application: string }
  | { readonly phones: true };

/** What an enrolled phone shows: five parts, and one screen over them. */
export function Home({
  phone,
  link,
  unusedCode,
}: {
  readonly phone: Phone;
  /** The request by whose link the page was opened. */
  readonly link: Pick<ConsentQr, 'consent'> | null;
  /** The page was opened by a code, though the phone is enrolled. */
  readonly unusedCode: boolean;
}) {
  const words = useWords({ zh, en });
  const [tab, setTab] = useState<Tab>(isOnline ? 'matters' : 'requests');
  const { deeper, go, back } = useDeeper<Deeper>();
  const [consents, setConsents] = useState<readonly Consent[] | null>(null);
  useStream(phone.live);
  const left = useRef(0);
  const liveness = useLook(
    phone.live,
    async () => {
      const before = left.current;
      const found = await answered(phone.api.GET('/v1/phone/consents'));
      if (before === left.current) setConsents(found.consents);
    },
    deeper === null,
  );
  // What was answered over the list is not shown as waiting when one comes back to it, nor is a
  // list that was on its way when one left.
  const isOver = deeper !== null;
  useEffect(() => {
    if (!isOver) return;
    left.current++;
    setConsents(null);
  }, [isOver]);
  const now = useNow();
  useEffect(() => {
    if (link !== null) go({ request: { ...link, number: null } });
  }, [link, go]);

  if (deeper !== null && 'request' in deeper)
    return (
      <Request
        key={deeper.request.consent}
        phone={phone}
        consent={deeper.request.consent}
        number={deeper.request.number}
        onBack={back}
      />
    );
  if (deeper !== null && 'matter' in deeper)
    return (
      <MatterScreen
        phone={phone}
        code={deeper.matter}
        onOpened={(application) => {
          go({ application });
        }}
        onBack={back}
      />
    );
  if (deeper !== null && 'application' in deeper)
    return (
      <ApplicationScreen
        phone={phone}
        id={deeper.application}
        onRequest={(consent) => {
          go({ request: { consent, number: null } });
        }}
        onBack={back}
      />
    );
  if (deeper !== null) return <Phones phone={phone} onBack={back} />;
  // At a desk the parts are chosen above, and read there first.
  const nav = (
    <nav className="tabs" aria-label={words.tabs}>
      {tabs.map((name) => (
        <button
          key={name}
          type="button"
          aria-current={name === tab ? 'page' : undefined}
          onClick={() => {
            setTab(name);
          }}
        >
          {words[name]}
        </button>
      ))}
    </nav>
  );
  return (
    <div className="home">
      {isOnline ? nav : null}
      <Screen key={tab} title={words[tab]}>
        <Offline liveness={liveness} />
        {unusedCode ? (
          <p role="status" className="notice">
            {words.unused}
          </p>
        ) : null}
        {tab === 'requests' ? (
          <Requests
            consents={consents}
            now={now}
            reached={liveness !== 'lost'}
            onOpen={(request) => {
              go({ request });
            }}
          />
        ) : null}
        {tab === 'matters' ? (
          <Matters
            phone={phone}
            onMatter={(matter) => {
              go({ matter });
            }}
            onCase={(application) => {
              go({ application });
            }}
          />
        ) : null}
        {tab === 'certificates' ? (
          <Certificates
            phone={phone}
            lost={liveness === 'lost'}
            onPhones={() => {
              go({ phones: true });
            }}
          />
        ) : null}
        {tab === 'accesses' ? <Accesses phone={phone} lost={liveness === 'lost'} /> : null}
        {tab === 'code' ? <ShownCode phone={phone} lost={liveness === 'lost'} /> : null}
      </Screen>
      {isOnline ? null : nav}
    </div>
  );
}
