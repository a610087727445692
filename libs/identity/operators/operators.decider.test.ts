import { describe, expect, test } from '@jest/globals';
import { fold } from '#libs/kernel';
import { eventsOf, givenTo } from '../../../test/support/given.js';
import {
  type AddPasskeyCommand,
  type BindAccountCommand,
  type InviteCommand,
  type OperatorCommand,
  operatorDecider,
} from './operators.decider.js';
import { maySignIn } from './standing.js';

const given = givenTo(operatorDecider);
const operator = 'o'.repeat(22);
const invitation = { hash: 'first', expires: '2026-12-03T08:00:00.000Z' };
const second = { hash: 'second', expires: '2026-12-09T08:00:00.000Z' };
const passkey = {
  credential: 'Y3JlZGVudGlhbA',
  jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' },
  transports: ['internal'],
  backedUp: false,
};
const invite: InviteCommand = {
  kind: 'invite',
  operator,
  department: '人社',
  roles: ['clerk'],
  name: { key: 'wrapped', text: 'sealed' },
  invitation,
};
const addPasskey: AddPasskeyCommand = {
  kind: 'add-passkey',
  operator,
  invitationHash: 'first',
  passkey,
  now: '2026-12-01T08:00:00.000Z',
};
const account = { issuer: 'https://staff.example', account: 'keyed-hash' };
const bindAccount: BindAccountCommand = {
  kind: 'bind-account',
  operator,
  invitationHash: 'first',
  account,
  now: '2026-12-01T08:00:00.000Z',
};
const inviteAgain: OperatorCommand = {
  kind: 'invite-again',
  operator,
  invitation: second,
  by: null,
};
const disable: OperatorCommand = { kind: 'disable', operator, reason: 'left', by: null };
const enable: OperatorCommand = { kind: 'enable', operator, reason: 'returned', by: null };
const changeRoles = (...roles: InviteCommand['roles']): OperatorCommand => ({
  kind: 'change-roles',
  operator,
  roles,
  by: null,
});
const after = (...commands: readonly OperatorCommand[]) => eventsOf(given, ...commands);

describe('an invitation', () => {
  test('is recorded by its hash, with a sealed name', () => {
    given()
      .when(invite)
      .then({
        type: 'OperatorInvited',
        data: {
          operator,
          department: '人社',
          roles: ['clerk'],
          name: { key: 'wrapped', text: 'sealed' },
          invitation,
        },
      });
  });

  test('of an operator that there is, or one without a role, is refused', () => {
    given(...after(invite))
      .when(invite)
      .refuses('operator_exists');
    given()
      .when({ ...invite, roles: [] })
      .refuses('operator_roles_missing');
  });

  test('makes one passkey', () => {
    given(...after(invite))
      .when(addPasskey)
      .then({ type: 'OperatorPasskeyAdded', data: passkey });
    given(...after(invite, addPasskey))
      .when(addPasskey)
      .refuses('operator_invitation_unusable');
  });

  test.each([
    ['another one', { invitationHash: 'guessed' }],
    ['one that has expired', { now: invitation.expires }],
  ])('makes none where it is %s', (_, wrong) => {
    given(...after(invite))
      .when({ ...addPasskey, ...wrong })
      .refuses('operator_invitation_unusable');
  });

  test('makes none for an operator that there is not, or who is disabled', () => {
    given().when(addPasskey).refuses('operator_invitation_unusable');
    given(...after(invite, disable))
      .when(addPasskey)
      .refuses('operator_invitation_unusable');
  });
});

describe('an operator who lost the passkey', () => {
  test('is invited again: the old passkey and the old invitation end', () => {
    given(...after(invite))
      .when(inviteAgain)
      .then({ type: 'OperatorInvitedAgain', data: { invitation: second } });
    given(...after(invite, inviteAgain))
      .when(addPasskey)
      .refuses('operator_invitation_unusable');
    const state = fold(operatorDecider, after(invite, addPasskey, inviteAgain));
    expect(state).toMatchObject({ status: 'enabled', passkey: null, invitation: second });
  });

  test('is not invited while disabled', () => {
    given(...after(invite, disable))
      .when(inviteAgain)
      .refuses('operator_not_enabled');
  });
});

describe('roles', () => {
  test('are replaced as a whole; the same ones change nothing', () => {
    given(...after(invite))
      .when(changeRoles('clerk', 'second-operator'))
      .then({ type: 'OperatorRolesChanged', data: { roles: ['clerk', 'second-operator'] } });
    given(...after(invite))
      .when(changeRoles('clerk'))
      .then();
    given(...after(invite))
      .when(changeRoles())
      .refuses('operator_roles_missing');
  });
});

describe('disabling and enabling', () => {
  test('leave the passkey, and do nothing twice', () => {
    given(...after(invite, addPasskey))
      .when(disable)
      .then({ type: 'OperatorDisabled', data: { reason: 'left' } });
    given(...after(invite, disable))
      .when(disable)
      .then();
    given(...after(invite, disable))
      .when(enable)
      .then({ type: 'OperatorEnabled', data: { reason: 'returned' } });
    given(...after(invite))
      .when(enable)
      .then();
    const state = fold(operatorDecider, after(invite, addPasskey, disable, enable));
    expect(state).toMatchObject({ status: 'enabled', passkey });
  });
});

test.each([inviteAgain, changeRoles('administrator'), disable, enable])(
  'an operator does not do to itself: $kind',
  (command) => {
    given(...after(invite))
      .when({ ...command, by: operator } as OperatorCommand)
      .refuses('operator_is_own');
  },
);

test.each([inviteAgain, changeRoles('clerk'), disable, enable])(
  'of an operator that there is not: $kind is refused',
  (command) => {
    given().when(command).refuses('operator_unknown');
  },
);

describe('an account at the operators’ issuer', () => {
  test('is bound by the invitation, which it uses up', () => {
    given(...after(invite))
      .when(bindAccount)
      .then({ type: 'OperatorAccountBound', data: account });
    given(...after(invite, bindAccount))
      .when(bindAccount)
      .refuses('operator_invitation_unusable');
    given(...after(invite, bindAccount))
      .when(addPasskey)
      .refuses('operator_invitation_unusable');
  });

  test('is no administrator’s, whichever came first', () => {
    given(...after({ ...invite, roles: ['clerk', 'administrator'] }))
      .when(bindAccount)
      .refuses('operator_administers_by_passkey');
    given(...after(invite, bindAccount))
      .when(changeRoles('administrator'))
      .refuses('operator_administers_by_passkey');
    const invitedAgain = after(invite, bindAccount, inviteAgain);
    given(...invitedAgain)
      .when(changeRoles('administrator'))
      .then({ type: 'OperatorRolesChanged', data: { roles: ['administrator'] } });
  });

  test('ends with another invitation', () => {
    const state = fold(operatorDecider, after(invite, bindAccount, inviteAgain));
    expect(state).toMatchObject({ passkey: null, account: null, invitation: second });
  });
});

test.each([
  ['a passkey signs in where there is no issuer', passkey, null, ['clerk'], null, true],
  ['and where there is one, administrators alone', passkey, null, ['clerk'], 'a', false],
  ['with any other role beside', passkey, null, ['clerk', 'administrator'], 'a', true],
  ['an account, where its issuer is the city’s', null, account, ['clerk'], account.issuer, true],
  ['and not where it is another', null, account, ['clerk'], 'https://other.example', false],
  ['or none any more', null, account, ['clerk'], null, false],
  ['who is only invited does not sign in', null, null, ['administrator'], 'a', false],
] as const)('%s', (_, ofPasskey, ofAccount, roles, issuer, may) => {
  expect(maySignIn({ passkey: ofPasskey, account: ofAccount, roles }, issuer)).toBe(may);
});
