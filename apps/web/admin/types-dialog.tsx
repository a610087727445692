import { useState } from 'react';
import { useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { answered } from '../shared/trouble.ts';
import { Dialog } from '../window/parts/dialog.tsx';
import type { Client } from './clients.ts';
import { TextField } from './parts/field.tsx';
import { useCommand } from './use-command.ts';

const zh = {
  title: (name: string) => `“${name}”可颁发的种类`,
  codes: '证照种类编码',
  hint: '用空格分开，例：ZZ001 ZZ002。去掉的种类，已颁发的证照仍然有效，但不能再变更。',
  adds: (codes: string) => `增加：${codes}`,
  removes: (codes: string) => `去掉：${codes}`,
  save: '保存',
  cancel: '取消',
};
const en: typeof zh = {
  title: (name) => `What “${name}” may issue`,
  codes: 'Codes of certificate types',
  hint: 'With spaces between, as ZZ001 ZZ002. Certificates of a type that goes away stay valid, and are changed no more.',
  adds: (codes) => `Adds: ${codes}`,
  removes: (codes) => `Takes away: ${codes}`,
  save: 'Save',
  cancel: 'Cancel',
};

/** Which types an authority may issue, as a list; what changes is shown before it is saved. */
export function TypesDialog({
  client,
  authority: { name, types },
  onClose,
}: {
  readonly client: string;
  readonly authority: NonNullable<Client['authority']>;
  readonly onClose: () => void;
}) {
  const words = useWords({ zh, en });
  const [text, setText] = useState(types.join(' '));
  const codes = [...new Set(text.toUpperCase().match(/[A-Z]{2}\d{3}/g))];
  const add = codes.filter((code) => !types.includes(code));
  const remove = types.filter((code) => !codes.includes(code));
  const save = useCommand<{ readonly add: string[]; readonly remove: string[] }>(
    async (body, header, api) => {
      await answered(
        api.POST('/v1/clients/{client}/types', { params: { header, path: { client } }, body }),
      );
      onClose();
    },
  );
  return (
    <Dialog title={words.title(name)} onClose={onClose}>
      <TextField label={words.codes} hint={words.hint} value={text} mono onChange={setText} />
      {add.length === 0 ? null : <p>{words.adds(add.join(' '))}</p>}
      {remove.length === 0 ? null : <p>{words.removes(remove.join(' '))}</p>}
      {save.trouble === null ? null : <TroubleNotice trouble={save.trouble} />}
      <div className="buttons">
        <button type="button" className="button" onClick={onClose}>
          {words.cancel}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={codes.length === 0 || add.length + remove.length === 0 || save.busy}
          onClick={() => {
            save.press({ add, remove });
          }}
        >
          {words.save}
        </button>
      </div>
    </Dialog>
  );
}
