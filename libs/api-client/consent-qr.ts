/** What a window shows as a QR code while it waits for a holder. */
export interface ConsentQr {
  readonly consent: string;
  /** The two digits that the window shows; null where it shows none. */
  readonly number: string | null;
}

const form = /^consent=([A-Za-z0-9_-]{22})(?:&number=([0-9]{2}))?$/;

/**
 * The text of the QR code: the address of the phone's page, and behind `#`, which no browser sends
 * to a server, the consent and its number. There is nothing in it of the holder or the case.
 */
export const consentQrText = (page: string, { consent, number }: ConsentQr): string =>
  `${page}#consent=${consent}${number === null ? '' : `&number=${number}`}`;

/** What the code says; null where it is none of a window. */
export function readConsentQr(text: string): ConsentQr | null {
  const [, consent, number = null] = form.exec(text.slice(text.indexOf('#') + 1)) ?? [];
  return consent === undefined ? null : { consent, number };
}
