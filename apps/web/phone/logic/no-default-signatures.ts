import type { VerifyEd25519 } from '#libs/log';

/**
 * In this page's build it stands for the default of libs/verify (see pages.config.ts): a check that
 * is not given `withVerdicts`' own has to fail.
 */
export const verifyEd25519: VerifyEd25519 = () => {
  throw new TypeError('signatures are judged in phone/logic/signatures.ts');
};
