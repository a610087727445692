/**
 * Whether a text holds the pattern with at most one typing error: a letter that is wrong, missing
 * or too many, or two that changed places (Damerau).
 */
export function holdsWithOneError(text: string, pattern: string): boolean {
  const { first, second } = halves(pattern);
  return (
    someAt(text, first, (at) => beginsWithin(text, at + first.length, second)) ||
    someAt(text, second, (at) => endsWithin(text, at, first)) ||
    text.includes(swapped(pattern))
  );
}

/**
 * What a text that holds the pattern with one error has exactly: one of these at least. One error
 * touches one half, or the two letters where they meet.
 */
export const exactParts = (pattern: string): readonly string[] => {
  const { first, second } = halves(pattern);
  return [first, second, swapped(pattern)];
};

function halves(pattern: string): { readonly first: string; readonly second: string } {
  const middle = pattern.length >> 1;
  return { first: pattern.slice(0, middle), second: pattern.slice(middle) };
}

/** The pattern with the letters on both sides of its middle in each other's place. */
function swapped(pattern: string): string {
  const middle = pattern.length >> 1;
  return (
    pattern.slice(0, middle - 1) +
    pattern.charAt(middle) +
    pattern.charAt(middle - 1) +
    pattern.slice(middle + 1)
  );
}

function someAt(text: string, part: string, holds: (at: number) => boolean): boolean {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1))
    if (holds(at)) return true;
  return false;
}

/** Whether the text goes on from `from` with the rest, but for one error. */
function beginsWithin(text: string, from: number, rest: string): boolean {
  let same = 0;
  while (same < rest.length && rest.charCodeAt(same) === text.charCodeAt(from + same)) same++;
  if (same >= rest.length - 1) return true;
  const at = from + same;
  return (
    text.startsWith(rest.slice(same + 1), at + 1) ||
    text.startsWith(rest.slice(same), at + 1) ||
    text.startsWith(rest.slice(same + 1), at) ||
    text.startsWith(rest.charAt(same + 1) + rest.charAt(same) + rest.slice(same + 2), at)
  );
}

/** Whether the text before `until` ends with the rest, but for one error. */
function endsWithin(text: string, until: number, rest: string): boolean {
  let same = 0;
  while (
    same < rest.length &&
    same < until &&
    rest.charCodeAt(rest.length - 1 - same) === text.charCodeAt(until - 1 - same)
  )
    same++;
  if (same >= rest.length - 1) return true;
  const left = rest.slice(0, rest.length - same);
  const at = until - same;
  const endsAt = (part: string, end: number) =>
    end >= part.length && text.startsWith(part, end - part.length);
  return (
    endsAt(left.slice(0, -1), at - 1) ||
    endsAt(left, at - 1) ||
    endsAt(left.slice(0, -1), at) ||
    endsAt(left.slice(0, -2) + left.slice(-1) + left.slice(-2, -1), at)
  );
}
