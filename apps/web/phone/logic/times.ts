import type { Language } from '../../shared/language.tsx';

/** Offices and their papers count in the city's time, wherever the phone is. */
const timeZone = 'Asia/Shanghai';
const locale = { zh: 'zh-CN', en: 'en-GB' } as const;

/** `14:03` */
export const timeOf = (instant: string): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' }).format(
    Date.parse(instant),
  );

/** `11月30日 14:03`, `30 Nov 14:03`; with the year where it is another than now. */
export function momentOf(instant: string, language: Language, now: number): string {
  const at = Date.parse(instant);
  const yearOf = (time: number) =>
    new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric' }).format(time);
  const day = new Intl.DateTimeFormat(locale[language], {
    timeZone,
    ...(yearOf(at) === yearOf(now) ? {} : { year: 'numeric' }),
    month: 'short',
    day: 'numeric',
  }).format(at);
  return `${day} ${timeOf(instant)}`;
}

/** `8:41`; what is over is `0:00`. */
export function countdown(until: string, now: number): string {
  const seconds = Math.max(0, Math.floor((Date.parse(until) - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** How a wrong clock is told: `1 小时 5 分`, `1 h 5 min`. */
export function spanOf(milliseconds: number, language: Language): string {
  const minutes = Math.round(Math.abs(milliseconds) / 60_000);
  const [days, hours, rest] = [
    Math.floor(minutes / 1440),
    Math.floor(minutes / 60) % 24,
    minutes % 60,
  ];
  const parts: readonly (readonly [number, string, string])[] = [
    [days, '天', 'd'],
    [hours, '小时', 'h'],
    [rest, '分钟', 'min'],
  ];
  return parts
    .filter(([count]) => count > 0)
    .slice(0, 2)
    .map(([count, zh, en]) => `${count} ${language === 'zh' ? zh : en}`)
    .join(' ');
}
