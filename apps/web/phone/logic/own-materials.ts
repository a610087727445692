import type { Schemas } from '#libs/api-client';
import type { Certificate } from './wallet.ts';

type Material = Schemas['MatterForHoldersDto']['materials'][number];
type Answer = Material['answers'][number];

/** Whether one material has to be brought by this holder, and why. */
export type OwnMaterial =
  /** By this answer, for which the holder has a valid certificate. */
  | { readonly is: 'free'; readonly answer: Answer; readonly certificate: Certificate }
  /** A certificate would do; whether the visitor has one is not known. */
  | { readonly is: 'could'; readonly answers: readonly Answer[] }
  /** A certificate would do, and the holder has no valid one. */
  | { readonly is: 'none'; readonly answers: readonly Answer[] }
  /** Another participant's certificate is needed, whose holder takes part at a window. */
  | { readonly is: 'other'; readonly whose: string }
  | {
      readonly is: 'paper';
      readonly reason: 'no_rule' | 'original_surrendered' | 'original_inspected';
    };

/**
 * As an applicant applies online: alone, with the certificates of the own wallet.
 * @param certificates null before anybody is known
 */
export function ownMaterial(
  { exemptible, reason, answers }: Material,
  certificates: readonly Certificate[] | null,
): OwnMaterial {
  if (!exemptible) return { is: 'paper', reason: reason ?? 'no_rule' };
  const own = answers.filter(({ whose }) => whose === 'applicant' || whose === 'legal-person');
  const [other] = answers;
  if (own.length === 0)
    return other === undefined
      ? { is: 'paper', reason: 'no_rule' }
      : { is: 'other', whose: other.whose };
  if (certificates === null) return { is: 'could', answers: own };
  for (const answer of own) {
    const certificate = certificates.find(
      ({ type, standing }) => type === answer.type && standing === 'valid',
    );
    if (certificate !== undefined) return { is: 'free', answer, certificate };
  }
  return { is: 'none', answers: own };
}
