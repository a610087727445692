import { InvalidError } from '#libs/kernel';

/**
 * - `printed_code_unreadable`: the text is no code of a printed proof, or is not whole;
 * - `printed_code_version`: a code of a form that this reader does not know;
 * - `printed_code_of_other_page`: two codes that are not the halves of one proof;
 * - `printed_facts_unfit`: facts that a printed proof cannot hold.
 */
export class PrintedProofRefused extends InvalidError<
  | 'printed_code_unreadable'
  | 'printed_code_version'
  | 'printed_code_of_other_page'
  | 'printed_facts_unfit'
> {}

export const unreadable = (cause?: unknown): PrintedProofRefused =>
  new PrintedProofRefused(
    'printed_code_unreadable',
    'this is no code of a printed proof, or not the whole of one',
    {},
    { cause },
  );
