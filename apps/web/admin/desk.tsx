import { useEffect, useRef, useState } from 'react';
import { Guides } from '../shared/guides.tsx';
import { LanguageSwitch, useWords } from '../shared/language.tsx';
import { switchOperator } from '../shared/operator-session.ts';
import { TrialMark } from '../shared/trial-mark.tsx';
import { Authorities } from './authorities.tsx';
import { Catalogue } from './catalogue.tsx';
import { Erasures } from './erasures.tsx';
import { HealthSign, Overview } from './overview.tsx';
import { Operators } from './operators.tsx';
import { Records } from './records.tsx';
import { useAdmin } from './session.tsx';
import { Terminals } from './terminals.tsx';

const zh = {
  brand: '免证',
  page: '管理',
  sections: '管理事项',
  overview: '概况',
  terminals: '窗口与终端',
  authorities: '颁发机构与系统',
  operators: '工作人员',
  catalogue: '目录',
  erasures: '删除与保全',
  records: '记录',
  switchOperator: '换人登录',
  signOut: '退出',
};
const en: typeof zh = {
  brand: 'mianzheng',
  page: 'Administration',
  sections: 'Sections',
  overview: 'Overview',
  terminals: 'Windows and terminals',
  authorities: 'Authorities and systems',
  operators: 'Staff',
  catalogue: 'Catalogue',
  erasures: 'Erasures and holds',
  records: 'Records',
  switchOperator: 'Switch',
  signOut: 'Sign out',
};

const ofAdministrators = [
  'overview',
  'terminals',
  'authorities',
  'operators',
  'catalogue',
  'erasures',
] as const;
type Section = (typeof ofAdministrators)[number] | 'records';

/** What an administrator or an auditor works with, a section at a time. */
export function Desk({
  terminal,
  onEnd,
}: {
  readonly terminal: string | null;
  readonly onEnd: (code: string) => void;
}) {
  const words = useWords({ zh, en });
  const { session, isAdministrator, isAuditor } = useAdmin();
  const sections: readonly Section[] = [
    ...(isAdministrator ? ofAdministrators : (['overview', 'catalogue'] as const)),
    ...(isAuditor ? (['records'] as const) : []),
  ];
  const [section, setSection] = useState<Section>(
    terminal !== null && isAdministrator ? 'terminals' : 'overview',
  );
  const heading = useRef<HTMLHeadingElement>(null);
  const [moved, setMoved] = useState(0);
  useEffect(() => {
    if (moved > 0) heading.current?.focus();
  }, [moved]);
  return (
    <div className="admin">
      <header className="bar">
        <p className="brand">
          {words.brand} <small>{words.page}</small>
        </p>
        <TrialMark short />
        <HealthSign />
        <button
          type="button"
          className="in-bar"
          onClick={() => {
            void switchOperator(session, '/admin');
          }}
        >
          {words.switchOperator}
        </button>
        <button
          type="button"
          className="in-bar"
          onClick={() => {
            void session.signOut();
            onEnd('sign_in_over');
          }}
        >
          {words.signOut}
        </button>
        <LanguageSwitch className="in-bar" />
      </header>
      <nav className="sections" aria-label={words.sections}>
        {sections.map((one) => (
          <button
            key={one}
            type="button"
            aria-current={one === section ? 'page' : undefined}
            onClick={() => {
              setSection(one);
              setMoved((n) => n + 1);
            }}
          >
            {words[one]}
          </button>
        ))}
      </nav>
      <main>
        <h1 ref={heading} tabIndex={-1}>
          {words[section]}
        </h1>
        {section === 'overview' ? <Overview /> : null}
        {section === 'terminals' ? <Terminals handle={terminal} /> : null}
        {section === 'authorities' ? <Authorities /> : null}
        {section === 'operators' ? <Operators /> : null}
        {section === 'catalogue' ? <Catalogue /> : null}
        {section === 'erasures' ? <Erasures /> : null}
        {section === 'records' ? <Records /> : null}
      </main>
      <footer>
        <Guides only={isAdministrator ? ['administrator', 'head', 'clerk', 'citizen'] : ['head']} />
      </footer>
    </div>
  );
}
