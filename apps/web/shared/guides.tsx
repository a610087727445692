import { useLanguage, useWords } from './language.tsx';

/** Papers for people, in docs/guides; each is a page of its own, in both languages. */
export type Guide = 'clerk' | 'citizen' | 'administrator' | 'head';

const zh = {
  label: '说明',
  clerk: '窗口人员一页纸',
  citizen: '给群众的说明',
  administrator: '管理员指南',
  head: '部门负责人须知',
};
const en: typeof zh = {
  label: 'Guides',
  clerk: 'A clerk’s card',
  citizen: 'For citizens',
  administrator: 'For administrators',
  head: 'For heads of departments',
};

const all: readonly Guide[] = ['clerk', 'citizen', 'administrator', 'head'];

export function Guides({ only = all }: { readonly only?: readonly Guide[] }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  return (
    <nav className="guides" aria-label={words.label}>
      <ul>
        {only.map((guide) => (
          <li key={guide}>
            <a href={`/guides/${guide}.${language}`} target="_blank" rel="noreferrer">
              {words[guide]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
