/** Sightings of a watch, in Chinese and English. Codes, so that programs can switch on them. */
export const sightings = {
  checkpoint_not_trusted: [
    '检查点没有策略所要求的签名',
    'the checkpoint has not the signatures that the policy asks for',
  ],
  tree_other: [
    '账本出示了两棵不同的树：现在的检查点不是上次检查点的延续',
    'the log shows two trees: its checkpoint does not continue the one that was seen last',
  ],
  checkpoint_older: [
    '账本出示的检查点比上次看到的更小',
    'the log shows a smaller tree than it showed before',
  ],
  tile_not_shown: [
    '检查点所涵盖的数据，账本不出示',
    'the city does not show what its checkpoint covers',
  ],
  entries_other: [
    '账本出示的记录不是检查点所涵盖的记录',
    'the records that the city shows are not those of its checkpoint',
  ],
  keys_older: [
    '颁发机构公钥清单比检查点旧',
    'the list of authorities’ keys is older than the checkpoint',
  ],
  key_not_published: [
    '账本登记了这把公钥，公布的清单里却没有',
    'the log registers this key, and the published list does not have it',
  ],
  key_not_in_log: [
    '公布的清单里有这把公钥，账本却没有登记',
    'the published list has this key, and the log does not register it',
  ],
  key_foreign: [
    '以本机构名义登记的公钥，不是本机构的',
    'a key under the authority’s name that is none of its own',
  ],
  certificate_foreign: [
    '以本机构名义颁发的证照，不是由本机构的公钥签名',
    'a certificate under the authority’s name that no key of its own signed',
  ],
  certificate_unlisted: [
    '由本机构的公钥签名的证照，不在本机构的清单里',
    'a certificate signed by a key of the authority, which its lists do not have',
  ],
  schema_unknown: [
    '记录的格式本程序不认识，未作判断；请使用写入它的版本',
    'a record of a schema that this program does not know: it was not judged; watch with the release that wrote it',
  ],
} as const satisfies Record<string, readonly [string, string]>;

export type Seen = keyof typeof sightings;

/** A sighting, with what is known of its subject. */
export interface Sighting {
  readonly what: Seen;
  /** Of the record, from 0. */
  readonly leaf?: number;
  /** RFC 7638 thumbprint. */
  readonly kid?: string;
  readonly client?: string;
  readonly certificate?: string;
  /** RFC 6962 leaf hash of the record, in hexadecimal. */
  readonly record?: string;
}

/** Limit for each kind: a watch with a wrong list would report every certificate. */
const most = 1000;

/** Collects sightings, each once, the first thousand of each kind. */
export class Sightings {
  readonly #all: Sighting[] = [];
  readonly #names = new Set<string>();
  readonly #counts = new Map<Seen, number>();

  /** @param told names of sightings that earlier runs reported, which are not reported again */
  constructor(private readonly told: ReadonlySet<string>) {}

  get all(): readonly Sighting[] {
    return this.#all;
  }

  /** Names of sightings that do not end, which a watch therefore reports once. */
  get names(): readonly string[] {
    return [...this.#names];
  }

  add(sighting: Sighting): void {
    const name = nameOf(sighting);
    if (name !== null && (this.told.has(name) || this.#names.has(name))) return;
    const count = this.#counts.get(sighting.what) ?? 0;
    if (count >= most) return;
    this.#counts.set(sighting.what, count + 1);
    this.#all.push(sighting);
    if (name !== null) this.#names.add(name);
  }
}

/**
 * A key is the same wherever it is seen, and so is a record; null for a sighting that is reported
 * until it ends.
 */
function nameOf({ what, kid, record }: Sighting): string | null {
  const of = record ?? kid;
  return of === undefined ? null : `${what} ${of}`;
}
