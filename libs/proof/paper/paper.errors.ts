import { InvalidError, TooLargeError, UnavailableError } from '#libs/kernel';

/**
 * Facts are not those of the template: `facts.missing` and `facts.unknown` name fields, never
 * values.
 */
export class PaperFactsWrong extends InvalidError<'paper_facts_wrong'> {}

/**
 * A text has characters that no font of this city draws, or that nobody could see on paper.
 * `facts.codePoints` has them as `U+30EDE`.
 */
export class PaperUndrawable extends InvalidError<'paper_undrawable'> {
  constructor(codePoints: readonly string[]) {
    super(
      'paper_undrawable',
      `no font of this city draws ${codePoints.join(', ')}: nothing is printed without them`,
      { codePoints },
      { hint: 'Name a font that has them in PAPER_FONTS.' },
    );
  }
}

/** A part of the order is not as the port says: `facts.part` names it. */
export class PaperPartWrong extends InvalidError<'paper_part_wrong'> {
  constructor(part: string, message: string) {
    super('paper_part_wrong', message, { part });
  }
}

/** More than a page order may hold, or more pages than are printed in one go. */
export class PaperTooLong extends TooLargeError<'paper_too_long'> {
  constructor(what: string, most: number) {
    super('paper_too_long', `a paper has at most ${most} ${what}`, { what, most });
  }
}

/** So many papers wait that another would not be drawn in time. Nothing was drawn. */
export class RendererBusy extends UnavailableError<'renderer_busy'> {}

/**
 * The renderer's process ended, did not answer in time, or answered with something that is not the
 * paper. Nothing was drawn; it starts anew by itself.
 */
export class RendererAway extends UnavailableError<'renderer_away'> {}
