import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DrawAnswer, DrawRequest, RendererReady } from '#libs/proof/paper';
import { loadFonts } from './fonts.js';
import { Typesetter } from './typesetter.js';

/**
 * Draws pages for the process that forked it, one after the other, and ends with it. It listens
 * nowhere, opens no connection and writes no file; what it is asked comes over the channel of the
 * fork alone.
 */
const root = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../../' : '../../', import.meta.url),
);
const say = (message: DrawAnswer | RendererReady) => process.send?.(message);

const typesetter = new Typesetter(
  join(root, 'libs/proof/paper/templates'),
  await loadFonts(process.env['PAPER_FONTS']),
);
process.on('message', ({ id, order }: DrawRequest) => {
  const drawn = typesetter.draw(order);
  say({ id, ...drawn, rss: process.memoryUsage.rss() });
});
process.once('disconnect', () => process.exit());
say({ ready: true });
