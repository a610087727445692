import { isObject, type JsonObject } from '#libs/kernel';
import { signCountGrows, signingKeyOf, thumbprintOf } from '#libs/verify';
import { type DecodedRecord, text } from './decoded-record.js';
import { KeyRows } from './key-rows.js';
import { seconds } from './moments.js';
import type { SignatureToCheck } from './signatures.js';

/** Numbers beside a key: seconds, see `seconds`; the row of a passkey's phone, and 1. */
const beside = { revokedAt: 0, phone: 1, signCount: 2, rpId: 3, numbers: 4 } as const;

/** Keys by which holders grant: those of phones, and passkeys beside them. */
export class GrantKeys {
  /** By stream and thumbprint, before they are enrolled. */
  readonly #offered = new KeyRows();
  /** By subject and thumbprint. */
  readonly #keys = new KeyRows(beside.numbers);
  /** Each once: a city has one. */
  readonly #rpIds: string[] = [];

  constructor(private readonly sign: (toCheck: SignatureToCheck) => void) {}

  offer({ at, said }: DecodedRecord): void {
    const { jwk } = said;
    if (isObject(jwk)) this.#offered.set(`${at.stream} ${text(said, 'jkt')}`, jwk);
  }

  enrol({ at, said }: DecodedRecord): void {
    const jkt = text(said, 'jkt');
    const jwk = this.#offered.get(`${at.stream} ${jkt}`);
    if (jwk !== null) this.#keys.set(nameOf(subjectOf(at), jkt), jwk);
  }

  /** A phone's key in use signs for it; both stand in one stream, so that nothing can cross. */
  addPasskey({ at, said, found }: DecodedRecord): void {
    const subject = subjectOf(at);
    const [jkt, credential, rpId] = [
      text(said, 'jkt'),
      text(said, 'credential'),
      text(said, 'rpId'),
    ];
    const phone = this.#keys.find(nameOf(subject, text(said, 'phone')));
    if (phone < 0 || this.isPasskey(phone) || this.revokedAt(phone) !== null) {
      found('passkey_without_phone');
      return;
    }
    const key = signingKeyOf(said['jwk']);
    if (key === null || thumbprintOf(key) !== jkt || this.find(subject, jkt) >= 0) {
      found('passkey_not_proved');
      return;
    }
    const row = this.#keys.set(nameOf(subject, jkt), said['jwk']);
    this.#keys.setNumber(row, beside.phone, phone + 1);
    this.#keys.setNumber(row, beside.rpId, this.#rpIdRow(rpId));
    const passkey = { credential, jkt, rpId };
    this.sign({ ...at, jws: text(said, 'statement'), key: this.#keys.key(phone), passkey });
  }

  /** Of a phone's key or of a passkey. */
  revoke({ at, said, found }: DecodedRecord): void {
    if (at.stream !== `subject-${text(said, 'caller')}`) found('caller_not_principal');
    const row = this.find(subjectOf(at), text(said, 'jkt'));
    if (row >= 0) this.#keys.setNumber(row, beside.revokedAt, seconds(text(said, 'time')));
  }

  /** The row of a subject's key; −1 where it was not enrolled. */
  find(subject: string, jkt: string): number {
    return this.#keys.find(nameOf(subject, jkt));
  }

  key(row: number): JsonObject {
    return this.#keys.key(row);
  }

  isPasskey(row: number): boolean {
    return this.#keys.number(row, beside.phone) > 0;
  }

  rpId(row: number): string {
    return this.#rpIds[this.#keys.number(row, beside.rpId)] ?? '';
  }

  /** When it, or the phone's key beside which it stands, was taken back; null where neither was. */
  revokedAt(row: number): number | null {
    const phone = this.#keys.number(row, beside.phone);
    const own = this.#keys.number(row, beside.revokedAt);
    const first = [own, phone === 0 ? 0 : this.#keys.number(phone - 1, beside.revokedAt)]
      .filter((at) => at > 0)
      .sort((a, b) => a - b);
    return first[0] ?? null;
  }

  /** Takes the sign count of a grant. @returns whether it grew, or was always 0 */
  counts(row: number, count: number): boolean {
    const grows = signCountGrows(this.#keys.number(row, beside.signCount), count);
    if (grows) this.#keys.setNumber(row, beside.signCount, count);
    return grows;
  }

  #rpIdRow(rpId: string): number {
    const known = this.#rpIds.indexOf(rpId);
    return known >= 0 ? known : this.#rpIds.push(rpId) - 1;
  }
}

const nameOf = (subject: string, jkt: string): string => `${subject} ${jkt}`;
const subjectOf = ({ stream }: DecodedRecord['at']): string => stream.replace(/^subject-/, '');
