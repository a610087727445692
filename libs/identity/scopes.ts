import type { ClientKind, Scope } from './identity.events.js';

/** The most that a client of a kind may hold. Registration may give less, never more. */
export function scopesOf(kind: ClientKind): readonly Scope[] {
  switch (kind) {
    case 'terminal':
    case 'kiosk':
      return ['subjects:identify', 'cases:open', 'releases:pull', 'matters:read'];
    case 'department':
      return ['cases:open', 'releases:pull', 'matters:read', 'statistics:read'];
    case 'issuing-authority':
      return ['certificates:issue', 'matters:read'];
    case 'auditor':
      return ['ledger:audit', 'statistics:read', 'matters:read'];
    case 'administrator':
      return [
        'clients:manage',
        'catalogue:manage',
        'subjects:erase',
        'ledger:exclude',
        'statistics:read',
        'matters:read',
      ];
  }
}

/**
 * Scopes that mean something at a window only: a case and what is released for it belong to one.
 */
export const scopesOfWindows: readonly Scope[] = ['cases:open', 'releases:pull'];

/**
 * What a client gets where its registration names no scopes: all of its kind that make sense with
 * or without a window.
 */
export const usualScopes = (kind: ClientKind, window: string | null): readonly Scope[] =>
  scopesOf(kind).filter((scope) => window !== null || !scopesOfWindows.includes(scope));

export const allScopes: readonly Scope[] = [
  'clients:manage',
  'catalogue:manage',
  'certificates:issue',
  'subjects:identify',
  'subjects:erase',
  'cases:open',
  'releases:pull',
  'matters:read',
  'statistics:read',
  'ledger:audit',
  'ledger:exclude',
];

export const clientKinds: readonly ClientKind[] = [
  'terminal',
  'kiosk',
  'department',
  'issuing-authority',
  'auditor',
  'administrator',
];
