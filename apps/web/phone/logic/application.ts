import { type ApiKey, type Schemas, signCompact } from '#libs/api-client';
import { base64url, canonicalize, utf8Bytes } from '#libs/kernel';

type Matter = Pick<Schemas['MatterForHoldersDto'], 'code' | 'nameZh' | 'department'>;

/** The id that the case gets, drawn here: a signature opens this case and no other. */
function newCaseId(): string {
  const id = base64url(crypto.getRandomValues(new Uint8Array(16)));
  return id.startsWith('-') ? `_${id.slice(1)}` : id;
}

/**
 * The holder's signed application for a matter, under the names that the page shows.
 * @param now milliseconds since 1970
 */
export function signApplication(key: ApiKey, matter: Matter, now: number): Promise<string> {
  const payload = {
    act: 'open',
    capacity: 'self',
    case: newCaseId(),
    department: matter.department,
    iat: Math.floor(now / 1000),
    matter: matter.code,
    matterName: matter.nameZh,
  };
  const header = { typ: 'case-application+jws', kid: key.jkt };
  return signCompact(key, header, utf8Bytes(canonicalize(payload)));
}
