import type { ClientKind, Scope, SignIn } from './identity.events.js';

const scopesOfWindow: readonly Scope[] = [
  'subjects:identify',
  'cases:open',
  'releases:pull',
  'matters:read',
];

/**
 * What only signed-in operators do at a terminal, by their roles: a terminal that acts by itself
 * never holds these.
 */
export const scopesOfAdministration: readonly Scope[] = [
  'clients:manage',
  'catalogue:manage',
  'subjects:erase',
  'statistics:read',
  'ledger:audit',
];

/** The most that a client of a kind may hold. Registration may give less, never more. */
export function scopesOf(kind: ClientKind, signIn: SignIn = 'client'): readonly Scope[] {
  switch (kind) {
    case 'terminal':
      return signIn === 'operator'
        ? [...scopesOfWindow, ...scopesOfAdministration]
        : scopesOfWindow;
    case 'kiosk':
      return scopesOfWindow;
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
