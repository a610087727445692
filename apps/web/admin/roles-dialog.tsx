import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { answered } from '../shared/trouble.ts';
import { Dialog } from '../window/parts/dialog.tsx';
import { useCommand } from './use-command.ts';

export type Operator = Schemas['OperatorView'];
export type Role = Operator['roles'][number];
type Texts = Readonly<Record<Role, string>>;

export const roleWords: { readonly zh: Texts; readonly en: Texts } = {
  zh: {
    clerk: '窗口人员',
    'second-operator': '复核人员',
    administrator: '管理员',
    auditor: '审计员',
  },
  en: {
    clerk: 'clerk',
    'second-operator': 'second operator',
    administrator: 'administrator',
    auditor: 'auditor',
  },
};
const meanings: { readonly zh: Texts; readonly en: Texts } = {
  zh: {
    clerk: '在窗口办件、取证',
    'second-operator': '在另一终端复核，不取证',
    administrator: '登记终端、机构、人员和目录；与另一位管理员共同批准删除',
    auditor: '查看概况、目录和记录，不能改动',
  },
  en: {
    clerk: 'handles cases at a window, and gets the data',
    'second-operator': 'looks again at another terminal, and gets no data',
    administrator: 'enrols terminals, authorities, staff; approves erasures with another one',
    auditor: 'sees overview, catalogue and records, and changes nothing',
  },
};
const roles: readonly Role[] = ['clerk', 'second-operator', 'administrator', 'auditor'];

const zh = {
  roles: '角色',
  title: (name: string) => `“${name}”的角色`,
  save: '保存',
  cancel: '取消',
};
const en: typeof zh = {
  roles: 'Roles',
  title: (name) => `Roles of “${name}”`,
  save: 'Save',
  cancel: 'Cancel',
};

/** Boxes for the roles, each with what it means. */
export function RoleBoxes({
  chosen,
  onChange,
}: {
  readonly chosen: readonly Role[];
  readonly onChange: (roles: readonly Role[]) => void;
}) {
  const words = useWords({ zh, en });
  const names = useWords(roleWords);
  const texts = useWords(meanings);
  return (
    <fieldset>
      <legend>{words.roles}</legend>
      {roles.map((role) => (
        <label key={role} className="choice">
          <input
            type="checkbox"
            checked={chosen.includes(role)}
            onChange={({ currentTarget: { checked } }) => {
              onChange(roles.filter((one) => (one === role ? checked : chosen.includes(one))));
            }}
          />
          <span>
            {names[role]} <small className="quiet">{texts[role]}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

export function RolesDialog({
  operator: { operator, name, roles: before },
  onClose,
}: {
  readonly operator: Operator;
  readonly onClose: () => void;
}) {
  const words = useWords({ zh, en });
  const [chosen, setChosen] = useState<readonly Role[]>(before);
  const save = useCommand<readonly Role[]>(async (now, header, api) => {
    await answered(
      api.POST('/v1/operators/{operator}/roles', {
        params: { header, path: { operator } },
        body: { roles: [...now] },
      }),
    );
    onClose();
  });
  return (
    <Dialog title={words.title(name ?? operator)} onClose={onClose}>
      <RoleBoxes chosen={chosen} onChange={setChosen} />
      {save.trouble === null ? null : <TroubleNotice trouble={save.trouble} />}
      <div className="buttons">
        <button type="button" className="button" onClick={onClose}>
          {words.cancel}
        </button>
        <button
          type="button"
          className="button primary"
          disabled={chosen.length === 0 || save.busy}
          onClick={() => {
            save.press(chosen);
          }}
        >
          {words.save}
        </button>
      </div>
    </Dialog>
  );
}
