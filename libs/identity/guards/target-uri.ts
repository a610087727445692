/**
 * RFC 3986, appendix A: what an http or https URI without user information is made of. `%` only
 * before two hexadecimal digits.
 */
const unreservedOrSub = String.raw`A-Za-z0-9\-._~!$&'()*+,;=`;
const encoded = '%[0-9A-Fa-f]{2}';
const segment = `(?:[${unreservedOrSub}:@]|${encoded})*`;
const httpUri = new RegExp(
  String.raw`^(https?)://(\[[0-9A-Fa-f:.]+\]|(?:[${unreservedOrSub}]|${encoded})+)(?::(\d*))?((?:/${segment})*)` +
    String.raw`(?:\?(?:[${unreservedOrSub}:@/?]|${encoded})*)?(?:#(?:[${unreservedOrSub}:@/?]|${encoded})*)?$`,
  'i',
);

const maxUriLength = 8192;

/**
 * An http or https URI without query and fragment, normalised by RFC 3986, sections 6.2.2 and
 * 6.2.3, as RFC 9449, section 4.3, compares them: case of scheme, host and percent-encodings;
 * encodings of unreserved characters; dot segments; empty path; default port. Nothing is repaired:
 * a text that is not of the syntax, or names a user, is none.
 * @returns null where it is none
 */
export function targetUri(text: string): string | null {
  const [, scheme = '', host = '', port = '', path = ''] =
    (text.length <= maxUriLength && httpUri.exec(text)) || [];
  if (scheme === '') return null;
  const protocol = scheme.toLowerCase();
  const usual = protocol === 'https' ? '443' : '80';
  const number = port.replace(/^0+(?=\d)/, '');
  const behind = number === '' || number === usual ? '' : `:${number}`;
  // An encoding in a host is written in capitals again: the case of its digits means nothing
  // either.
  const name = decoded(decoded(host).toLowerCase());
  return `${protocol}://${name}${behind}${withoutDots(decoded(path))}`;
}

/**
 * Encodings of unreserved characters (RFC 3986, section 2.3) as these characters, all others in
 * capitals.
 */
const decoded = (text: string): string =>
  text.replace(/%[0-9A-Fa-f]{2}/g, (triplet) => {
    const letter = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
    return /[A-Za-z0-9\-._~]/.test(letter) ? letter : triplet.toUpperCase();
  });

/** RFC 3986, section 5.2.4, of a path that begins with a slash; an empty one is `/`. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  segments.forEach((part, n) => {
    const last = n === segments.length - 1;
    if (part === '..') kept.pop();
    if (part !== '.' && part !== '..') kept.push(part);
    else if (last) kept.push('');
  });
  return `/${kept.join('/')}`;
}
