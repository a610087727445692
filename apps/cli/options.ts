import { isAsOf, isOfLaterDay } from '#libs/certificate';
import { InvalidError, isCreditCode, shanghaiDay, SystemClock } from '#libs/kernel';

/** The value of an option that a command cannot work with. Facts name the option. */
export class OptionUnusable extends InvalidError<
  'credit_code_wrong' | 'number_wrong' | 'option_wrong'
> {}

/** @throws OptionUnusable, which says what may be chosen */
export function oneOf<Choice extends string>(
  option: string,
  text: string,
  choices: readonly Choice[],
): Choice {
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new OptionUnusable(
    'option_wrong',
    `${option} 应为其中之一 / is one of: ${choices.join(', ')}`,
    { option, choices },
  );
}

/** A whole number from 1 to `most`. @throws OptionUnusable */
export function wholeNumber(option: string, text: string, most: number, words = ''): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw new OptionUnusable(
    'number_wrong',
    `${option} 应为 1 至 ${most} 的整数${words === '' ? '' : `，或 ${words}`} / takes a whole number from 1 to ${most}${words === '' ? '' : `, or ${words}`}`,
    { option, most },
  );
}

/** A unified social credit code (GB 32100). @throws OptionUnusable */
export function creditCodeOf(option: string, text: string): string {
  if (isCreditCode(text)) return text;
  throw new OptionUnusable(
    'credit_code_wrong',
    `${option} 不是统一社会信用代码（18 位，校验码须正确）/ is no unified social credit code: 18 letters whose check fits`,
    { option },
  );
}

/** Of when something is, today at the latest. @throws OptionUnusable */
export function asOfTime(option: string, text: string): string {
  const today = shanghaiDay(new SystemClock().now());
  if (!isAsOf(text))
    throw new OptionUnusable(
      'option_wrong',
      `${option} 应为日期（2026-11-22）或上海时间（2026-11-22T18:30:00）/ takes a day, or a day and a time of Shanghai: 2026-11-22, 2026-11-22T18:30:00`,
      { option },
    );
  if (isOfLaterDay(text, today))
    throw new OptionUnusable(
      'option_wrong',
      `${option} 不得晚于今天（上海，${today}）/ is today at the latest, ${today} in Shanghai`,
      { option, today },
    );
  return text;
}
