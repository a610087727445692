import type { Instant } from '#libs/kernel';
import type { Facts } from './facts.js';
import type { OwnTemplate, ProofTemplate } from './templates.js';

/** The language of a page's own words. Values stand as the authority recorded them. */
export type PaperLanguage = 'zh' | 'en';

/**
 * A part of a QR code in one mode of ISO/IEC 18004: bytes as they are, or digits, of which three
 * take ten bits.
 */
export type QrSegment =
  | { readonly mode: 'bytes'; readonly bytes: Uint8Array }
  | { readonly mode: 'numeric'; readonly digits: string };

export interface QrCode {
  readonly segments: readonly QrSegment[];
  /** Level of error correction (ISO/IEC 18004): 7, 15 or 25 % of the code words. */
  readonly correction: 'L' | 'M' | 'Q';
}

/** A file that the PDF carries (PDF/A-3, ISO 19005-3, 6.8). */
export interface PaperAttachment {
  /** Of letters, digits, `.`, `-` and `_`; at most 100 characters. */
  readonly name: string;
  readonly mediaType: string;
  readonly description: string;
  readonly bytes: Uint8Array;
}

/**
 * The seal on the page. A sample is drawn here and says in both languages that it is one; an image
 * is the issuer's own, as SVG whose letters are outlines.
 */
export type Seal = { readonly kind: 'sample' } | { readonly kind: 'image'; readonly svg: string };

interface PaperCommon {
  readonly language: PaperLanguage;
  readonly facts: Facts;
  /** Why the page is printed: the watermark. */
  readonly purpose: string;
  readonly issuer: { readonly name: string; readonly seal: Seal };
  /** A trial says so on each of its pages. */
  readonly trial: boolean;
  /** When the facts were so. */
  readonly asOf: Instant;
  /** Day of Asia/Shanghai from which a reader checks again. */
  readonly checkAgain: string;
  /** Verification code in groups, e.g. `KDWA-7MXE-QTRB`. */
  readonly code: string;
  /** Where the code is checked, as people type it. */
  readonly checkedAt: string;
  readonly qr: readonly [QrCode] | readonly [QrCode, QrCode];
  readonly attachments: readonly PaperAttachment[];
  /** Time stamp of the file: the same order with the same time gives the same bytes. */
  readonly created: Instant;
}

/** A page of one of the 26 e-proofs. */
export interface ProofPaper extends PaperCommon {
  readonly template: ProofTemplate;
}

/** A print of any other certificate: what it is called comes from the catalogue. */
export interface OwnPaper extends PaperCommon {
  readonly template: OwnTemplate;
  readonly title: string;
  /** English labels of the fields, by key; a Chinese page needs none. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of a company's print: the person who speaks for it, as identified; null for a person's own. */
  readonly representative: string | null;
}

export type Paper = ProofPaper | OwnPaper;

export interface DrawnPaper {
  /** PDF/A-3b (ISO 19005-3, level B). */
  readonly pdf: Uint8Array;
  readonly pages: number;
}

/**
 * Draws pages. An adapter must give the same bytes for the same paper, must refuse what it cannot
 * draw, and must not leave a character out; facts must never be read as commands or markup.
 */
export abstract class ProofRenderer {
  /**
   * @throws PaperFactsWrong, PaperUndrawable, PaperTooLong, PaperPartWrong for a paper that can
   * never be drawn; RendererBusy, RendererAway for one that may be asked for again
   */
  abstract draw(paper: Paper): Promise<DrawnPaper>;
}

/**
 * Signs a drawn page. An adapter must leave what was drawn as it is, byte for byte, and append its
 * signature; the key may be elsewhere.
 */
export abstract class PageSigner {
  /**
   * @param pdf of a `ProofRenderer`
   * @param at the time that readers are shown
   * @returns the PDF with a signature of PAdES baseline B-B (EN 319 142-1) over all of it
   * @throws PaperPartWrong where the key or certificate cannot be used at that time
   */
  abstract sign(pdf: Uint8Array, at: Instant): Promise<Uint8Array>;
}
