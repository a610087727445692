import { certificateTexts } from './certificates.js';
import { commandLineTexts } from './command-line.js';
import { kioskTexts } from './kiosk.js';
import { operatorTexts } from './operators.js';
import { paperTexts } from './paper.js';
import { proofTexts } from './proofs.js';
import { requestTexts } from './requests.js';
import { runningTexts } from './running.js';
import { subjectTexts } from './subjects.js';
import type { CodeText } from './text.js';

export { type Action, actions, type CodeText } from './text.js';

/**
 * The texts of every problem code, with the file's subject; a code has one text, so it stands in
 * one file.
 */
export const codeTexts: readonly (readonly [code: string, text: CodeText])[] = [
  requestTexts,
  operatorTexts,
  runningTexts,
  proofTexts,
  paperTexts,
  certificateTexts,
  subjectTexts,
  commandLineTexts,
  kioskTexts,
].flatMap((texts) => Object.entries(texts));
