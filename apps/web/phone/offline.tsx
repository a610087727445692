import { useWords } from '../shared/language.tsx';

const zh = { offline: '没有网络。显示的可能不是最新内容。' };
const en: typeof zh = { offline: 'No network. What you see may be out of date.' };

/** Says plainly that nothing new arrives; it goes by itself. */
export function Offline({ reached }: { readonly reached: boolean }) {
  const words = useWords({ zh, en });
  return (
    <div role="status" className="offline">
      {reached ? null : <p className="notice amber">{words.offline}</p>}
    </div>
  );
}
