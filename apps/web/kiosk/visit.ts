/**
 * A visit to a kiosk, from the first touch to the last, as a pure state machine: what the screen
 * shows follows from it alone. It holds nothing of a person but what the screen shows.
 */

/** Something to print: a matter of the catalogue that is for self-service. */
export interface Choice {
  readonly matter: string;
  readonly zh: string;
  readonly en: string;
  /** A decision of the authority, which a kiosk prints again and does not make. */
  readonly reprintOnly: boolean;
}

/** How a visitor says whose paper it is. */
export type Way = 'phone' | 'document';

/** What hinders a printer, as the program beside the page tells it; the page invents none. */
export type PrinterFault = 'paper' | 'jam' | 'cover' | 'toner' | 'off' | 'network' | 'unknown';

/** The printer as it was told last. Null until it was told once. */
export type Printer =
  | { readonly is: 'ready'; readonly tonerLow: boolean }
  | { readonly is: 'hindered'; readonly by: PrinterFault };

/** The request that the holder answers. */
export interface Asked {
  readonly consent: string;
  /** What the holder reads; the phone shows the same. */
  readonly zh: string;
  readonly en: string;
  /** The digits to be typed on the phone; null where its own code was scanned. */
  readonly number: string | null;
  /** RFC 3339. */
  readonly answerBy: string;
}

/** Why a visit ended without a page; each has its own words. */
export type EndedBy =
  | 'refused'
  | 'withdrawn'
  | 'expired'
  | 'number-wrong'
  | 'not-recognised'
  | 'no-record'
  | 'source-away'
  | 'changed'
  | 'daily-limit'
  | 'network'
  | 'closed'
  | 'failed';

/** Why a proof that exists is not on paper. */
export type KeptBy = PrinterFault | 'not-taken' | 'network-lost';

export type Visit =
  | { readonly is: 'choosing'; readonly list: 'start' | 'proofs' | 'certificates' | 'matters' }
  | { readonly is: 'identifying'; readonly choice: Choice; readonly way: Way | null }
  | { readonly is: 'opening'; readonly choice: Choice }
  | { readonly is: 'waiting'; readonly choice: Choice; readonly asked: Asked }
  | { readonly is: 'issuing'; readonly choice: Choice }
  | {
      readonly is: 'printing';
      readonly choice: Choice;
      readonly page: number;
      readonly pages: number;
    }
  | { readonly is: 'printed'; readonly choice: Choice; readonly pages: number }
  /** The proof was issued and is not on paper: it is kept for its holder. */
  | {
      readonly is: 'kept';
      readonly choice: Choice;
      readonly by: KeptBy;
      /** With which its holder collects it; null until the city has told it. */
      readonly collection: string | null;
    }
  /** Nothing can be printed now, which is said before anything is asked of a person. */
  | { readonly is: 'unprintable'; readonly choice: Choice; readonly by: PrinterFault }
  | { readonly is: 'ended'; readonly by: EndedBy };

export type Happening =
  | { readonly is: 'list-opened'; readonly list: 'start' | 'proofs' | 'certificates' | 'matters' }
  | { readonly is: 'chosen'; readonly choice: Choice; readonly printer: Printer | null }
  | { readonly is: 'way-chosen'; readonly way: Way | null }
  | { readonly is: 'identified' }
  | { readonly is: 'asked'; readonly asked: Asked }
  | { readonly is: 'granted' }
  | { readonly is: 'page-sent'; readonly pages: number }
  | { readonly is: 'page-printing'; readonly page: number }
  | { readonly is: 'printed' }
  | { readonly is: 'hindered'; readonly by: KeptBy }
  | { readonly is: 'collection-told'; readonly collection: string }
  | { readonly is: 'tried-again' }
  | { readonly is: 'over'; readonly by: EndedBy }
  /** The visitor leaves, or does not answer: the screen is wiped. */
  | { readonly is: 'left' };

export const start: Visit = { is: 'choosing', list: 'start' };

/**
 * A visit after something happened. What does not fit the state changes nothing: a late answer
 * never shows one visitor what was another's.
 */
export function next(visit: Visit, what: Happening): Visit {
  if (what.is === 'left') return mayLeave(visit) ? start : visit;
  switch (visit.is) {
    case 'choosing':
      return choosing(visit, what);
    case 'identifying':
      return identifying(visit, what);
    case 'opening':
      if (what.is === 'asked') return { is: 'waiting', choice: visit.choice, asked: what.asked };
      return overIn(visit, what);
    case 'waiting':
      return what.is === 'granted' ? { is: 'issuing', choice: visit.choice } : overIn(visit, what);
    case 'issuing':
      return issuing(visit, what);
    case 'printing':
      return printing(visit, what);
    case 'kept':
      return kept(visit, what);
    case 'printed':
      return what.is === 'hindered' && what.by === 'not-taken'
        ? { is: 'kept', choice: visit.choice, by: 'not-taken', collection: null }
        : visit;
    case 'unprintable':
      return what.is === 'chosen' ? choosing(start, what) : visit;
    case 'ended':
      return what.is === 'list-opened' ? { is: 'choosing', list: what.list } : visit;
  }
}

/** Once the yes was given, what follows is not left by a touch or by silence: it ends by itself. */
export const mayLeave = ({ is }: Visit): boolean => is !== 'issuing' && is !== 'printing';

function choosing(
  visit: Extract<Visit, { is: 'choosing' }> | typeof start,
  what: Happening,
): Visit {
  if (what.is === 'list-opened') return { is: 'choosing', list: what.list };
  if (what.is !== 'chosen') return visit;
  const { choice, printer } = what;
  // Paper is looked at before the person is: no one says yes to a page that cannot come out.
  if (printer?.is === 'hindered') return { is: 'unprintable', choice, by: printer.by };
  return { is: 'identifying', choice, way: null };
}

function identifying(visit: Extract<Visit, { is: 'identifying' }>, what: Happening): Visit {
  switch (what.is) {
    case 'way-chosen':
      return { ...visit, way: what.way };
    case 'identified':
      return { is: 'opening', choice: visit.choice };
    default:
      return overIn(visit, what);
  }
}

function issuing(visit: Extract<Visit, { is: 'issuing' }>, what: Happening): Visit {
  switch (what.is) {
    case 'page-sent':
      return { is: 'printing', choice: visit.choice, page: 1, pages: what.pages };
    case 'hindered':
      return { is: 'kept', choice: visit.choice, by: what.by, collection: null };
    default:
      return overIn(visit, what);
  }
}

function printing(visit: Extract<Visit, { is: 'printing' }>, what: Happening): Visit {
  switch (what.is) {
    case 'page-printing':
      return { ...visit, page: Math.min(what.page, visit.pages) };
    case 'printed':
      return { is: 'printed', choice: visit.choice, pages: visit.pages };
    case 'hindered':
      return { is: 'kept', choice: visit.choice, by: what.by, collection: null };
    default:
      return visit; // an issued proof is printed or kept, whatever else happens
  }
}

function kept(visit: Extract<Visit, { is: 'kept' }>, what: Happening): Visit {
  switch (what.is) {
    case 'collection-told':
      return { ...visit, collection: what.collection };
    case 'tried-again':
      return { is: 'issuing', choice: visit.choice };
    case 'printed':
      return { is: 'printed', choice: visit.choice, pages: 1 };
    default:
      return visit;
  }
}

const overIn = (visit: Visit, what: Happening): Visit =>
  what.is === 'over' ? { is: 'ended', by: what.by } : visit;

/** Seconds without a touch until the kiosk asks whether the visitor is there; null for never. */
export function idleSeconds(visit: Visit): number | null {
  switch (visit.is) {
    case 'issuing':
    case 'printing':
      return null;
    case 'choosing':
      return visit.list === 'start' ? null : 90;
    case 'printed':
    case 'ended':
      return 30;
    default:
      return 90;
  }
}

/** Seconds between that question and the wiping (WCAG 2.2, 2.2.1: at least 20). */
export const answerSeconds = 30;
