import { Injectable } from '@nestjs/common';
import { hash, randomBytes } from 'node:crypto';
import type { CaseNow } from '#libs/case';
import { type CertificateVersion, DisclosureOpener, readDisclosure } from '#libs/certificate';
import {
  type ConsentRequested,
  type MissingReason,
  purposeEn,
  purposeZh,
  shanghaiMinute,
} from '#libs/consent';
import { canonicalize, type Instant, type JsonValue } from '#libs/kernel';
import { OpenedWrongly } from './release.errors.js';

/** One material answered: the authority's word, and what of it the holder agreed to show. */
export interface MaterialReleased {
  readonly material: string;
  readonly nameZh: string;
  readonly type: string;
  /** Credit code of the authority that signed. */
  readonly authority: string;
  /** Version of the certificate, from 1. */
  readonly version: number;
  /** The authority's JWS, without disclosures. */
  readonly signed: string;
  /** SD-JWT disclosures (RFC 9901, 4.2) of the fields below and no others: each one's digest stands in `signed`. */
  readonly disclosures: readonly string[];
  readonly fields: Readonly<Record<string, JsonValue>>;
  readonly absentFields: readonly string[];
}

/** What is handed over, whole: the commitment in the record is over these members. */
export interface HandedOver {
  readonly consent: string;
  readonly case: string;
  /** The holder, under the name that this department knows. */
  readonly subject: string;
  /** For a watermark: by whom, what for, when, which case. */
  readonly purpose: { readonly zh: string; readonly en: string };
  readonly materials: readonly MaterialReleased[];
  readonly missing: readonly { readonly material: string; readonly reason: MissingReason }[];
}

/** What is to be opened for one material. */
export interface ToOpen {
  readonly material: string;
  readonly certificate: string;
  readonly type: string;
  readonly authority: string;
  readonly version: CertificateVersion;
  readonly fields: readonly string[];
  readonly absentFields: readonly string[];
}

/**
 * SHA-256(salt ‖ RFC 8785 of what is handed over), base64url. The record holds it, the receiver gets the salt: who has both can prove what
 * was handed over, who has the record alone can guess nothing.
 */
export const commitmentTo = (salt: Uint8Array, what: HandedOver): string =>
  hash('sha256', Buffer.concat([salt, Buffer.from(canonicalize(what), 'utf8')]), 'base64url');

/** Opens what the holder agreed to, and forms what leaves. The only place, besides the holder's own wallet, in which a disclosure is opened. */
@Injectable()
export class HandingOver {
  constructor(private readonly opener: DisclosureOpener) {}

  /** @throws SubjectKeyAbsent where the holder's key was erased: nothing is opened then */
  async form(
    subject: string,
    toOpen: readonly ToOpen[],
    about: {
      readonly request: ConsentRequested['data'];
      readonly opened: CaseNow['opened'];
      readonly pairwise: string;
      readonly missing: HandedOver['missing'];
      readonly now: Instant;
    },
  ): Promise<{ readonly what: HandedOver; readonly salt: string; readonly commitment: string }> {
    const { request, opened, pairwise, missing, now } = about;
    const what: HandedOver = {
      consent: request.consent,
      case: request.case,
      subject: pairwise,
      purpose: watermark(opened, now),
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
    return { what, salt: salt.toString('base64url'), commitment: commitmentTo(salt, what) };
  }

  async #open(subject: string, { certificate, version, fields }: ToOpen) {
    const opened = await this.opener.open(certificate, version, subject, fields);
    const values: Record<string, JsonValue> = {};
    for (const { disclosure } of opened) {
      const { name, value } = readDisclosure(disclosure);
      // What the disclosure itself says counts, not what it was filed under.
      if (!fields.includes(name) || name in values) throw unexpected();
      values[name] = value;
    }
    if (Object.keys(values).length !== fields.length) throw unexpected();
    return { disclosures: opened.map(({ disclosure }) => disclosure), fields: values };
  }
}

const unexpected = () =>
  new OpenedWrongly('disclosure_unexpected', 'a disclosure is not of a field that was asked for');

/** The line that is printed across a copy: it says what the copy is good for. */
export function watermark(opened: CaseNow['opened'], now: Instant): HandedOver['purpose'] {
  const { department, window, matterName, matterNameEn } = opened;
  const minute = shanghaiMinute(now);
  return {
    zh: `仅供${department}（窗口：${window}）${purposeZh(matterName)}使用 · ${minute}（北京时间） · 办件 ${opened.case}`,
    en: `Only for ${department} (window: ${window}) ${purposeEn(matterNameEn)} · ${minute} (Beijing time) · case ${opened.case}`,
  };
}
