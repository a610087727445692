import { operatorRoles, type OperatorRole, type Scope, scopesOfRoles } from '#libs/identity';
import { type DecodedRecord, list, text } from './decoded-record.js';
import type { FindingCode } from './finding.js';
import { mayHaveCrossed, type Moment, seconds } from './moments.js';
import type { OperatorType } from './operator-types.js';

/** What ended, in seconds; undefined while it stands, null where it never began. */
type Ended = number | null | undefined;

interface Standing {
  readonly department: string;
  roles: readonly string[];
  /** Roles that were taken away, and when, in seconds. */
  readonly roleEnds: Map<string, number>;
  disabledAt: Ended;
  /** Of the passkey or the account that the operator signs in with. */
  signInEndedAt: Ended;
}

/**
 * Which operator might act when, where and as what, by the operators' own records: each record that
 * names an operator is judged by it.
 */
export class OperatorStandings {
  readonly #standings = new Map<string, Standing>();

  note(type: OperatorType, operator: string, { said }: DecodedRecord): void {
    if (type === 'OperatorInvited') {
      this.#standings.set(operator, {
        department: text(said, 'department'),
        roles: rolesIn(said),
        roleEnds: new Map(),
        disabledAt: undefined,
        signInEndedAt: null,
      });
      return;
    }
    const standing = this.#standings.get(operator);
    if (standing === undefined) return;
    const at = seconds(text(said, 'time'));
    switch (type) {
      case 'OperatorPasskeyAdded':
      case 'OperatorAccountBound':
        standing.signInEndedAt = undefined;
        return;
      case 'OperatorInvitedAgain':
        if (standing.signInEndedAt === undefined) standing.signInEndedAt = at;
        return;
      case 'OperatorRolesChanged':
        for (const role of standing.roles) standing.roleEnds.set(role, at);
        standing.roles = rolesIn(said);
        return;
      case 'OperatorDisabled':
        standing.disabledAt = at;
        return;
      case 'OperatorEnabled':
        standing.disabledAt = undefined;
    }
  }

  /**
   * What is wrong with an act of an operator at a terminal; null where nothing is. What ended in
   * the same moment may have crossed.
   */
  faultOf(
    act: { readonly operator: string; readonly type: string; readonly time: string },
    department: string,
    now: Moment,
  ): FindingCode | null {
    // No route merges subjects: releases wrote it for records of their own tests alone.
    if (act.type === 'SubjectsMerged') return null;
    const standing = this.#standings.get(act.operator);
    if (standing === undefined || standing.signInEndedAt === null) return 'operator_unknown';
    const stands = (ended: Ended) =>
      ended === undefined || (ended !== null && mayHaveCrossed(act.time, ended, now));
    if (!stands(standing.disabledAt) || !stands(standing.signInEndedAt)) return 'operator_disabled';
    if (standing.department !== department) return 'operator_elsewhere';
    const needed = scopesOfAct.get(act.type);
    if (needed === undefined) return null;
    const roles = [
      ...standing.roles,
      ...[...standing.roleEnds].filter(([, ended]) => stands(ended)).map(([role]) => role),
    ];
    const held = scopesOfRoles(roles.filter(isRole));
    return needed.some((scope) => held.has(scope)) ? null : 'operator_without_role';
  }
}

const rolesIn = (said: DecodedRecord['said']): readonly string[] =>
  list(said['roles']).filter((role) => typeof role === 'string');

const isRole = (role: string): role is OperatorRole =>
  operatorRoles.some((known) => known === role);

/** By the scopes of the routes that lead to such a record: one of them is needed. */
const scopesOfAct: ReadonlyMap<string, readonly Scope[]> = new Map(
  (
    [
      [
        ['cases:open'],
        ['CaseOpened', 'CaseTaken', 'CaseReturned', 'CaseClosed', 'MaterialBrought'],
      ],
      [
        ['releases:pull'],
        [
          'ConsentRequested',
          'ConsentRedeemed',
          'NothingReleased',
          'ReleaseWithheld',
          'ReleaseReadAgain',
        ],
      ],
      [['cases:open', 'releases:pull'], ['ConsentEnded']],
      [['subjects:identify'], ['EnrolmentOpened', 'PhoneEnrolled']],
      [
        ['clients:manage'],
        [
          'ClientRegistered',
          'ClientKeyRotated',
          'ClientDisabled',
          'ClientEnabled',
          'ClientTypesChanged',
          'OperatorInvited',
          'OperatorInvitedAgain',
          'OperatorRolesChanged',
          'OperatorDisabled',
          'OperatorEnabled',
        ],
      ],
      [
        ['catalogue:manage'],
        ['TypeDefined', 'TypeChanged', 'MatterDefined', 'MatterChanged', 'RulesSet'],
      ],
      [
        ['subjects:erase'],
        [
          'ErasureRequested',
          'ErasureApproved',
          'ErasureWithdrawn',
          'LegalHoldPlaced',
          'LegalHoldLifted',
        ],
      ],
    ] as const
  ).flatMap(([scopes, types]) => types.map((type) => [type, scopes] as const)),
);
