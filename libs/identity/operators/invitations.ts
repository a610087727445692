import { createHash } from 'node:crypto';
import { type CommandContext, freshId } from '#libs/event-store';
import { plusSeconds } from '#libs/kernel';
import type { OperatorInvitation } from './operators.events.js';

/** Seconds: three days, within which an operator comes to a terminal. */
const invitationHolds = 259_200;

/** What is told once, and what is recorded of it. */
export interface NewInvitation {
  /** `<operator>.<secret>`: what stands behind `#invitation=` in a link. */
  readonly code: string;
  readonly recorded: OperatorInvitation;
}

/** The same for every retry of the command; its secret has 128 bits. */
export function newInvitation(context: CommandContext, operator: string): NewInvitation {
  const secret = freshId(context, 'operator-invitation');
  return {
    code: `${operator}.${secret}`,
    recorded: {
      hash: hashOf(secret),
      expires: plusSeconds(context.now, invitationHolds),
    },
  };
}

/** @returns null where a text is no invitation */
export function readInvitation(code: string): { operator: string; hash: string } | null {
  const [, operator, secret] = /^([\w-]{22})\.([\w-]{22})$/.exec(code) ?? [];
  return operator === undefined || secret === undefined ? null : { operator, hash: hashOf(secret) };
}

const hashOf = (secret: string): string =>
  createHash('sha256').update(`operator-invitation ${secret}`).digest('base64url');
