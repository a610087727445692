import { hash } from 'node:crypto';

/** Without 0, O, 1, I and L: it is read from a screen and typed. */
const letters = '23456789ABCDEFGHJKMNPQRSTUVWXYZ';

/** The handle that a browser shows and an administrator types: eight letters. */
export const handleOf = (secret: string): string => lettersOf(secret, 8);

/**
 * The handle of a browser that came with an invitation. Nobody types it, and it is too long to be
 * found by chance: only the invitation leads to it.
 */
export const handleOfInvitation = (invitation: string): string => lettersOf(invitation, 26);

/** Four letters that a terminal shows beside a code which is typed: part of where it is typed. */
export const handleOfTerminal = (client: string): string => lettersOf(`typed code at ${client}`, 4);

function lettersOf(secret: string, length: number): string {
  const digest = hash('sha256', `terminal-offer ${secret}`, 'buffer');
  return Array.from({ length }, (_, n) => letters[(digest[n] ?? 0) % letters.length]).join('');
}
