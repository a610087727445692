import { Injectable } from '@nestjs/common';
import { Catalogue, type TypeDefinition } from '#libs/catalogue';
import {
  type AuthorityOf,
  type ClientCaller,
  ClientDirectory,
  type RegisteredClient,
} from '#libs/identity';
import { type Instant, shanghaiDay } from '#libs/kernel';
import type { CheckedVersion } from './checked-version.js';
import { CertificateMalformed, IssuerRefused } from './certificate.errors.js';
import { checkContent } from './content.js';
import { type ReadSdJwt, readSdJwt } from './sd-jwt.js';

/**
 * One caller's desk: what is known of the caller is read once, types as they are met; for the time
 * of one request.
 */
export interface Desk {
  readonly authority: AuthorityOf;
  /** @throws CertificateMalformed, IssuerRefused, JwsRefused, IdentifierInvalid */
  check(sdJwt: string): Promise<CheckedVersion>;
}

/**
 * Where issuing authorities hand in what they signed. Only an issuing authority comes to it; it
 * signs in its own name, with a key that it registered, certificates of its own types.
 */
@Injectable()
export class IssuingDesk {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly catalogue: Catalogue,
  ) {}

  /** @param now when the command came: what is judged by the day is judged by its day */
  async open(caller: ClientCaller, now: Instant): Promise<Desk> {
    authorityOf(caller);
    return this.openFor(caller.client, now);
  }

  /** The desk of an authority that was asked for something. @throws IssuerRefused */
  async openFor(client: string, now: Instant): Promise<Desk> {
    const registered = await this.clients.find(client);
    if (registered?.enabled !== true) throw notAnAuthority();
    const authority = authorityOf(registered);
    const types = new Map<string, Promise<TypeDefinition | null>>();
    const typeOf = (code: string) => {
      const known = types.get(code) ?? this.catalogue.type(code);
      types.set(code, known);
      return known;
    };
    return {
      authority,
      check: async (sdJwt) => {
        const read = readSdJwt(sdJwt, (header) => keyOf(registered, header['kid']));
        checkIssuer(read, authority);
        const type = await typeOf(read.claims.type);
        if (type === null)
          throw new CertificateMalformed('type_unknown', 'the catalogue has no such type');
        return { read, content: checkContent(read, type, shanghaiDay(now)), type };
      },
    };
  }
}

/** The authority that a caller acts for. @throws IssuerRefused */
export function authorityOf(caller: Pick<ClientCaller, 'kind' | 'authority'>): AuthorityOf {
  if (caller.kind !== 'issuing-authority' || caller.authority === null) throw notAnAuthority();
  return caller.authority;
}

const notAnAuthority = () =>
  new IssuerRefused(
    'caller_not_issuing_authority',
    'certificates are handed in by issuing authorities',
  );

function keyOf(registered: RegisteredClient, kid: unknown) {
  const key = registered.keys.find((candidate) => candidate.kid === kid);
  if (key === undefined)
    throw new IssuerRefused(
      'key_not_of_caller',
      'the certificate is signed by a key that the caller has not registered',
    );
  return key.jwk;
}

function checkIssuer({ claims }: ReadSdJwt, authority: AuthorityOf): void {
  if (claims.authority !== authority.creditCode)
    throw new IssuerRefused('issuer_not_caller', 'the certificate names another authority', {
      authority: authority.creditCode,
    });
  if (!authority.types.includes(claims.type))
    throw new IssuerRefused(
      'type_not_of_authority',
      'the authority does not issue certificates of this type',
      { authority: authority.creditCode },
    );
}
