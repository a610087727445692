import { signedDigest } from '#libs/certificate';
import { JwsRefused, unverifiedHeader } from '#libs/identity';
import { isObject, type JsonObject, type JsonValue, Unreachable } from '#libs/kernel';
import { mayHaveCrossed, type Moment, seconds } from './moments.js';
import { NamedRows } from './named-rows.js';
import { list, type Saying, text } from './saying.js';
import type { SignatureToCheck } from './signatures.js';

/** The types that these rules are about. */
export const authorityTypes = [
  'ClientRegistered',
  'ClientKeyRotated',
  'ClientDisabled',
  'ClientEnabled',
  'CertificateIssued',
  'CertificateAmended',
] as const;
export type AuthorityType = (typeof authorityTypes)[number];

/** A client that is registered as an issuing authority. */
interface Authority {
  readonly creditCode: string;
  readonly types: ReadonlySet<JsonValue>;
  /** Seconds, see `seconds`; null while it is not. */
  disabledAt: number | null;
}
interface AuthorityKey {
  readonly of: Authority;
  readonly jwk: JsonObject;
  retiredAt: number | null;
}

/** Numbers of a certificate: what it is, as an entry, and the digest of its newest signed part. */
const ofCertificate = { kind: 0, digest: 1, width: 9 };

/**
 * Who may issue what, and by which key, at each point of the ledger; and of each certificate what its newest version is, which the next one
 * must name.
 */
export class AuthorityRules {
  /** By stream. */
  readonly #authorities = new Map<string, Authority>();
  /** By the key's id: two clients may have registered one key. */
  readonly #keys = new Map<string, AuthorityKey[]>();
  /** By stream. */
  readonly #certificates = new NamedRows(ofCertificate.width);
  /** Type and authority of certificates: few are told apart. */
  readonly #kinds: { readonly type: string; readonly authority: string }[] = [];
  readonly #knownKinds = new Map<string, number>();

  constructor(private readonly sign: (toCheck: SignatureToCheck) => void) {}

  take(type: AuthorityType, saying: Saying, now: Moment): void {
    const { at, said } = saying;
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
      case 'CertificateIssued': {
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

  #register({ at, said }: Saying): void {
    const { authority: as } = said;
    if (!isObject(as)) return;
    const authority = {
      creditCode: text(as, 'creditCode'),
      types: new Set(list(as['types'])),
      disabledAt: null,
    };
    this.#authorities.set(at.stream, authority);
    for (const key of list(said['keys'])) this.#learnKey(authority, key);
  }

  /** The new key works and all others stop in the same event. */
  #rotate({ at, said }: Saying): void {
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
  #version({ at, said, found }: Saying, now: Moment, row: number, supersedes: string | null) {
    const jws = text(said, 'signed');
    this.#setDigest(row, signedDigest(jws));
    const kind = this.#kinds[this.#certificates.get(row, ofCertificate.kind)];
    const keys = this.#keys.get(kidOf(jws) ?? '') ?? [];
    const [some] = keys;
    if (some === undefined || kind === undefined) {
      found('authority_key_unknown');
      return;
    }
    const entitled = keys.filter(
      ({ of }) => of.creditCode === kind.authority && of.types.has(kind.type),
    );
    const stands = (since: number | null) =>
      since === null || mayHaveCrossed(text(said, 'time'), since, now);
    const held = entitled.filter(({ retiredAt }) => stands(retiredAt));
    if (entitled.length === 0) found('authority_not_entitled');
    else if (held.length === 0) found('authority_key_retired');
    else if (!held.some(({ of }) => stands(of.disabledAt))) found('authority_disabled');
    const { jwk: key } = held[0] ?? entitled[0] ?? some;
    const number = typeof said['number'] === 'number' ? said['number'] : 0;
    this.sign({ ...at, jws, key, certificate: { ...kind, number, supersedes } });
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

function kidOf(signed: string): string | null {
  try {
    const { kid } = unverifiedHeader(signed);
    return typeof kid === 'string' ? kid : null;
  } catch (error) {
    if (error instanceof JwsRefused) return null;
    throw error;
  }
}
