import { fileURLToPath } from 'node:url';
import { drawOrderOf, type Paper } from '#libs/proof/paper';
import { loadFonts } from '../../apps/renderer/fonts.js';
import { Typesetter } from '../../apps/renderer/typesetter.js';

const layouts = fileURLToPath(new URL('../../libs/proof/paper/templates', import.meta.url));
let typesetter: Promise<Typesetter> | undefined;

/**
 * What the renderer's process does with a paper, in this one. Fonts are those of npm alone: what is
 * drawn does not depend on the machine.
 */
export async function typeset(paper: Paper) {
  typesetter ??= loadFonts('').then((fonts) => new Typesetter(layouts, fonts));
  return (await typesetter).draw(drawOrderOf(paper));
}

export async function pdfOf(paper: Paper): Promise<Uint8Array> {
  const drawn = await typeset(paper);
  if ('fault' in drawn) throw new Error(JSON.stringify(drawn.fault));
  return drawn.pdf;
}
