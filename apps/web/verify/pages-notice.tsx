import { useWords } from '../shared/language.tsx';
import { usePagesFault } from '../shared/pages-worker/use-fault.ts';

const zh = {
  title: '本市现在给出的查验页没有登记',
  what: '页面的每一版都须登记在存证日志中。现在给出的页面与登记的不一致，可能是故障，也可能有人改动了页面。',
  kept: '这台设备没有接受，仍用已登记的页面，可以继续查验。',
  none: '这台设备还没有保存过已登记的页面：请先不要相信本页的结果，可向出具机构核实。',
  replaced: '负责核对页面的程序刚刚被替换：请先不要相信本页的结果，可向出具机构核实。',
  code: '代码：',
};
const en: typeof zh = {
  title: 'The page that the city serves now is not on record',
  what: 'Each version of this page must be recorded in the public log. What the city serves now differs from the record: a fault, or somebody changed the page.',
  kept: 'This device has not taken it. It still uses the recorded page, and you can go on.',
  none: 'This device has no recorded page yet: do not rely on what this page says, and ask the issuing authority.',
  replaced:
    'The program that checks this page was replaced just now: do not rely on what this page says, and ask the issuing authority.',
  code: 'Code:',
};

/** Says so while the city serves pages that its log does not have: the worker found it. */
export function PagesNotice() {
  const words = useWords({ zh, en });
  const fault = usePagesFault('verify');
  if (fault === null) return null;
  return (
    <div role="alert" className="notice amber">
      <p className="strong">{words.title}</p>
      <p>{words.what}</p>
      <p>{words[fault.is]}</p>
      <p>
        {words.code} <span className="mono">{fault.code}</span>
      </p>
    </div>
  );
}
