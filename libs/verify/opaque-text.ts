import { utf8Text } from '#libs/kernel';

/**
 * Octets as text, injectively: UTF-8 as itself, any other octet as the lone surrogate U+DC00 +
 * octet, which UTF-8 cannot encode. For formats whose names are opaque octets (tlog-policy,
 * "Character set").
 */
export function opaqueText(octets: Uint8Array): string {
  const whole = decoded(octets);
  if (whole !== null) return whole;
  let text = '';
  for (let at = 0; at < octets.length;) {
    const length = [1, 2, 3, 4].find(
      (count) => at + count <= octets.length && decoded(octets.subarray(at, at + count)) !== null,
    );
    text +=
      length === undefined
        ? String.fromCharCode(0xdc00 + (octets[at] ?? 0))
        : (decoded(octets.subarray(at, at + length)) ?? '');
    at += length ?? 1;
  }
  return text;
}

function decoded(octets: Uint8Array): string | null {
  try {
    return utf8Text(octets);
  } catch {
    return null;
  }
}
