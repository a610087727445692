/** A one-time code of an enrolment: 128 bits, base64url. */
const form = /^[\w-]{22}$/;

/**
 * The code in what was scanned, typed or opened: the code itself, or a link of a window that holds
 * it behind `#`; null where it is neither.
 */
export function enrolmentCodeIn(text: string): string | null {
  const typed = text.replace(/\s/g, '');
  if (form.test(typed)) return typed;
  const at = typed.indexOf('#');
  const code = at < 0 ? null : new URLSearchParams(typed.slice(at + 1)).get('code');
  return code !== null && form.test(code) ? code : null;
}
