import { useWords } from '../shared/language.tsx';
import type { Liveness } from '../shared/live.ts';

const zh = {
  lost: '没有网络。显示的可能不是最新内容，恢复后自动更新。',
  polling: '没有实时连接，每秒查询一次，可以正常使用。',
};
const en: typeof zh = {
  lost: 'No network. What you see may be out of date; it is brought up to date by itself.',
  polling: 'No live connection: the page asks every second instead. You can go on.',
};

/** Says plainly that nothing new arrives, or not as it happens; it goes by itself. */
export function Offline({ liveness }: { readonly liveness: Liveness }) {
  const words = useWords({ zh, en });
  return (
    <div role="status" className="offline">
      {liveness === 'live' ? null : (
        <p className={liveness === 'lost' ? 'notice amber' : 'notice'}>{words[liveness]}</p>
      )}
    </div>
  );
}
