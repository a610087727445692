import { answered } from '../../shared/problems.tsx';
import { open, type Phone } from '../city.ts';
import { ownPasskeys } from '../passkeys/own.ts';
import type { Evidence } from '../logic/checks.ts';

/** @throws RequestFailed */
export async function askEvidence(phone: Phone): Promise<Evidence> {
  const [book, policy, passkeys] = await Promise.all([
    answered(phone.api.GET('/v1/phone/book')),
    answered(open.GET('/log/policy')),
    ownPasskeys(phone),
  ]);
  return { book, policy, passkeys };
}
