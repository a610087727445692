import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { QrCode } from '../shared/qr-code.tsx';
import { answered } from '../shared/trouble.ts';
import { Dialog } from '../window/parts/dialog.tsx';
import { timeOf } from './format.ts';
import { TextField } from './parts/field.tsx';
import { type Role, RoleBoxes } from './roles-dialog.tsx';
import { useCommand } from './use-command.ts';

export type Invited = Schemas['InvitedOperatorView'];

const zh = {
  title: '邀请工作人员',
  name: '姓名',
  nameHint: '加密保存，记录中只有随机编号。',
  department: '部门',
  departmentHint: '只能在本部门的终端登录；管理员和审计员用管理终端所在部门。',
  invite: '生成邀请',
  cancel: '取消',
  invited: (name: string) => `已邀请“${name}”`,
  once: '邀请链接只显示这一次，只能用一次。请当面交给本人，在本部门的终端上打开，并用本人的指纹、面容、PIN 或安全密钥创建通行密钥；本市使用统一身份的，管理员以外的人员改为登录并绑定本人账号。',
  until: (time: string) => `有效至 ${time}。`,
  qr: '邀请二维码',
  link: '邀请链接',
  copy: '复制链接',
  copied: '已复制',
  done: '已交给本人，关闭',
};
const en: typeof zh = {
  title: 'Invite a member of staff',
  name: 'Name',
  nameHint: 'Kept sealed; records have a random id alone.',
  department: 'Department',
  departmentHint:
    'They sign in at terminals of this department; administrators and auditors at those of administration.',
  invite: 'Make an invitation',
  cancel: 'Cancel',
  invited: (name) => `“${name}” is invited`,
  once: 'The link is shown this once, and works once. Hand it over in person: it is opened at a terminal of the department, where the person makes a passkey with the own finger, face, PIN or security key; where the city has an issuer of accounts, all but administrators sign in with their own account instead.',
  until: (time) => `Valid until ${time}.`,
  qr: 'QR code of the invitation',
  link: 'Link of the invitation',
  copy: 'Copy the link',
  copied: 'Copied',
  done: 'Handed over: close',
};

export function InviteDialog({
  departments,
  onInvited,
  onClose,
}: {
  readonly departments: readonly string[];
  readonly onInvited: (invited: Invited) => void;
  readonly onClose: () => void;
}) {
  const words = useWords({ zh, en });
  const [name, setName] = useState('');
  const [department, setDepartment] = useState('');
  const [roles, setRoles] = useState<readonly Role[]>(['clerk']);
  const invite = useCommand<Schemas['InviteOperatorDto']>(async (body, header, api) => {
    onInvited(await answered(api.POST('/v1/operators', { params: { header }, body })));
  });
  return (
    <Dialog title={words.title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          invite.press({ name: name.trim(), department: department.trim(), roles: [...roles] });
        }}
      >
        <TextField label={words.name} hint={words.nameHint} value={name} onChange={setName} />
        <TextField
          label={words.department}
          hint={words.departmentHint}
          value={department}
          list={departments}
          onChange={setDepartment}
        />
        <RoleBoxes chosen={roles} onChange={setRoles} />
        {invite.trouble === null ? null : <TroubleNotice trouble={invite.trouble} />}
        <div className="buttons">
          <button type="button" className="button" onClick={onClose}>
            {words.cancel}
          </button>
          <button
            type="submit"
            className="button primary"
            disabled={
              name.trim() === '' || department.trim() === '' || roles.length === 0 || invite.busy
            }
          >
            {words.invite}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

/** The invitation, once: link and QR code are in this dialog's memory alone. */
export function InvitedDialog({
  invited: { name, operator, roles, invitation, invitedUntil },
  onClose,
}: {
  readonly invited: Invited;
  readonly onClose: () => void;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const [copied, setCopied] = useState(false);
  const atAdmin = roles.some((role) => role === 'administrator' || role === 'auditor');
  const link = `${location.origin}/sign-in#invitation=${invitation}${atAdmin ? '&to=admin' : ''}`;
  return (
    <Dialog title={words.invited(name ?? operator)} onClose={onClose}>
      <p>{words.once}</p>
      {invitedUntil === null ? null : (
        <p className="quiet">{words.until(timeOf(invitedUntil, language))}</p>
      )}
      <div className="qr">
        <QrCode text={link} label={words.qr} />
      </div>
      <p className="mono small wrap" aria-label={words.link}>
        {link}
      </p>
      <div className="buttons">
        <button
          type="button"
          className="button"
          onClick={() => {
            navigator.clipboard.writeText(link).then(
              () => {
                setCopied(true);
              },
              () => undefined,
            );
          }}
        >
          {copied ? words.copied : words.copy}
        </button>
        <button type="button" className="button primary" data-focus onClick={onClose}>
          {words.done}
        </button>
      </div>
    </Dialog>
  );
}
