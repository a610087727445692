import type { Language } from '../shared/language.tsx';

/** A time as people read it, in the offices' time zone. */
export const timeOf = (instant: string, language: Language): string =>
  new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'Asia/Shanghai',
  }).format(new Date(instant));

/** A thumbprint, in groups that two people can compare by voice. */
export const grouped = (text: string, by = 4): string =>
  text.match(new RegExp(`.{1,${by}}`, 'g'))?.join(' ') ?? text;
