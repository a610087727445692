import { RefusedError, UnavailableError } from '#libs/kernel';

/** The department's service did not answer in time, or not with an answer. Nothing was made. */
export class ProofSourceAway extends UnavailableError<'proof_source_away'> {}

/** No department makes e-proofs of this type for this city. */
export class ProofSourceMissing extends RefusedError<'proof_source_missing'> {}

/**
 * What the department answered is not what was asked for, or is signed by no key that it
 * registered. `facts.check` names the failed check.
 */
export class ProofAnswerRefused extends UnavailableError<'proof_answer_refused'> {}

/** No valid certificate attests the holder's number, and the kiosk did not read it from a paper. */
export class HolderNumberUnknown extends RefusedError<'holder_number_unknown'> {}

/** The file of the sources is not as it has to be. */
export class ProofSourcesWrong extends UnavailableError<'proof_sources_wrong'> {}
