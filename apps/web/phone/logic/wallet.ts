import type { Schemas } from '#libs/api-client';
import { answered } from '../../shared/trouble.ts';
import type { Phone } from '../city.ts';

export type Certificate = Schemas['HeldCertificateDto'];

/** @throws RequestFailed */
export const walletPage = (phone: Phone, page: number) =>
  answered(phone.api.GET('/v1/phone/wallet', { params: { query: { page } } }));

/** Every page: who looks for one certificate does not know on which it is. */
export async function wholeWallet(phone: Phone): Promise<readonly Certificate[]> {
  const all: Certificate[] = [];
  for (let page = 1; ; page += 1) {
    const { certificates, total } = await walletPage(phone, page);
    all.push(...certificates);
    if (certificates.length === 0 || all.length >= total) return all;
  }
}
