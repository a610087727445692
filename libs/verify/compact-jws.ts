import {
  fromBase64url,
  isObject,
  type JsonObject,
  parseJson,
  utf8Bytes,
  utf8Text,
} from '#libs/kernel';

/** A compact JWS (RFC 7515) taken apart; nobody has looked at its signature yet. */
export interface OpenedJws {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  /** The text of the payload, as it was signed. */
  readonly text: string;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Members that would bring a key along, or change what is signed. */
const forbidden = [
  'jwk',
  'jku',
  'x5u',
  'x5c',
  'x5t',
  'x5t#S256',
  'crit',
  'zip',
  'b64',
  'enc',
  'epk',
];

/**
 * @returns null where it is no compact JWS of that `typ` with a JSON object for a payload
 */
export function openJws(jws: string, typ: string): OpenedJws | null {
  const [head = '', body = '', mark = '', ...more] = jws.split('.');
  if (more.length > 0) return null;
  const [header, payload] = [objectIn(head), objectIn(body)];
  const signature = fromBase64url(mark);
  if (header === null || payload === null || signature === null) return null;
  if (header.value['typ'] !== typ) return null;
  if (forbidden.some((member) => Object.hasOwn(header.value, member))) return null;
  return {
    header: header.value,
    payload: payload.value,
    text: payload.text,
    signed: utf8Bytes(`${head}.${body}`),
    signature,
  };
}

function objectIn(encoded: string): { value: JsonObject; text: string } | null {
  const bytes = fromBase64url(encoded);
  if (bytes === null) return null;
  try {
    const text = utf8Text(bytes);
    const value = parseJson(text);
    return isObject(value) ? { value, text } : null;
  } catch {
    return null;
  }
}
