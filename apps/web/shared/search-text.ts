/** The longest run of digits in a matter's code or name is shorter. */
const digitsOfNumber = /\d{7}/;
/** The value of a holder's QR code, alone or at the end of an address. */
const holderCode = /(?:^|[^A-Za-z0-9_-])[A-Za-z0-9_-]{22}$/;

/**
 * Whether a text may be a person's number or code, as a scanner types it into whatever has the
 * focus. It is not searched for: the words of a search stand in an address.
 */
export const mayBeNumberOrCode = (text: string): boolean =>
  digitsOfNumber.test(text.replace(/\s/g, '')) || holderCode.test(text.trim());
