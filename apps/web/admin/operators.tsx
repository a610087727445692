import { useState } from 'react';
import type { LedgerClient, Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { Status, type Tone } from '../shared/status.tsx';
import { answered } from '../shared/trouble.ts';
import { departmentsOf, useClients } from './clients.ts';
import { timeOf } from './format.ts';
import { type Invited, InviteDialog, InvitedDialog } from './invite-dialog.tsx';
import { Field } from './parts/field.tsx';
import { ReasonDialog } from './parts/reason-dialog.tsx';
import type { Reason } from './reason-words.ts';
import { type Operator, RolesDialog, roleWords } from './roles-dialog.tsx';
import { useAdmin } from './session.tsx';
import { useAnswer, useCommand } from './use-command.ts';

const zh = {
  invite: '邀请工作人员',
  department: '部门',
  all: '全部部门',
  none: '没有工作人员。',
  name: '姓名',
  erased: '（姓名已删除）',
  roles: '角色',
  state: '状态',
  states: { invited: '待首次登录', enabled: '启用', disabled: '已停用' } satisfies Record<
    Operator['state'],
    string
  >,
  until: (time: string) => `邀请有效至 ${time}`,
  lapsed: '没有有效的邀请',
  self: '本人',
  changeRoles: '改角色',
  again: '重新邀请',
  againTitle: (name: string) => `重新邀请“${name}”`,
  againText:
    '原有通行密钥或账号绑定立即失效，已登录的一秒内退出。请当面确认是本人，再把新的邀请链接交给本人。',
  disable: '停用',
  enable: '启用',
  disableTitle: (name: string) => `停用“${name}”`,
  enableTitle: (name: string) => `重新启用“${name}”`,
  disableText: '停用后，该人员在所有终端一秒内退出，屏幕清空。',
  enableText: '重新启用后，该人员可用原有通行密钥或账号登录。',
  acts: '操作',
};
const en: typeof zh = {
  invite: 'Invite a member of staff',
  department: 'Department',
  all: 'All departments',
  none: 'There is no staff.',
  name: 'Name',
  erased: '(name erased)',
  roles: 'Roles',
  state: 'State',
  states: { invited: 'not signed in yet', enabled: 'enabled', disabled: 'disabled' },
  until: (time) => `invited until ${time}`,
  lapsed: 'no invitation is open',
  self: 'yourself',
  changeRoles: 'Roles',
  again: 'Invite again',
  againTitle: (name) => `Invite “${name}” again`,
  againText:
    'The passkey, or the bound account, ends at once, and whoever is signed in with it is out within a second. Be sure that it is the person, and hand the new link over in person.',
  disable: 'Disable',
  enable: 'Enable',
  disableTitle: (name) => `Disable “${name}”`,
  enableTitle: (name) => `Enable “${name}” again`,
  disableText: 'Within a second the person is out at every terminal, and the screens are cleared.',
  enableText: 'The person can sign in as before.',
  acts: 'Actions',
};

const tones: Readonly<Record<Operator['state'], Tone>> = {
  invited: 'amber',
  enabled: 'green',
  disabled: 'slate',
};

async function operatorsOf(api: LedgerClient, department: string): Promise<readonly Operator[]> {
  const operators: Operator[] = [];
  let after: string | null = null;
  do {
    const query: { department?: string; after?: string } = {
      ...(department === '' ? {} : { department }),
      ...(after === null ? {} : { after }),
    };
    const page: Schemas['OperatorPageView'] = await answered(
      api.GET('/v1/operators', { params: { query } }),
    );
    operators.push(...page.operators);
    after = page.next;
  } while (after !== null);
  return operators;
}

/** Members of staff, with their roles. */
export function Operators() {
  const words = useWords({ zh, en });
  const { data: clients } = useClients();
  const [department, setDepartment] = useState('');
  const [inviting, setInviting] = useState(false);
  const [invited, setInvited] = useState<Invited | null>(null);
  const { data, trouble } = useAnswer(['operators-of', department], (api) =>
    operatorsOf(api, department),
  );
  const departments = departmentsOf(clients);
  return (
    <>
      <div className="tools">
        <button
          type="button"
          className="button primary"
          onClick={() => {
            setInviting(true);
          }}
        >
          {words.invite}
        </button>
        <Field label={words.department}>
          {(id) => (
            <select
              id={id}
              className="field"
              value={department}
              onChange={({ currentTarget: { value } }) => {
                setDepartment(value);
              }}
            >
              <option value="">{words.all}</option>
              {departments.map((one) => (
                <option key={one} value={one}>
                  {one}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      {data?.length === 0 ? <p className="notice">{words.none}</p> : null}
      {data === null || data.length === 0 ? null : (
        <div className="sheet">
          <table>
            <thead>
              <tr>
                <th scope="col">{words.name}</th>
                <th scope="col">{words.department}</th>
                <th scope="col">{words.roles}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.acts}</th>
              </tr>
            </thead>
            <tbody>
              {data
                .toSorted((a, b) => a.department.localeCompare(b.department, 'zh-CN'))
                .map((operator) => (
                  <Row key={operator.operator} operator={operator} onInvited={setInvited} />
                ))}
            </tbody>
          </table>
        </div>
      )}
      {inviting ? (
        <InviteDialog
          departments={departments}
          onInvited={(made) => {
            setInviting(false);
            setInvited(made);
          }}
          onClose={() => {
            setInviting(false);
          }}
        />
      ) : null}
      {invited === null ? null : (
        <InvitedDialog
          invited={invited}
          onClose={() => {
            setInvited(null);
          }}
        />
      )}
    </>
  );
}

function Row({
  operator: found,
  onInvited,
}: {
  readonly operator: Operator;
  readonly onInvited: (invited: Invited) => void;
}) {
  const words = useWords({ zh, en });
  const roleNames = useWords(roleWords);
  const language = useLanguage();
  const { session } = useAdmin();
  const { operator, department, roles, state, invitedUntil } = found;
  const name = found.name ?? words.erased;
  const [asking, setAsking] = useState<'standing' | 'again' | 'roles' | null>(null);
  const close = () => {
    setAsking(null);
  };
  const isDisabled = state === 'disabled';
  const standing = useCommand<Reason>(async (reason, header, api) => {
    const params = { header, path: { operator } };
    await answered(
      isDisabled
        ? api.POST('/v1/operators/{operator}/enable', { params, body: { reason } })
        : api.POST('/v1/operators/{operator}/disable', { params, body: { reason } }),
    );
    close();
  });
  const again = useCommand<Reason>(async (_, header, api) => {
    const params = { header, path: { operator } };
    const made = await answered(api.POST('/v1/operators/{operator}/invite-again', { params }));
    close();
    onInvited(made);
  });
  const isOpen = invitedUntil !== null && Date.parse(invitedUntil) > Date.now();
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{department}</td>
      <td>{roles.map((role) => roleNames[role]).join(language === 'zh' ? '、' : ', ')}</td>
      <td>
        <Status tone={tones[state]}>{words.states[state]}</Status>
        {state !== 'invited' ? null : (
          <small className="quiet block">
            {isOpen ? words.until(timeOf(invitedUntil, language)) : words.lapsed}
          </small>
        )}
      </td>
      <td>
        {operator === session.operator ? (
          words.self
        ) : (
          <div className="acts">
            {isDisabled ? null : (
              <>
                <Act
                  label={words.changeRoles}
                  name={name}
                  onPress={() => {
                    setAsking('roles');
                  }}
                />
                <Act
                  label={words.again}
                  name={name}
                  onPress={() => {
                    setAsking('again');
                  }}
                />
              </>
            )}
            <Act
              label={isDisabled ? words.enable : words.disable}
              name={name}
              onPress={() => {
                setAsking('standing');
              }}
            />
          </div>
        )}
        {asking === 'roles' ? <RolesDialog operator={found} onClose={close} /> : null}
        {asking === 'again' ? (
          <ReasonDialog
            title={words.againTitle(name)}
            text={words.againText}
            act={words.again}
            usual="lost"
            command={again}
            onClose={close}
          />
        ) : null}
        {asking === 'standing' ? (
          <ReasonDialog
            title={isDisabled ? words.enableTitle(name) : words.disableTitle(name)}
            text={isDisabled ? words.enableText : words.disableText}
            act={isDisabled ? words.enable : words.disable}
            usual={isDisabled ? 'returned' : 'retired'}
            command={standing}
            onClose={close}
          />
        ) : null}
      </td>
    </tr>
  );
}

function Act({
  label,
  name,
  onPress,
}: {
  readonly label: string;
  readonly name: string;
  readonly onPress: () => void;
}) {
  return (
    <button type="button" className="button" aria-label={`${label} ${name}`} onClick={onPress}>
      {label}
    </button>
  );
}
