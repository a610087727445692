import type { Hall, Seen } from './hall.js';
import type { Population } from './population/population.js';
import { tries } from './tries.js';

/** What the ledger holds now. */
export function populationWords(
  { people, companies, papers }: Population,
  seconds: number,
  isNew: boolean,
): readonly string[] {
  const types = new Set(papers.map(({ type }) => type)).size;
  return [
    `试运行大厅 Trial hall: ${people.length} holders, ${companies.length} companies, ${papers.length} certificates of ${types} types, ` +
      `${isNew ? `issued in ${seconds.toFixed(1)} s` : 'there already'}. All of them are made up.`,
  ];
}

/** Whether kiosks can print e-proofs. */
export const sourceWords = (runs: boolean, records: number): string =>
  runs
    ? `证明数据源 Source of e-proofs: ${records} records, in a process of its own.`
    : '证明数据源没有启动，自助终端不能开具证明。The source of e-proofs did not start: kiosks make none.';

/** The links that are open, and what to do with them. */
export function linkWords({ windows, phones }: Hall): readonly string[] {
  const lines = tries.flatMap(({ department, typed, nameZh, nameEn }, n) => {
    const window = windows.find(({ is }) => is.department === department);
    const phone = phones[n];
    if (window === undefined || phone === undefined) return [];
    const { name, number } = phone.holder;
    return [
      '',
      `${n + 1}. ${nameZh} · ${nameEn}`,
      `   窗口 window  ${window.href}`,
      `   手机 phone   ${phone.href}`,
      `   在窗口 at the window: F2，${typed}，↓ ↵，${number} ↵ （${name}），F4；在手机上答复 answer on the phone.`,
    ];
  });
  const others = windows.filter(
    ({ is }) => !tries.some(({ department }) => department === is.department),
  );
  return [
    '两个链接各开一个浏览器窗口，并排放好。Open both links of a number in two browser windows, side by side.',
    '每个链接只能用一次，只在本机有效；手机链接 10 分钟内有效。Each works once, on this machine; a phone’s for 10 minutes.',
    ...lines,
    '',
    ...others.map(({ is, href }) => `另有 also: ${is.name}  ${href}`),
    '第 2、3 项请用另一个浏览器或用户配置：一个浏览器是一个终端、一部手机。For 2 and 3 take another browser or profile: one browser is one terminal and one phone.',
    '按回车显示新链接。Press Enter for new links.',
  ];
}

export function seenWords(seen: Seen): string {
  if (seen.is === 'window')
    return `✓ ${seen.window.name} 已登记，示例经办随即登录。The window is there; its made-up clerk signs in.`;
  const { name } = seen.holder;
  return seen.seen.is === 'enrolled'
    ? `✓ ${name} 的手机已登记（校验数字 ${seen.seen.check}）。The phone is there; it shows the same six digits.`
    : `○ ${name} 的手机链接已过期，按回车换新的。The phone’s link has expired: press Enter for a new one.`;
}
