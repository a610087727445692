import type { CaseNow } from '#libs/case';
import type { CertificateVersion } from '#libs/certificate';
import {
  type Action,
  type Basis,
  type MissingReason,
  purposeEn,
  purposeZh,
  shanghaiMinute,
} from '#libs/consent';
import type { Instant, JsonValue } from '#libs/kernel';

/**
 * One answered material: what the authority signed, and the part of it that the holder consented to
 * show.
 */
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
  /**
   * SD-JWT disclosures (RFC 9901, 4.2) of the fields below and no others: the digest of each is in
   * `signed`.
   */
  readonly disclosures: readonly string[];
  readonly fields: Readonly<Record<string, JsonValue>>;
  readonly absentFields: readonly string[];
}

/** The released data: the commitment in the record is over these members. */
export interface HandedOver {
  readonly consent: string;
  readonly case: string;
  /** The permitted use, and the basis of the release. */
  readonly action: Action;
  readonly basis: Basis;
  /** The holder, by the department's pairwise id. */
  readonly subject: string;
  /** For a watermark: window, purpose, time, case. */
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

/** The line that is printed across a copy: it says what the copy may be used for. */
export function watermark(
  opened: CaseNow['opened'],
  window: string,
  now: Instant,
): HandedOver['purpose'] {
  const { department, departmentEn, matterName, matterNameEn } = opened;
  const minute = shanghaiMinute(now);
  return {
    zh: `仅供${department}（窗口：${window}）${purposeZh(matterName)}使用 · ${minute}（北京时间） · 办件 ${opened.case}`,
    en: `Only for ${departmentEn ?? department} (window: ${window}) ${purposeEn(matterNameEn)} · ${minute} (Beijing time) · case ${opened.case}`,
  };
}
