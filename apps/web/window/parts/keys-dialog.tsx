import { useState } from 'react';
import { Guides } from '../../shared/guides.tsx';
import { useWords } from '../../shared/language.tsx';
import { useSession } from '../session.tsx';
import { chooseSingleKeys, singleKeysAct } from '../use-keys.ts';
import { words } from '../words.ts';
import { Dialog } from './dialog.tsx';

export function KeysDialog({ onClose }: { readonly onClose: () => void }) {
  const text = useWords(words);
  const { terminal } = useSession();
  const [act, setAct] = useState(singleKeysAct);
  return (
    <Dialog title={text.keysTitle} onClose={onClose}>
      <table className="key-list">
        <tbody>
          {text.keyList.map(([key, what]) => (
            <tr key={key}>
              <th scope="row">
                <kbd className="key">{key}</kbd>
              </th>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <label className="choice">
        <input
          type="checkbox"
          checked={act}
          onChange={(event) => {
            chooseSingleKeys(event.target.checked);
            setAct(event.target.checked);
          }}
        />
        {text.keysSingle}
      </label>
      <p className="quiet">
        {text.terminal} <span className="mono">{terminal}</span>
      </p>
      <Guides only={['clerk', 'citizen']} />
      <div className="buttons">
        <button type="button" className="button primary" data-focus onClick={onClose}>
          {text.done}
        </button>
      </div>
    </Dialog>
  );
}
