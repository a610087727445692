import { isObject, type JsonObject } from '#libs/kernel';

/**
 * Keys of an access list: to read a stream, write to it, delete it, and to read and write its
 * metadata.
 */
const rights = ['$r', '$w', '$d', '$mr', '$mw'] as const;
type Right = (typeof rights)[number];
/**
 * Who has each right: logins and groups, `$all` for every user. A missing right falls back to the
 * server's default.
 */
export type AccessList = Readonly<Partial<Record<Right, readonly string[]>>>;

/** What happens to rights that other administrators granted before. */
export type OfOthers = 'refuse' | 'keep' | 'remove';

export const everybody = '$all';
const administrators = '$admins';

/** The stream of the metadata of `$all`, and the one of the lists for streams without their own. */
export const metadataOfAll = '$$$all';
export const serverSettings = '$settings';

/** An access list of the server, as it is and as it must become. */
export interface ListChange {
  readonly of: 'all' | 'user-streams';
  readonly before: AccessList;
  readonly after: AccessList;
  /** The list was set by others and does not meet this ledger's needs. */
  readonly isOfOthers: boolean;
}

/** Reading `$all` is for the administrators of the server unless its own list says otherwise. */
const defaultOfAll: AccessList = { $r: [administrators] };
/** Every user of the server may do everything with streams that have no list. */
const defaultOfUserStreams: AccessList = Object.fromEntries(
  rights.map((right) => [right, [everybody]]),
);

/** What `login` needs on `$all`: to read it. @param metadata of `$all`, where some are set */
export function listOfAll(
  metadata: JsonObject | null,
  login: string,
  ofOthers: OfOthers,
): ListChange {
  const before = listIn(metadata?.['$acl']);
  const wanted: AccessList = { ...before, $r: [administrators, login] };
  return change({ of: 'all', before, wanted, defaults: defaultOfAll, isShared: false }, ofOthers);
}

/**
 * For streams without a list of their own, as all of a city's: only `login` and the server's
 * administrators read or write them, and only the administrators delete them or set their metadata.
 * The server has no lists by prefix of stream names.
 * @param settings of the server, where some are set
 * @param isShared other programs' streams are on the server, whose users may rely on its default
 */
export function listOfUserStreams(
  settings: JsonObject | null,
  login: string,
  ofOthers: OfOthers,
  isShared: boolean,
): ListChange {
  const before = listIn(settings?.['$userStreamAcl']);
  const both = [administrators, login];
  const wanted: AccessList = {
    $r: both,
    $w: both,
    $d: [administrators],
    $mr: both,
    $mw: [administrators],
  };
  return change(
    { of: 'user-streams', before, wanted, defaults: defaultOfUserStreams, isShared },
    ofOthers,
  );
}

interface Found {
  readonly of: ListChange['of'];
  readonly before: AccessList;
  readonly wanted: AccessList;
  readonly defaults: AccessList;
  readonly isShared: boolean;
}

function change({ of, before, wanted, defaults, isShared }: Found, ofOthers: OfOthers): ListChange {
  const now = { ...defaults, ...before };
  if (isSame(now, { ...defaults, ...wanted }))
    return { of, before, after: before, isOfOthers: false };
  const isOfOthers = isShared || !isSame(now, defaults);
  const after = isOfOthers && ofOthers === 'keep' ? both(now, wanted) : wanted;
  return { of, before, after: isSame(now, after) ? before : after, isOfOthers };
}

export const changes = ({ before, after }: ListChange): boolean => before !== after;

/** Existing rights stay, and the needed ones are added. */
const both = (had: AccessList, needed: AccessList): AccessList =>
  Object.fromEntries(
    rights.flatMap((right) => {
      const those = had[right] ?? [];
      const names = those.includes(everybody) ? those : [...those, ...(needed[right] ?? [])];
      return names.length === 0 ? [] : [[right, [...new Set(names)]]];
    }),
  );

const isSame = (one: AccessList, other: AccessList): boolean =>
  rights.every((right) => isSameRight(one[right], other[right]));

const isSameRight = (
  one: readonly string[] | undefined,
  other: readonly string[] | undefined,
): boolean => one?.toSorted().join('\n') === other?.toSorted().join('\n');

/** The server takes one name or a list of names for each right. */
function listIn(value: unknown): AccessList {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    rights.flatMap((right) => {
      const names = value[right];
      if (typeof names === 'string') return [[right, [names]]];
      if (!Array.isArray(names)) return [];
      return [[right, names.filter((name) => typeof name === 'string')]];
    }),
  );
}

/** Who may write to streams without a list, beside `login` and the administrators of the server. */
export const otherWriters = ({ after }: ListChange, login: string): readonly string[] =>
  (after.$w ?? [everybody]).filter((name) => name !== login && name !== administrators);
