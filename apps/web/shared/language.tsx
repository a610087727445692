import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';

export type Language = 'zh' | 'en';

/** The same words in both languages; a word that one of them lacks does not compile. */
export type Words<Zh> = { readonly zh: Zh; readonly en: Zh };

/** Chinese first. A page keeps a visitor's choices in localStorage, and nothing else. */
const chosen = (key: string): Language => (localStorage.getItem(key) === 'en' ? 'en' : 'zh');

const Current = createContext<{
  readonly language: Language;
  readonly choose: (language: Language) => void;
}>({ language: 'zh', choose: () => undefined });

/** @param keptAs another name where a page of the same browser has another reader */
export function Languages({
  children,
  keptAs: key = 'language',
}: {
  readonly children: ReactNode;
  readonly keptAs?: string;
}) {
  const [language, setLanguage] = useState<Language>(() => chosen(key));
  useEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  }, [language]);
  const choose = (next: Language) => {
    localStorage.setItem(key, next);
    setLanguage(next);
  };
  return <Current value={{ language, choose }}>{children}</Current>;
}

export const useLanguage = (): Language => useContext(Current).language;

export const useWords = <Zh,>(words: Words<Zh>): Zh => words[useLanguage()];

/** Switches between the two languages; its name is in the language that it leads to. */
export function LanguageSwitch({ className = 'button' }: { readonly className?: string }) {
  const { language, choose } = useContext(Current);
  const other = language === 'zh' ? 'en' : 'zh';
  return (
    <button
      type="button"
      className={className}
      lang={other === 'zh' ? 'zh-CN' : 'en'}
      aria-label={other === 'zh' ? '切换到中文' : 'EN – switch to English'}
      onClick={() => {
        choose(other);
      }}
    >
      {other === 'zh' ? '中文' : 'EN'}
    </button>
  );
}
