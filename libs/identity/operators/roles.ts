import { Unreachable } from '#libs/kernel';
import type { Scope } from '../identity.events.js';
import type { OperatorRole } from './operators.events.js';

export const operatorRoles: readonly OperatorRole[] = [
  'clerk',
  'second-operator',
  'administrator',
  'auditor',
];

/** The most that a role may do. A terminal's own registration may give less, never more. */
export function scopesOfRole(role: OperatorRole): readonly Scope[] {
  switch (role) {
    case 'clerk':
      return ['subjects:identify', 'cases:open', 'releases:pull', 'matters:read'];
    case 'second-operator':
      return ['subjects:identify', 'cases:open', 'matters:read'];
    case 'administrator':
      return [
        'clients:manage',
        'catalogue:manage',
        'subjects:erase',
        'statistics:read',
        'matters:read',
      ];
    case 'auditor':
      return ['ledger:audit', 'statistics:read', 'matters:read'];
    default:
      throw new Unreachable(role);
  }
}

export const scopesOfRoles = (roles: readonly OperatorRole[]): ReadonlySet<Scope> =>
  new Set(roles.flatMap(scopesOfRole));
