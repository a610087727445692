import { useWords } from './language.tsx';
import { useProblemTexts } from './problem-texts.ts';
import type { Trouble } from './trouble.ts';

export { answered, RequestFailed, type Trouble, troubleFrom } from './trouble.ts';

const zh = {
  offline: '没有网络，或暂时连接不到系统。请检查网络后重试，已办理的内容不会丢失。',
  unknown: '操作没有完成，请重试；仍不成功时请联系工作人员。',
  request: '查询编号',
};
const en: typeof zh = {
  offline:
    'No network, or the system cannot be reached. Check the network and try again; nothing that was done is lost.',
  unknown: 'This was not done. Try again; if it fails again, ask the staff.',
  request: 'Reference',
};

/** The text of a trouble in the visitor's language, with its code for support. */
export function TroubleNotice({ trouble }: { readonly trouble: Trouble }) {
  const words = useWords({ zh, en });
  const isOffline = trouble.code === 'offline';
  const texts = useProblemTexts(!isOffline);
  const text = isOffline ? words.offline : (texts[trouble.code] ?? words.unknown);
  return (
    <div role="alert" className="notice red">
      <p>{text}</p>
      {isOffline ? null : (
        <p className="mono">
          {trouble.code}
          {trouble.request === null ? null : ` · ${words.request} ${trouble.request}`}
        </p>
      )}
    </div>
  );
}
