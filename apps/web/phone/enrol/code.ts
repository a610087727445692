/** A one-time code of an enrolment: 128 bits, base64url. */
const form = /^[\w-]{22}$/;
/** The handle of a terminal, which has no 0, O, 1, I or L, and eight digits. */
const typedForm = /^([2-9A-HJKMNP-Z]{4})(\d{8})$/;

export type EnrolmentEntry =
  | { readonly is: 'code'; readonly code: string }
  | { readonly is: 'typed'; readonly handle: string; readonly digits: string };

/**
 * What was scanned, typed or opened: the code itself, a link of a window that holds it behind `#`,
 * or what is typed in its place; null where it is none of them.
 */
export function enrolmentEntryIn(text: string): EnrolmentEntry | null {
  const bare = text.replace(/\s/g, '');
  const [, handle, digits] = typedForm.exec(bare.replaceAll('-', '').toUpperCase()) ?? [];
  if (handle !== undefined && digits !== undefined) return { is: 'typed', handle, digits };
  if (form.test(bare)) return { is: 'code', code: bare };
  const at = bare.indexOf('#');
  const code = at < 0 ? null : new URLSearchParams(bare.slice(at + 1)).get('code');
  return code !== null && form.test(code) ? { is: 'code', code } : null;
}
