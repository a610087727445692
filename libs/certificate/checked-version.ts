import type { TypeDefinition } from '#libs/catalogue';
import type { CheckedContent } from './content.js';
import type { ReadSdJwt } from './sd-jwt.js';

/**
 * A version of a certificate that may enter the ledger: the authority's word, checked against its
 * register and the catalogue.
 */
export interface CheckedVersion {
  readonly read: ReadSdJwt;
  readonly content: CheckedContent;
  readonly type: TypeDefinition;
}
