import { signedDigest } from '#libs/certificate';
import { JwsRefused, unverifiedHeader } from '#libs/identity';
import { isObject, type JsonObject, type JsonValue, Unreachable } from '#libs/kernel';
import { FoldedKeys } from './kept-keys.js';
import { mayHaveCrossed, type Moment, seconds } from './moments.js';
import { NamedRows } from './named-rows.js';
import { list, type DecodedRecord, text } from './decoded-record.js';
import type { SignatureToCheck } from './signatures.js';

/** The types that these rules are about. */
export const authorityTypes = [
  'ClientRegistered',
  'ClientKeyRotated',
  'ClientDisabled',
  'ClientEnabled',
  'ClientTypesChanged',
  'CertificateIssued',
  'CertificateAmended',
] as const;
export type AuthorityType = (typeof authorityTypes)[number];

const clientPrefix = 'client-';

/** A client that is registered as an issuing authority. */
interface Authority {
  readonly creditCode: string;
  /** Each type that it ever had, with the time of its removal (seconds); null while it has it. */
  readonly types: Map<JsonValue, number | null>;
  /** Seconds, see `seconds`; null while it is enabled. */
  disabledAt: number | null;
}
interface AuthorityKey {
  readonly of: Authority;
  readonly jwk: JsonObject;
  retiredAt: number | null;
}

/**
 * Columns of a certificate: its kind, as an entry, the digest of its newest signed part, and the
 * latter's `as_of`.
 */
const ofCertificate = { kind: 0, digest: 1, day: 9, second: 10, width: 11 };

/**
 * Which authority may issue which types, and by which key, at each point of the ledger; and the
 * newest version of each certificate, which the next one must name.
 */
export class AuthorityRules {
  /** By stream. */
  readonly #authorities = new Map<string, Authority>();
  /** By the key's id: two clients may have registered one key. */
  readonly #keys = new Map<string, AuthorityKey[]>();
  /** By stream. */
  readonly #certificates = new NamedRows(ofCertificate.width);
  /** Digests of the contents of first versions: each belongs to one certificate. */
  readonly #first = new NamedRows(0);
  /** Type and authority of certificates, of which there are few pairs. */
  readonly #kinds: { readonly type: string; readonly authority: string }[] = [];
  readonly #knownKinds = new Map<string, number>();

  /** The keys of authorities, folded from the records. */
  readonly folded = new FoldedKeys();

  constructor(private readonly sign: (toCheck: SignatureToCheck) => void) {}

  take(type: AuthorityType, saying: DecodedRecord, now: Moment): void {
    const { at, said } = saying;
    if (at.stream.startsWith(clientPrefix))
      this.folded.take(type, at.stream.slice(clientPrefix.length), at.version, at.leaf, said);
    switch (type) {
      case 'ClientRegistered':
        this.#register(saying);
        return;
      case 'ClientKeyRotated':
        this.#rotate(saying);
        return;
      case 'ClientDisabled':
      case 'ClientEnabled': {
        const authority = this.#authorities.get(at.stream);
        if (authority !== undefined)
          authority.disabledAt = type === 'ClientEnabled' ? null : seconds(text(said, 'time'));
        return;
      }
      case 'ClientTypesChanged':
        this.#changeTypes(saying);
        return;
      case 'CertificateIssued': {
        const digest = signedDigest(text(said, 'signed'));
        if (this.#certificates.find(at.stream) >= 0 || this.#first.find(digest) >= 0)
          saying.found('certificate_twice');
        this.#first.add(digest);
        const row = this.#certificates.add(at.stream);
        this.#certificates.set(row, ofCertificate.kind, this.#kind(said));
        this.#version(saying, now, row, null);
        return;
      }
      case 'CertificateAmended': {
        const row = this.#certificates.find(at.stream);
        if (row < 0) saying.found('certificate_not_as_signed');
        else this.#version(saying, now, row, this.#digest(row));
        return;
      }
      default:
        throw new Unreachable(type);
    }
  }

  #register({ at, said }: DecodedRecord): void {
    const { authority: as } = said;
    if (!isObject(as)) return;
    const authority = {
      creditCode: text(as, 'creditCode'),
      types: new Map(list(as['types']).map((type) => [type, null])),
      disabledAt: null,
    };
    this.#authorities.set(at.stream, authority);
    for (const key of list(said['keys'])) this.#learnKey(authority, key);
  }

  #changeTypes({ at, said }: DecodedRecord): void {
    const types = this.#authorities.get(at.stream)?.types;
    if (types === undefined) return;
    const now = list(said['types']);
    const takenAway = seconds(text(said, 'time'));
    for (const [type, since] of types) if (!now.includes(type)) types.set(type, since ?? takenAway);
    for (const type of now) types.set(type, null);
  }

  /** One event enables the new key and disables all others. */
  #rotate({ at, said }: DecodedRecord): void {
    const authority = this.#authorities.get(at.stream);
    if (authority === undefined) return;
    const retiredAt = seconds(text(said, 'time'));
    for (const kid of list(said['retired']))
      for (const key of this.#keys.get(typeof kid === 'string' ? kid : '') ?? [])
        if (key.of === authority) key.retiredAt ??= retiredAt;
    this.#learnKey(authority, said['added']);
  }

  #learnKey(of: Authority, key: JsonValue | undefined): void {
    if (!isObject(key) || !isObject(key['jwk'])) return;
    const kid = text(key, 'kid');
    const known = this.#keys.get(kid);
    const learnt = { of, jwk: key['jwk'], retiredAt: null };
    if (known === undefined) this.#keys.set(kid, [learnt]);
    else if (!known.some((one) => one.of === of)) known.push(learnt);
  }

  /** @param supersedes digest of the version before; null for the first */
  #version(
    { at, said, found }: DecodedRecord,
    now: Moment,
    row: number,
    supersedes: string | null,
  ) {
    const jws = text(said, 'signed');
    this.#setDigest(row, signedDigest(jws));
    const asOf = typeof said['asOf'] === 'string' ? said['asOf'] : null;
    if (!this.#follows(row, asOf)) found('certificate_out_of_order');
    const kind = this.#kinds[this.#certificates.get(row, ofCertificate.kind)];
    const keys = this.#keys.get(kidOf(jws) ?? '') ?? [];
    const [some] = keys;
    if (some === undefined || kind === undefined) {
      found('authority_key_unknown');
      return;
    }
    const stands = (since: number | null) =>
      since === null || mayHaveCrossed(text(said, 'time'), since, now);
    const entitled = keys.filter(
      ({ of }) =>
        of.creditCode === kind.authority &&
        of.types.has(kind.type) &&
        stands(of.types.get(kind.type) ?? null),
    );
    const held = entitled.filter(({ retiredAt }) => stands(retiredAt));
    if (entitled.length === 0) found('authority_not_entitled');
    else if (held.length === 0) found('authority_key_retired');
    else if (!held.some(({ of }) => stands(of.disabledAt))) found('authority_disabled');
    const { jwk: key } = held[0] ?? entitled[0] ?? some;
    const number = typeof said['number'] === 'number' ? said['number'] : 0;
    this.sign({ ...at, jws, key, certificate: { ...kind, number, asOf, supersedes } });
  }

  /** Stores the `as_of` of the newest version. @returns whether the previous one was not later */
  #follows(row: number, asOf: string | null): boolean {
    const before = [ofCertificate.day, ofCertificate.second].map((at) =>
      this.#certificates.get(row, at),
    );
    const [day, second] = numbersOf(asOf);
    this.#certificates.set(row, ofCertificate.day, day);
    this.#certificates.set(row, ofCertificate.second, second);
    const [dayBefore = 0, secondBefore = 0] = before;
    return dayBefore < day || (dayBefore === day && secondBefore <= second);
  }

  #kind(said: JsonObject): number {
    const [type, authority] = [text(said, 'type'), text(said, 'authority')];
    const spelt = JSON.stringify([type, authority]);
    let entry = this.#knownKinds.get(spelt);
    if (entry === undefined) {
      entry = this.#kinds.push({ type, authority }) - 1;
      this.#knownKinds.set(spelt, entry);
    }
    return entry;
  }

  /** @param digest base64url of 32 bytes */
  #setDigest(row: number, digest: string): void {
    const bytes = Buffer.from(digest, 'base64url');
    for (let n = 0; n < 8; n++)
      this.#certificates.set(row, ofCertificate.digest + n, bytes.readInt32BE(n * 4));
  }

  #digest(row: number): string {
    const bytes = Buffer.alloc(32);
    for (let n = 0; n < 8; n++)
      bytes.writeInt32BE(this.#certificates.get(row, ofCertificate.digest + n), n * 4);
    return bytes.toString('base64url');
  }
}

/** Day and second of an `as_of` as two ordered numbers of 32 bits; zeroes where there is none. */
function numbersOf(asOf: string | null): readonly [number, number] {
  if (asOf === null) return [0, 0];
  const digits = asOf.replaceAll(/\D/g, '');
  return [Number(digits.slice(0, 8)), digits.length > 8 ? Number(digits.slice(8)) + 1 : 0];
}

function kidOf(signed: string): string | null {
  try {
    const { kid } = unverifiedHeader(signed);
    return typeof kid === 'string' ? kid : null;
  } catch (error) {
    if (error instanceof JwsRefused) return null;
    throw error;
  }
}
