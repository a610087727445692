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
