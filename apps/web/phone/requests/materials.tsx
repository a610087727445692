import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { TroubleNotice, troubleFrom, type Trouble } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import { readNotice } from '../logic/notice.ts';
import { type OwnValue, ownValues } from '../logic/own-values.ts';
import { type Certificate, wholeWallet } from '../logic/wallet.ts';

type Consent = Schemas['HolderConsentDto'];

const zh = {
  view: '查看',
  hide: '收起',
  viewOf: (name: string) => `查看${name}中您自己的内容`,
  hideOf: (name: string) => `收起${name}`,
  or: '或',
  none: '您没有有效的这种证照。同意后窗口会请您提交纸质材料。',
  loading: '正在读取…',
  comma: '、',
};
const en: typeof zh = {
  view: 'View',
  hide: 'Hide',
  viewOf: (name) => `View your own data: ${name}`,
  hideOf: (name) => `Hide ${name}`,
  or: 'or',
  none: 'You have no valid certificate of this type. The window will ask you for the paper.',
  loading: 'Loading…',
  comma: ', ',
};

/** What is asked, a row a material; one's own values are one tap away. */
export function Materials({
  phone,
  consent,
}: {
  readonly phone: Phone;
  readonly consent: Consent;
}) {
  const language = useLanguage();
  const asked = readNotice(consent, language);
  return (
    <ul className="materials">
      {consent.asks.map((ask, n) => (
        <Material
          key={ask.material}
          phone={phone}
          ask={ask}
          name={asked?.materials[n]?.name ?? ask.material}
          answers={asked?.materials[n]?.answers ?? ask.answers}
        />
      ))}
    </ul>
  );
}

function Material({
  phone,
  ask,
  name,
  answers,
}: {
  readonly phone: Phone;
  readonly ask: Consent['asks'][number];
  readonly name: string;
  readonly answers: readonly { readonly type: string; readonly fields: readonly string[] }[];
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const [shown, setShown] = useState<readonly Certificate[] | 'loading' | Trouble | null>(null);
  const open = () => {
    setShown('loading');
    wholeWallet(phone).then(
      (certificates) => {
        // Only what answers this material is kept, and only until it is hidden.
        setShown(certificates.filter((one) => ask.answers.some(({ type }) => type === one.type)));
      },
      (thrown: unknown) => {
        setShown(troubleFrom(thrown));
      },
    );
  };
  return (
    <li>
      <div className="between">
        <div>
          <h3>{name}</h3>
          {answers.map(({ type, fields }, n) => (
            <p key={type} className="second">
              {n === 0 ? null : <span className="or">{words.or} </span>}
              {answers.length > 1 || type !== name
                ? `${type}${language === 'zh' ? '：' : ': '}`
                : ''}
              {fields.join(words.comma)}
            </p>
          ))}
        </div>
        <button
          type="button"
          className="link"
          aria-expanded={shown !== null}
          aria-label={shown === null ? words.viewOf(name) : words.hideOf(name)}
          onClick={() => {
            if (shown === null) open();
            else setShown(null);
          }}
        >
          {shown === null ? words.view : words.hide}
        </button>
      </div>
      {shown === null ? null : shown === 'loading' ? (
        <p role="status">{words.loading}</p>
      ) : 'code' in shown ? (
        <TroubleNotice trouble={shown} />
      ) : (
        <Own values={ownValues(ask, shown, language)} />
      )}
    </li>
  );
}

function Own({ values }: { readonly values: readonly OwnValue[] }) {
  const words = useWords({ zh, en });
  if (values.length === 0)
    return (
      <p role="status" className="notice amber">
        {words.none}
      </p>
    );
  return (
    <dl className="values">
      {values.map(({ key, name, value }) => (
        <div key={key}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
