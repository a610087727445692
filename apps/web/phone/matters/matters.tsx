import { useEffect, useMemo, useRef, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { mayBeNumberOrCode } from '../../shared/search-text.ts';
import { TroubleNotice, troubleFrom, type Trouble } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import { Applications } from './applications.tsx';
import { type Catalogue, catalogueOf } from './catalogue.ts';
import { en as codesEn, zh as codesZh } from './words.ts';
import { useWhenBack } from '../use-when-back.ts';

type Matter = Schemas['MatterDto'];

const zh = {
  search: '查找事项',
  hint: '名称、拼音、首字母、部门或地名',
  none: '没有找到事项，请换一个词',
  number: '像是证件号码或办事码，没有发送。查找事项不需要号码。',
  found: (n: number) => (n === 1 ? '找到 1 项' : `找到 ${n} 项`),
  more: '显示更多',
};
const en: typeof zh = {
  search: 'Find a matter',
  hint: 'Name, pinyin, first letters, department or place',
  none: 'No matter found; try another word',
  number: 'This looks like a number or a code of a person and was not sent. None is needed here.',
  found: (n) => (n === 1 ? '1 matter found' : `${n} matters found`),
  more: 'Show more',
};

/** Milliseconds after a letter before the city is asked. */
const pause = 200;
const size = 10;

/** The tab of what one can apply for: a search, and one's own online cases below it. */
export function Matters({
  phone,
  onMatter,
  onCase,
}: {
  readonly phone: Phone;
  readonly onMatter: (code: string) => void;
  readonly onCase: (id: string) => void;
}) {
  const catalogue = useMemo(() => catalogueOf(phone), [phone]);
  return (
    <>
      <FindMatter catalogue={catalogue} onMatter={onMatter} />
      <Applications phone={phone} onOpen={onCase} />
    </>
  );
}

/** The search, and what it found. */
export function FindMatter({
  catalogue,
  onMatter,
}: {
  readonly catalogue: Catalogue;
  readonly onMatter: (code: string) => void;
}) {
  const words = useWords({ zh, en });
  const [typed, setTyped] = useState('');
  const [found, setFound] = useState<Schemas['MattersDto'] | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [round, setRound] = useState(0);
  const latest = useRef(0);
  const isNumber = mayBeNumberOrCode(typed);
  const q = isNumber ? '' : typed.trim();
  useEffect(() => {
    // An earlier answer that comes late is not shown.
    const asked = ++latest.current;
    if (q === '') {
      setFound(null);
      setTrouble(null);
      return undefined;
    }
    const timer = setTimeout(() => {
      catalogue.search({ q, size }).then(
        (answer) => {
          if (asked !== latest.current) return;
          setFound(answer);
          setTrouble(null);
        },
        (thrown: unknown) => {
          if (asked === latest.current) setTrouble(troubleFrom(thrown));
        },
      );
    }, pause);
    return () => {
      clearTimeout(timer);
    };
  }, [q, catalogue, round]);
  useWhenBack(trouble, () => {
    setRound(round + 1);
  });
  const more = () => {
    if (found === null) return;
    const asked = latest.current;
    const page = Math.floor(found.matters.length / size) + 1;
    catalogue.search({ q, size, page }).then(
      ({ matters, total }) => {
        if (asked === latest.current)
          setFound({ ...found, total, matters: [...found.matters, ...matters] });
      },
      (thrown: unknown) => {
        setTrouble(troubleFrom(thrown));
      },
    );
  };
  return (
    <>
      <div role="search" className="stack">
        <label htmlFor="matter" className="strong">
          {words.search}
        </label>
        <input
          id="matter"
          type="search"
          className="field"
          autoComplete="off"
          spellCheck={false}
          maxLength={60}
          aria-describedby="matter-hint"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
          }}
        />
        <p id="matter-hint" className="second small">
          {words.hint}
        </p>
      </div>
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      <p role="status" className="second">
        {isNumber
          ? words.number
          : found === null
            ? null
            : found.total === 0
              ? words.none
              : words.found(found.total)}
      </p>
      {found === null || found.matters.length === 0 ? null : (
        <ul className="rows">
          {found.matters.map((matter) => (
            <Row
              key={matter.code}
              matter={matter}
              onOpen={() => {
                onMatter(matter.code);
              }}
            />
          ))}
        </ul>
      )}
      {found === null || found.matters.length >= found.total ? null : (
        <button type="button" className="big" onClick={more}>
          {words.more}
        </button>
      )}
    </>
  );
}

function Row({ matter, onOpen }: { readonly matter: Matter; readonly onOpen: () => void }) {
  const language = useLanguage();
  const codes = useWords({ zh: codesZh, en: codesEn });
  return (
    <li>
      <button type="button" className="row" onClick={onOpen}>
        <span className="strong">{language === 'zh' ? matter.nameZh : matter.nameEn}</span>
        <span className="second">
          {[
            matter.place ?? codes.level[matter.level],
            language === 'zh' ? matter.department : (matter.departmentEn ?? matter.department),
          ].join(' · ')}
        </span>
      </button>
    </li>
  );
}
