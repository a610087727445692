import { fromBase64url } from '#libs/kernel';
import { formatNote, type NoteSigner } from '#libs/log';
import { signStatementKeys } from '#libs/verify';

/**
 * The keys by which this ledger signs exemption statements, as the published note that the log's
 * key signs.
 */
export class PublishedStatementKeys {
  readonly text: string;

  /**
   * @param keys public Ed25519 JWKs (RFC 8037)
   * @throws StatementKeysRefused where one is not, or has a kid that cannot be part of a line
   */
  constructor(
    keys: readonly { readonly kid: string; readonly x?: string | undefined }[],
    signer: NoteSigner,
  ) {
    this.text = formatNote(
      signStatementKeys(
        keys.map(({ kid, x = '' }) => ({ kid, publicKey: fromBase64url(x) ?? new Uint8Array() })),
        signer,
      ),
    );
  }
}
