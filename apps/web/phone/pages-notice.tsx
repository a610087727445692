import { useWords } from '../shared/language.tsx';
import { usePagesFault } from '../shared/pages-worker/use-fault.ts';

const zh = {
  title: '本市现在给出的页面没有登记',
  what: '页面的每一版都须登记在存证日志中。现在给出的页面与登记的不一致，可能是故障，也可能有人改动了页面。',
  kept: '这部手机没有接受，仍用已登记的页面，您可以继续使用。',
  none: '这部手机还没有保存过已登记的页面，您看到的就是这样的页面：请先不要在此签署，可到窗口办理。',
  replaced:
    '负责核对页面的程序刚刚被替换，下次打开的页面可能没有登记：请先不要签署，可到窗口办理。',
  tell: '请把下面的代码告诉窗口工作人员或审计部门：',
};
const en: typeof zh = {
  title: 'The pages that the city serves now are not on record',
  what: 'Each version of these pages must be recorded in the public log. What the city serves now differs from the record: a fault, or somebody changed the pages.',
  kept: 'This phone has not taken them. It still uses the recorded pages, and you can go on.',
  none: 'This phone has no recorded pages yet, and what you see is such a page: do not sign here before a window has helped you.',
  replaced:
    'The program that checks these pages was replaced just now, and the page that you open next may be on no record: do not sign before a window has helped you.',
  tell: 'Tell a clerk or the auditors, with this code:',
};

/** Says so while the city serves pages that its log does not have: the worker found it. */
export function PagesNotice() {
  const words = useWords({ zh, en });
  const fault = usePagesFault('phone');
  if (fault === null) return null;
  return (
    <div role="alert" className="trial notice amber">
      <p className="strong">{words.title}</p>
      <p>{words.what}</p>
      <p>{words[fault.is]}</p>
      <p>
        {words.tell} <span className="mono">{fault.code}</span>
      </p>
    </div>
  );
}
