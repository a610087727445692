import type { Language } from '../shared/language.tsx';

/** In Shanghai, whatever the device's zone is: papers say it so. @param seconds since 1970 */
export const timeText = (seconds: number, language: Language): string =>
  new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(new Date(seconds * 1000));

export const dayText = (seconds: number, language: Language): string =>
  new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    timeZone: 'Asia/Shanghai',
    dateStyle: 'medium',
  }).format(new Date(seconds * 1000));
