import type { DrawOrder } from './sheet.js';

/*
 * What the ledger's process and the renderer's say to each other, over the channel that Node makes
 * for a forked process (advanced serialization, so that bytes stay bytes).
 */

export interface DrawRequest {
  readonly id: number;
  readonly order: DrawOrder;
}

/** Why a paper was not drawn. `failed` is a fault of the layout, with Typst's words but no text. */
export type DrawFault =
  | { readonly kind: 'undrawable'; readonly codePoints: readonly string[] }
  | { readonly kind: 'too-many-pages'; readonly pages: number }
  | { readonly kind: 'failed'; readonly words: string };

export type DrawAnswer =
  | { readonly id: number; readonly pdf: Uint8Array; readonly pages: number; readonly rss: number }
  | { readonly id: number; readonly fault: DrawFault; readonly rss: number };

/** Once, when fonts and layouts are loaded. */
export interface RendererReady {
  readonly ready: true;
}

/** Pages of one paper at most: more would hold a kiosk's printer up. */
export const maxPages = 20;
