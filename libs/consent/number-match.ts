import type { LedgerSecrets } from '#libs/vault';
import { matchCommitment, type NumberMatch } from '#libs/verify';
import { BookDamaged } from './consent.errors.js';
import type { ConsentRequested } from './consent.events.js';

/**
 * Digits and salt of a consent. They are derived from a secret of the ledger and stored nowhere: a
 * retry, another process and a restart derive the same ones, at a cost that does not depend on the
 * holder (docs/adr/0031).
 */
export function drawMatch(secrets: LedgerSecrets, consent: string): NumberMatch {
  const drawn = Buffer.from(secrets.of('number match digits', consent));
  return {
    digits: String(drawn.readUIntBE(0, 6) % 100).padStart(2, '0'),
    salt: Buffer.from(secrets.of('number match salt', consent)).toString('base64url'),
  };
}

/**
 * The number that the window of a request shows; null where there is none.
 * @throws BookDamaged where the ledger's secret is not the one that the request was made under
 */
export function openMatch(
  secrets: LedgerSecrets,
  { consent, match }: Pick<ConsentRequested['data'], 'consent' | 'match'>,
): NumberMatch | null {
  if (match === null) return null;
  const drawn = drawMatch(secrets, consent);
  if (matchCommitment(consent, drawn) !== match.commitment)
    throw new BookDamaged(
      'match_not_opened',
      'the number of a request cannot be formed again with the keys of this process',
      {},
      { hint: 'Put the key file back that was in use, or let the window ask again.' },
    );
  return drawn;
}
