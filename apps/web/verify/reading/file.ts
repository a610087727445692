import { type Codes, codesIn, noCodes } from '../codes.ts';
import { embeddedFiles, isPdf } from './pdf.ts';
import { NoPicture, readPhoto } from './photo.ts';

/**
 * `picture`: no code could be read in it; `pdf`: no proof is attached to it; `damaged`: what is
 * attached is not whole; `kind`: neither picture nor PDF.
 */
export type FileTrouble = 'picture' | 'pdf' | 'damaged' | 'kind';

/** What the codes in photographs of one page, or the proof in its PDF, give. */
export async function readFiles(
  files: readonly File[],
  before: Codes = noCodes,
): Promise<Codes | FileTrouble> {
  let codes = before;
  let trouble: FileTrouble | null = null;
  for (const file of files) {
    if (codes.is === 'whole') break;
    const read = await readFile(file, codes);
    if (typeof read === 'string') trouble = read;
    else codes = read;
  }
  return trouble !== null && codes === before ? trouble : codes;
}

async function readFile(file: File, before: Codes): Promise<Codes | FileTrouble> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return isPdf(bytes) ? inPdf(bytes, before) : inPicture(file, before);
}

async function inPicture(file: File, before: Codes): Promise<Codes | FileTrouble> {
  try {
    const texts = await readPhoto(file, (found) => codesIn(found, before).is === 'whole');
    return texts.length === 0 ? 'picture' : codesIn(texts, before);
  } catch (error) {
    if (error instanceof NoPicture) return 'kind';
    throw error;
  }
}

/** The codes of the page stand in a file of the PDF, a line each. */
async function inPdf(bytes: Uint8Array, before: Codes): Promise<Codes | FileTrouble> {
  let files: readonly Uint8Array[];
  try {
    files = await embeddedFiles(bytes);
  } catch {
    return 'damaged';
  }
  for (const file of files) {
    const lines = new TextDecoder().decode(file).split('\n').filter(Boolean);
    const codes = codesIn(lines, before);
    if (codes.is !== 'none') return codes;
  }
  return 'pdf';
}
