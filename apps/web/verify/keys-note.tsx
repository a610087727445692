import { useRef, useState } from 'react';
import { useLanguage, useWords } from '../shared/language.tsx';
import { keysIn } from './city-keys.ts';
import { isOneFile } from './one-file.ts';
import { timeText } from './times.ts';
import type { Keys } from './use-keys.ts';

const zh = {
  label: '离线查验',
  none: '本机还没有本市的公钥。联网打开一次本页就会保存，之后断网也能查验。',
  noneInFile: '请先载入本市的密钥文件：在本市查验页（联网）点“保存密钥文件”得到。',
  have: '断网也能查验。本机保存的机关、日志和见证公钥取得于',
  log: '当时日志有',
  entries: '条',
  asking: '正在向本市查询…',
  silent: '没有联网，或本市没有应答。',
  refused: '本市现在给出的密钥不属于本机认识的日志，没有采用。请向出具机构核实。',
  file: '下载单文件查验页',
  save: '保存密钥文件',
  load: '载入密钥文件',
  wrong: '这不是密钥文件，或其中的签名不对，没有采用。',
};
const en: typeof zh = {
  label: 'Checking without network',
  none: 'This device has no keys of this city yet. Open this page once while online, and it will keep them.',
  noneInFile:
    'Load the city’s file of keys first: the city’s page makes it, online, by “Save the keys”.',
  have: 'Works without network. The keys of authorities, log and witnesses here are those of',
  log: 'when the log had',
  entries: 'entries',
  asking: 'Asking the city…',
  silent: 'No network, or the city does not answer.',
  refused:
    'The keys that the city gives now are not those of the log that this device knows, and were not taken. Ask the issuing authority.',
  file: 'Download this page as one file',
  save: 'Save the keys',
  load: 'Load the keys',
  wrong: 'This is no file of keys, or its signatures are wrong; it was not taken.',
};

/** What this device can check without network, how old that is, and how to take it along. */
export function KeysNote({ keys: { keys, answer, take } }: { readonly keys: Keys }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const file = useRef<HTMLInputElement>(null);
  const [isWrong, setWrong] = useState(false);
  const load = (chosen: File | undefined) => {
    if (chosen === undefined) return;
    void chosen
      .text()
      .then((text) => {
        take(keysIn(text));
        setWrong(false);
      })
      .catch(() => {
        setWrong(true);
      });
  };
  const save = () => {
    if (keys === null) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(
      new Blob([JSON.stringify(keys.kept, null, 1)], { type: 'application/json' }),
    );
    link.download = `verify-keys-${keys.city}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <footer aria-label={words.label}>
      <div role="status">
        {answer === 'refused' ? <p className="notice amber">{words.refused}</p> : null}
        {answer === 'asking' ? <p>{words.asking}</p> : null}
        {answer === 'silent' && !isOneFile ? <p>{words.silent}</p> : null}
        {isWrong ? <p className="notice amber">{words.wrong}</p> : null}
      </div>
      <p>
        {keys === null
          ? isOneFile
            ? words.noneInFile
            : words.none
          : `${words.have} ${timeText(keys.kept.cityTime / 1000, language)}${language === 'zh' ? '，' : ', '}${words.log} ${keys.size.toLocaleString('en')} ${words.entries}${language === 'zh' ? '。' : '.'}`}
      </p>
      <p className="links">
        {isOneFile ? (
          <button type="button" className="link" onClick={() => file.current?.click()}>
            {words.load}
          </button>
        ) : (
          <>
            <a className="link" href="/verify-offline" download="verify-offline.html">
              {words.file}
            </a>
            {keys === null ? null : (
              <button type="button" className="link" onClick={save}>
                {words.save}
              </button>
            )}
          </>
        )}
      </p>
      <input
        ref={file}
        type="file"
        hidden
        accept="application/json"
        aria-label={words.load}
        onChange={({ currentTarget }) => {
          load(currentTarget.files?.[0]);
          currentTarget.value = '';
        }}
      />
    </footer>
  );
}
