import type { Schemas } from '#libs/api-client';

export type Access = Schemas['AccessDto'];

/** All records of one request, the oldest first, and what they come to. */
export interface AccessGroup {
  readonly consent: string;
  readonly records: readonly Access[];
  readonly last: Access;
  /** The record by which data left; null where none did. */
  readonly released: Access | null;
}

/** The holder's book by request, the one with the newest record first. */
export function grouped(accesses: readonly Access[]): readonly AccessGroup[] {
  const groups = Map.groupBy(accesses, ({ consent }) => consent);
  return [...groups]
    .flatMap(([consent, records]): AccessGroup[] => {
      const last = records.at(-1);
      if (last === undefined) return [];
      return [
        {
          consent,
          records,
          last,
          released: records.find(({ kind }) => kind === 'released') ?? null,
        },
      ];
    })
    .toSorted((a, b) => b.last.version - a.last.version);
}

/** The list as far as it was read: the records that follow each other up to its end. */
export interface AccessList {
  readonly accesses: readonly Access[];
  /** Before which version there are more; null where the list begins with the first record. */
  readonly earlier: number | null;
}

/** The list with a page that follows it, precedes it, or replaces its end. */
export function withPage(list: AccessList | null, page: AccessList): AccessList {
  const [first] = page.accesses;
  const last = page.accesses.at(-1);
  const [begun] = list?.accesses ?? [];
  if (list === null || begun === undefined || first === undefined || last === undefined)
    return page;
  if (last.version < begun.version) {
    if (last.version + 1 !== begun.version) return list;
    return { accesses: [...page.accesses, ...list.accesses], earlier: page.earlier };
  }
  const before = list.accesses.filter(({ version }) => version < first.version);
  // More came than a page holds: what is between is not known.
  if (before.at(-1)?.version !== first.version - 1) return page;
  return { accesses: [...before, ...page.accesses], earlier: list.earlier };
}
