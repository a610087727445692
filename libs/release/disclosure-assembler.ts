import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import type { CaseNow } from '#libs/case';
import { DisclosureOpener, readDisclosure } from '#libs/certificate';
import type { ConsentRequested } from '#libs/consent';
import { canonicalize, type Instant, type JsonValue } from '#libs/kernel';
import { nodeSha256 } from '#libs/sealing';
import { commitmentTo } from '#libs/verify';
import { type HandedOver, type MaterialReleased, type ToOpen, watermark } from './handed-over.js';
import { OpenedWrongly } from './release.errors.js';

/** The data to release, with the commitment that their record holds. */
export interface Assembled {
  readonly what: HandedOver;
  readonly salt: string;
  readonly commitment: string;
}

/**
 * Opens what the holder consented to, and forms the data to release. No other code opens a
 * disclosure but the holder's own wallet, and `HolderNumbers` where an e-proof is made.
 */
@Injectable()
export class DisclosureAssembler {
  constructor(private readonly opener: DisclosureOpener) {}

  /** @throws SubjectKeyAbsent where the holder's key was erased: nothing is opened then */
  async assemble(
    subject: string,
    toOpen: readonly ToOpen[],
    about: {
      readonly request: ConsentRequested['data'];
      readonly opened: CaseNow['opened'];
      readonly window: string;
      readonly pairwise: string;
      readonly missing: HandedOver['missing'];
      readonly now: Instant;
    },
  ): Promise<Assembled> {
    const { request, opened, window, pairwise, missing, now } = about;
    const what: HandedOver = {
      consent: request.consent,
      case: request.case,
      action: request.action,
      basis: request.basis,
      subject: pairwise,
      purpose: watermark(opened, window, now),
      materials: await Promise.all(
        toOpen.map(async (each): Promise<MaterialReleased> => {
          const { disclosures, fields } = await this.#open(subject, each);
          return {
            material: each.material,
            nameZh:
              opened.materials.find(({ material }) => material === each.material)?.nameZh ??
              each.material,
            type: each.type,
            authority: each.authority,
            version: each.version.number,
            signed: each.version.signed,
            disclosures,
            fields,
            absentFields: each.absentFields,
          };
        }),
      ),
      missing,
    };
    const salt = randomBytes(32);
    const commitment = commitmentTo(salt, canonicalize(what), nodeSha256);
    return { what, salt: salt.toString('base64url'), commitment };
  }

  async #open(subject: string, { certificate, version, fields }: ToOpen) {
    const opened = await this.opener.open(certificate, version, subject, fields);
    const values: Record<string, JsonValue> = {};
    for (const { disclosure } of opened) {
      const { name, value } = readDisclosure(disclosure);
      // The disclosure's own name counts, not the one it was stored under.
      if (!fields.includes(name) || name in values) throw unexpected();
      values[name] = value;
    }
    if (Object.keys(values).length !== fields.length) throw unexpected();
    return { disclosures: opened.map(({ disclosure }) => disclosure), fields: values };
  }
}

const unexpected = () =>
  new OpenedWrongly('disclosure_unexpected', 'a disclosure is not of a field that was asked for');
