import {
  type PrintedProof,
  PrintedProofRefused,
  readPrintedCodes,
} from '#libs/verify/printed-proof';

/** What the codes that were read so far give. */
export type Codes =
  | { readonly is: 'none'; readonly why: CodeTrouble | null }
  | { readonly is: 'half'; readonly part: 1 | 2; readonly texts: readonly string[] }
  | { readonly is: 'whole'; readonly proof: PrintedProof };

/** `other`: a code, and none of a proof; `newer`: of a form that came after this page. */
export type CodeTrouble = 'other' | 'newer';

export const noCodes: Codes = { is: 'none', why: null };

/** With one more code: that of another page begins anew. */
export function withCode(codes: Codes, text: string): Codes {
  const before = codes.is === 'half' ? codes.texts : [];
  const texts = before.includes(text) ? before : [...before, text];
  try {
    const read = readPrintedCodes(texts);
    return read.is === 'whole' ? read : { ...read, texts };
  } catch (error) {
    if (!(error instanceof PrintedProofRefused)) throw error;
    if (error.code === 'printed_code_of_other_page') return withCode(noCodes, text);
    if (codes.is === 'half') return codes;
    return { is: 'none', why: error.code === 'printed_code_version' ? 'newer' : 'other' };
  }
}

/** Of all the codes of a picture or file, those of one proof. */
export function codesIn(texts: readonly string[], before: Codes = noCodes): Codes {
  const all = texts.reduce<Codes>((codes, text) => {
    const next = withCode(codes, text);
    return codes.is === 'whole' || next.is === 'none' ? codes : next;
  }, before);
  const [first] = texts;
  return all.is === 'none' && first !== undefined ? withCode(noCodes, first) : all;
}
