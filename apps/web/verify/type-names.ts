import names from 'virtual:type-names';
import type { Language } from '../shared/language.tsx';

/** What a type of certificate is called, as far as this page was made for it; else its code. */
export const typeName = (code: string, language: Language): string => {
  const name = names[code];
  return name === undefined ? code : name[language === 'zh' ? 0 : 1];
};
