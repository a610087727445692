import type { CaseNow, CaseReader } from '#libs/case';
import { bookRules, consentIn } from '#libs/consent';
import { type EventStore, foldRecords } from '#libs/event-store';
import type { CasePlace, Notice } from './notices.js';

const kept = 20_000;

/** A case, and where it is. */
export type PlacedCase = CasePlace & { readonly case: string };

/**
 * Where the case of a record is. Most are known from the record that began them; what began before
 * this process follows is read from its own stream.
 */
export class Places {
  readonly #cases = new Map<string, CasePlace>();
  readonly #consents = new Map<string, PlacedCase>();

  constructor(
    private readonly store: Pick<EventStore, 'readStream'>,
    private readonly cases: CaseReader,
  ) {}

  /** @returns null where the record's case cannot be found */
  async of(notice: Notice): Promise<PlacedCase | null> {
    if (notice.of === 'case') {
      const known = notice.place ?? this.#cases.get(notice.case) ?? (await this.#read(notice.case));
      if (known === null) return null;
      const { movedTo } = notice;
      const place = movedTo === undefined ? known : { ...known, window: movedTo };
      // A record that is told again, to one that missed it, may be older than what is known.
      if (movedTo !== undefined || !this.#cases.has(notice.case))
        remember(this.#cases, notice.case, place);
      return { case: notice.case, ...place };
    }
    const { consent, book } = notice;
    const place =
      notice.place ?? this.#consents.get(consent) ?? (await this.#readConsent(book, consent));
    if (place !== null) remember(this.#consents, consent, place);
    return place;
  }

  async #read(id: string): Promise<CasePlace | null> {
    const found = await this.cases.read(id);
    return found === null ? null : placeOf(found);
  }

  async #readConsent(book: string, id: string): Promise<PlacedCase | null> {
    const consent = consentIn(foldRecords(bookRules, await this.store.readStream(book)), id);
    if (consent === null) return null;
    const { case: ofCase, department, window } = consent.request;
    return { case: ofCase, department, window, applicant: null };
  }
}

const placeOf = ({ opened, at }: CaseNow): CasePlace => ({
  department: opened.department,
  window: at?.window ?? null,
  applicant: opened.origin === 'online' ? (opened.participants[0]?.subject ?? null) : null,
});

/** The oldest are forgotten: their streams still have them. */
function remember<Place>(places: Map<string, Place>, id: string, place: Place): void {
  if (!places.has(id) && places.size >= kept) places.delete(places.keys().next().value ?? '');
  places.set(id, place);
}
