import { isCreditCode, residentIdFault } from '#libs/kernel';
import type { Schemas } from '#libs/api-client';

export type Role = Schemas['ParticipantDto']['role'];

/** How a clerk's entry names the holder. */
export type Entry =
  | { readonly is: 'empty' }
  /** So far it can still become a number or a code. */
  | { readonly is: 'typing'; readonly left: number }
  | { readonly is: 'wrong'; readonly fault: 'check' | 'birth' | 'shape' }
  | { readonly is: 'number'; readonly kind: '111' | '001'; readonly number: string }
  | { readonly is: 'code'; readonly code: string };

/** The value of a holder's QR code; a phone may show it at the end of an address. */
const codeAtEnd = /(?:^|[^A-Za-z0-9_-])([A-Za-z0-9_-]{22})$/;
const numberLength = 18;

/**
 * What was typed, or what a hand scanner typed.
 * @param today `YYYY-MM-DD`
 * @param kind of holder that the role takes; a company's code has 18 characters, too
 */
export function readEntry(text: string, kind: 'natural' | 'legal', today: string): Entry {
  const entry = text.trim();
  if (entry === '') return { is: 'empty' };
  const code = codeAtEnd.exec(entry)?.[1];
  if (code !== undefined) return { is: 'code', code };
  const number = entry.replace(/\s/g, '').toUpperCase();
  if (number.length > numberLength) return { is: 'wrong', fault: 'shape' };
  if (kind === 'legal') {
    if (!/^[0-9A-Z]+$/.test(number)) return { is: 'wrong', fault: 'shape' };
    if (number.length < numberLength) return { is: 'typing', left: numberLength - number.length };
    return isCreditCode(number)
      ? { is: 'number', kind: '001', number }
      : { is: 'wrong', fault: 'check' };
  }
  // A code from a scanner arrives letter by letter; only what looks like a number is judged as one.
  if (!/^\d{1,17}$|^\d{17}[\dX]$/.test(number))
    return /^\d{1,17}\D/.test(number) || number.length === numberLength
      ? { is: 'wrong', fault: 'shape' }
      : { is: 'typing', left: 0 };
  if (number.length < numberLength) return { is: 'typing', left: numberLength - number.length };
  const fault = residentIdFault(number, today);
  return fault === null ? { is: 'number', kind: '111', number } : { is: 'wrong', fault };
}

/** A number as it stays on the screen after its entry. */
export const masked = (number: string): string =>
  `${number.slice(0, 3)}${'*'.repeat(Math.max(number.length - 7, 0))}${number.slice(-4)}`;

/** Today in the offices' time zone, `YYYY-MM-DD`. */
export const shanghaiDay = (now: Date): string =>
  new Date(now.getTime() + 8 * 3600_000).toISOString().slice(0, 10);

/** Whether companies hold certificates in this role. */
const legal = new Set<string>(['legal-person', 'mortgagee', 'surveyor', 'designer', 'contractor']);
export const holderKind = (role: string): 'natural' | 'legal' =>
  legal.has(role) ? 'legal' : 'natural';

type Exemption = Schemas['MatterExemptionsDto']['materials'][number];

/**
 * Roles from which the matter's rules take certificates, whoever applies first: a company, where
 * the matter is one of companies.
 */
export function rolesOf(
  materials: readonly Exemption[],
  audience: 'natural' | 'legal',
): readonly [Role, ...Role[]] {
  const first: Role = audience === 'legal' ? 'legal-person' : 'applicant';
  const roles = new Set<Role>([first]);
  for (const { answers } of materials) for (const { whose } of answers) roles.add(whose);
  roles.delete(first);
  return [first, ...roles];
}

/** As the hall prints and calls it: letters before a few digits, and no number of a person. */
export const isQueueNumber = (text: string): boolean => /^[A-Z]{0,3}[0-9]{1,5}$/.test(text);

/** A participant as the case is opened with. */
export const participantOf = (
  role: Role,
  entry: Extract<Entry, { is: 'number' | 'code' }>,
): Schemas['ParticipantDto'] =>
  entry.is === 'code'
    ? { role, code: entry.code }
    : { role, identifier: { kind: entry.kind, number: entry.number } };
