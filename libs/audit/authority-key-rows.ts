import type { ClientKey, IdentityEvent } from '#libs/identity';

/**
 * A period in which certificates by a key are accepted: from and before which version of the
 * client's stream; `until` null while it lasts.
 */
export interface AuthorityKeyRow {
  readonly client: string;
  readonly kid: string;
  readonly since: number;
  readonly until: number | null;
  readonly authority: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly jwk: string;
  readonly retired: boolean;
}

/** The rows of a client after an event of its stream. @param version of the event in the stream */
export function foldAuthorityKeys(
  rows: readonly AuthorityKeyRow[],
  event: IdentityEvent,
  client: string,
  version: number,
): readonly AuthorityKeyRow[] {
  const begin = (authority: string, { kid, alg, jwk }: Pick<ClientKey, 'kid' | 'alg' | 'jwk'>) => ({
    client,
    kid,
    since: version,
    until: null,
    authority,
    alg,
    jwk: JSON.stringify(jwk),
    retired: false,
  });
  const ended = (row: AuthorityKeyRow): AuthorityKeyRow => ({
    ...row,
    until: row.until ?? version,
  });
  switch (event.type) {
    case 'ClientRegistered': {
      const { authority, keys } = event.data;
      return authority == null ? [] : keys.map((key) => begin(authority.creditCode, key));
    }
    case 'ClientKeyRotated': {
      const { added, retired } = event.data;
      const [some] = rows;
      if (some === undefined) return rows;
      const left = rows.map((row) =>
        retired.includes(row.kid) ? { ...ended(row), retired: true } : row,
      );
      const stays = rows.some(({ kid, until }) => kid === added.kid && until === null);
      return stays ? left : [...left, begin(some.authority, added)];
    }
    case 'ClientTypesChanged':
      return rows;
    case 'ClientDisabled':
      return rows.map(ended);
    case 'ClientEnabled': {
      const again = new Map(
        rows.filter(({ retired }) => !retired).map((row) => [row.kid, row] as const),
      );
      return [
        ...rows,
        ...[...again.values()]
          .filter(({ until }) => until !== null)
          .map((row) => ({ ...row, since: version, until: null })),
      ];
    }
  }
}
