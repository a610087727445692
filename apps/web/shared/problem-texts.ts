import { useEffect, useState } from 'react';
import { type Language, useLanguage } from './language.tsx';

/** By code: what it means, in one language. */
export type ProblemTexts = Readonly<Record<string, string>>;

const none: ProblemTexts = {};
const load: Readonly<Record<Language, () => Promise<{ readonly default: ProblemTexts }>>> = {
  zh: () => import('virtual:problems-zh'),
  en: () => import('virtual:problems-en'),
};

/**
 * What the codes mean in the visitor's language; empty until it is loaded. The other language is
 * loaded where the visitor switches to it.
 * @param areNeeded most visits need none of them
 */
export function useProblemTexts(areNeeded = true): ProblemTexts {
  const language = useLanguage();
  const [loaded, setLoaded] = useState<{
    readonly language: Language;
    readonly texts: ProblemTexts;
  } | null>(null);
  useEffect(() => {
    if (!areNeeded) return undefined;
    let isOver = false;
    load[language]().then(
      ({ default: texts }) => {
        if (!isOver) setLoaded({ language, texts });
      },
      () => undefined,
    );
    return () => {
      isOver = true;
    };
  }, [areNeeded, language]);
  return loaded?.language === language ? loaded.texts : none;
}
