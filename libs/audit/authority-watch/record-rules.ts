import {
  type CertificateEvent,
  certificateSchemas,
  sdJwtAlgorithms,
  sdJwtType,
} from '#libs/certificate';
import { EventSchemaUnknown, upcasting } from '#libs/event-store';
import {
  type IdentityEvent,
  identitySchemas,
  type Jwk,
  JwsRefused,
  readCompactJws,
  unverifiedHeader,
} from '#libs/identity';
import {
  base64url,
  fromBase64url,
  isObject,
  type JsonObject,
  parseJson,
  utf8Text,
} from '#libs/kernel';
import type { RecordBody } from '#libs/log';
import type { AuthorityKey } from '#libs/verify';
import type { OwnWork } from './own-work.js';
import type { ReadSoFar } from './memory.js';
import type { Sightings } from './sighting.js';

const types = new Set([
  'ClientRegistered',
  'ClientKeyRotated',
  'CertificateIssued',
  'CertificateAmended',
]);

const codec = upcasting<IdentityEvent | CertificateEvent>({
  ...identitySchemas,
  ...certificateSchemas,
});

/** Whether records of this type can be made in an authority's name. */
export const isWatched = (type: string): boolean => types.has(type);

/** Checks each record in the authority's name, in the order of the ledger. */
export class RecordRules {
  readonly #clients: Set<string>;
  readonly #keys: Map<string, number>;
  /** Versions of certificates under the authority's name. */
  certificates = 0;

  constructor(
    private readonly authority: string,
    private readonly own: OwnWork,
    /** As the log publishes them, by thumbprint. */
    private readonly published: ReadonlyMap<string, AuthorityKey>,
    private readonly sightings: Sightings,
    { clients, keys }: ReadSoFar,
  ) {
    this.#clients = new Set(clients);
    this.#keys = new Map(keys.map(({ kid, leaf }) => [kid, leaf]));
  }

  get known(): Pick<ReadSoFar, 'clients' | 'keys'> {
    return {
      clients: [...this.#clients],
      keys: [...this.#keys].map(([kid, leaf]) => ({ kid, leaf })),
    };
  }

  /** @param record leaf hash in hexadecimal */
  take({ type, schema, stream, data: recorded }: RecordBody, leaf: number, record: string): void {
    let data: JsonObject;
    try {
      data = codec.upcast(type, schema, recorded).data as JsonObject;
    } catch (error) {
      if (!(error instanceof EventSchemaUnknown)) throw error;
      this.sightings.add({ what: 'schema_unknown', leaf, record });
      return;
    }
    switch (type) {
      case 'ClientRegistered': {
        const { authority, keys } = data;
        if (!isObject(authority) || authority['creditCode'] !== this.authority) return;
        this.#clients.add(stream);
        if (Array.isArray(keys)) for (const key of keys) this.#key(key, stream, leaf);
        return;
      }
      case 'ClientKeyRotated':
        if (this.#clients.has(stream)) this.#key(data['added'], stream, leaf);
        return;
      case 'CertificateIssued':
      case 'CertificateAmended':
        this.#certificate(data, stream.replace(/^certificate-/, ''), leaf, record);
    }
  }

  #key(key: unknown, stream: string, leaf: number): void {
    const kid = isObject(key) && typeof key['kid'] === 'string' ? key['kid'] : '';
    if (!this.#keys.has(kid)) this.#keys.set(kid, leaf);
    const client = stream.replace(/^client-/, '');
    if (!this.own.kids.has(kid)) this.sightings.add({ what: 'key_foreign', kid, leaf, client });
  }

  #certificate(data: JsonObject, certificate: string, leaf: number, record: string): void {
    const { authority = null, version } = data;
    const signed = isObject(version) ? version['signed'] : null;
    const jws = typeof signed === 'string' ? signed : '';
    const issuer = issuerIn(jws);
    const { certificates } = this.own;
    const isListed =
      certificates === null ||
      certificates.ids.has(certificate) ||
      certificates.records.has(record);
    const isOurs = issuer === this.authority || authority === this.authority;
    if (!isOurs && (certificates === null || !isListed)) return;
    this.certificates++;
    const isSigned =
      issuer === this.authority &&
      (authority === null || authority === this.authority) &&
      this.#isSigned(jws);
    if (!isSigned) this.sightings.add({ what: 'certificate_foreign', certificate, leaf, record });
    else if (!isListed)
      this.sightings.add({ what: 'certificate_unlisted', certificate, leaf, record });
  }

  #isSigned(jws: string): boolean {
    const key = ({ kid }: JsonObject): Jwk | null => {
      const published = typeof kid === 'string' ? this.published.get(kid) : undefined;
      return published !== undefined && this.own.kids.has(published.kid) ? jwkOf(published) : null;
    };
    try {
      // A thumbprint identifies one key, so that the city's published key with it is that key.
      readCompactJws(jws, { typ: sdJwtType, algorithms: sdJwtAlgorithms, keyOf: key });
      return true;
    } catch (error) {
      if (error instanceof JwsRefused) return false;
      throw error;
    }
  }
}

/** Who a signed part says that it is of, verified or not. */
function issuerIn(jws: string): string | null {
  try {
    unverifiedHeader(jws);
    const payload = fromBase64url(jws.split('.')[1] ?? '');
    const said = payload === null ? null : parseJson(utf8Text(payload));
    return isObject(said) && typeof said['iss'] === 'string' ? said['iss'] : null;
  } catch {
    return null;
  }
}

const jwkOf = ({ alg, publicKey }: AuthorityKey): Jwk =>
  alg === 'EdDSA'
    ? { kty: 'OKP', crv: 'Ed25519', x: base64url(publicKey) }
    : {
        kty: 'EC',
        crv: 'P-256',
        x: base64url(publicKey.subarray(0, 32)),
        y: base64url(publicKey.subarray(32)),
      };
