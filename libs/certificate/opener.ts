import { Injectable } from '@nestjs/common';
import { SealBroken, Vault } from '#libs/vault';
import type { CertificateVersion } from './certificate.events.js';
import { DisclosureOpener } from './ports.js';
import { disclosureDigest, readDisclosure } from './sd-jwt.js';
import { VersionSeals } from './version-seals.js';

/**
 * Opens disclosures with the holder's own key. What is not named is not decrypted; what is opened
 * is checked against the signed digest.
 */
@Injectable()
export class VaultDisclosureOpener extends DisclosureOpener {
  constructor(
    private readonly vault: Vault,
    private readonly seals: VersionSeals,
  ) {
    super();
  }

  async open(
    certificate: string,
    version: CertificateVersion,
    subject: string,
    names: readonly string[],
  ): Promise<readonly { readonly name: string; readonly disclosure: string }[]> {
    const wanted = version.disclosures.filter(({ name }) => names.includes(name));
    const wrapped = version.keys.find((key) => key.subject === subject)?.wrapped;
    if (wrapped === undefined)
      throw new SealBroken('seal_broken', 'the subject is no holder of this version');
    if (wanted.length === 0) return [];
    const key = await this.vault.unwrap(subject, wrapped);
    return wanted.map((sealed) => {
      const disclosure = this.seals.openDisclosure(certificate, version.number, key, sealed);
      if (
        disclosureDigest(disclosure) !== sealed.digest ||
        readDisclosure(disclosure).name !== sealed.name
      )
        throw new SealBroken('seal_broken', 'a disclosure is not the one that was signed', {
          certificate,
        });
      return { name: sealed.name, disclosure };
    });
  }
}
