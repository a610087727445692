import { troubleFrom } from '../shared/trouble.ts';
import type { Asked, Choice, EndedBy, Happening, KeptBy } from './visit.ts';

/** A document that was released for print, once. */
export interface IssuedPage {
  /** By which the printer's program knows a document that it was given already. */
  readonly print: string;
  readonly pdf: Blob;
  readonly pages: number;
  /** Until when the same terminal may have it again; RFC 3339. */
  readonly againUntil: string;
}

/** The city, as a kiosk asks it. All of it throws what `troubleFrom` reads. */
export interface CityDesk {
  /** Opens the case of the matter for the holder of the code, and asks for what it needs. */
  open(choice: Choice, code: string, signal: AbortSignal): Promise<OpenVisit>;
  /** Waits for the holder's answer. */
  answered(open: OpenVisit, signal: AbortSignal): Promise<'granted' | EndedBy>;
  /** Redeems the consent: the release, of which the page is made. */
  issue(open: OpenVisit, signal: AbortSignal): Promise<IssuedPage>;
  /** The same page again, within the case. */
  again(open: OpenVisit, signal: AbortSignal): Promise<IssuedPage>;
  /** How the holder comes to a page that is not on paper. */
  keep(open: OpenVisit, signal: AbortSignal): Promise<{ readonly collection: string }>;
  /** Closes the case; what is unanswered in it ends. */
  close(open: OpenVisit): Promise<void>;
}

export interface OpenVisit {
  readonly case: string;
  readonly asked: Asked;
}

/** What became of a document at the printer. */
export type PrintState =
  | { readonly is: 'printing'; readonly page: number }
  | { readonly is: 'completed' }
  | { readonly is: 'hindered'; readonly by: KeptBy };

/** The program beside the page. */
export interface Printing {
  /** Follows a document to its end: the last state is completed or hindered. */
  print(page: IssuedPage): AsyncIterable<PrintState>;
}

/**
 * One visit from the holder's code to the page, told as it happens. It ends by itself; where the
 * visitor leaves before the yes, the case is closed and nothing of it is told any more.
 * @returns the open visit, where its page may be had again
 */
export async function runVisit(
  { city, printer }: { readonly city: CityDesk; readonly printer: Printing },
  choice: Choice,
  code: string,
  tell: (happening: Happening) => void,
  signal: AbortSignal,
): Promise<OpenVisit | null> {
  const told = (happening: Happening) => {
    if (!signal.aborted) tell(happening);
  };
  let open: OpenVisit | null = null;
  let isIssuing = false;
  try {
    told({ is: 'identified' });
    open = await city.open(choice, code, signal);
    told({ is: 'asked', asked: open.asked });
    const answer = await city.answered(open, signal);
    if (answer !== 'granted') {
      told({ is: 'over', by: answer });
      await city.close(open);
      return null;
    }
    if (signal.aborted) return await left(city, open);
    told({ is: 'granted' });
    isIssuing = true;
    const page = await city.issue(open, signal);
    await onPaper({ city, printer }, open, page, told, signal);
    return open;
  } catch (error) {
    if (signal.aborted && !isIssuing) return open === null ? null : left(city, open);
    told({ is: 'over', by: endedBy(error) });
    // A case that cannot be closed now ends by its own time.
    if (open !== null) await city.close(open).catch(() => undefined);
    return null;
  }
}

/** The same page once more: a second reading, told like the first. */
export async function printAgain(
  { city, printer }: { readonly city: CityDesk; readonly printer: Printing },
  open: OpenVisit,
  tell: (happening: Happening) => void,
  signal: AbortSignal,
): Promise<void> {
  const told = (happening: Happening) => {
    if (!signal.aborted) tell(happening);
  };
  told({ is: 'tried-again' });
  try {
    const page = await city.again(open, signal);
    await onPaper({ city, printer }, open, page, told, signal);
  } catch (error) {
    told({ is: 'over', by: endedBy(error) });
  }
}

async function onPaper(
  { city, printer }: { readonly city: CityDesk; readonly printer: Printing },
  open: OpenVisit,
  page: IssuedPage,
  told: (happening: Happening) => void,
  signal: AbortSignal,
): Promise<void> {
  told({ is: 'page-sent', pages: page.pages });
  let state: PrintState = { is: 'hindered', by: 'network-lost' };
  try {
    for await (state of printer.print(page))
      if (state.is === 'printing') told({ is: 'page-printing', page: state.page });
  } catch {
    state = { is: 'hindered', by: 'network-lost' };
  }
  if (state.is === 'completed') {
    told({ is: 'printed' });
    return;
  }
  told({ is: 'hindered', by: state.is === 'hindered' ? state.by : 'unknown' });
  const kept = await city.keep(open, signal).catch(() => null);
  if (kept !== null) told({ is: 'collection-told', collection: kept.collection });
}

async function left(city: CityDesk, open: OpenVisit): Promise<null> {
  await city.close(open).catch(() => undefined);
  return null;
}

/** What the screen says of a problem, by the city's code. */
const byCode: Readonly<Record<string, EndedBy>> = {
  participant_code_refused: 'not-recognised',
  number_mismatched: 'number-wrong',
  consent_withdrawn: 'withdrawn',
  consent_expired: 'expired',
  certificate_moved: 'changed',
  case_moved: 'changed',
  daily_holders_of_window: 'daily-limit',
  questions_of_holder: 'daily-limit',
  client_disabled: 'closed',
  caller_disabled: 'closed',
};

function endedBy(error: unknown): EndedBy {
  const { code } = troubleFrom(error);
  return byCode[code] ?? (code === 'offline' ? 'network' : 'failed');
}
