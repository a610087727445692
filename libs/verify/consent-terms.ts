/** What the data may be used for: read at the terminal, or printed there. */
export const actions = ['read', 'print'] as const;
export type Action = (typeof actions)[number];

/** The legal basis of a request. */
export const bases = ['consent', 'mandate', 'next-of-kin', 'duty'] as const;
export type Basis = (typeof bases)[number];

export const isAction = (value: unknown): value is Action =>
  actions.some((action) => action === value);
export const isBasis = (value: unknown): value is Basis => bases.some((basis) => basis === value);
