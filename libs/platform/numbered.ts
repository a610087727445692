/** A part of a statement; `$1` and so on in its text are its own values. */
export interface Numbered {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Parts of one statement, whose values are numbered on from part to part. */
export function numberedOn(parts: readonly Numbered[]): {
  readonly texts: readonly string[];
  readonly values: readonly unknown[];
} {
  const values: unknown[] = [];
  const texts = parts.map((part) => {
    const before = values.length;
    values.push(...part.values);
    return part.text.replaceAll(/\$(\d+)/g, (_, n: string) => `$${before + Number(n)}`);
  });
  return { texts, values };
}
