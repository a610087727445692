import { identifierFlags } from './identifier.js';

/** Remarks for the authority on a certificate that it submitted; none of them refuses it. */
export const handInFlags = [...identifierFlags, 'holder_has_another'] as const;
export type HandInFlag = (typeof handInFlags)[number];
