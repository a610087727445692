/** One line of a field of several lines with members of their own, e.g. a vaccine. */
export type FactRow = Readonly<Record<string, string | number>>;
export type Fact = string | number | readonly FactRow[];
/** By the field's key in the catalogue (Chinese). Plain text, never markup. */
export type Facts = Readonly<Record<string, Fact>>;
