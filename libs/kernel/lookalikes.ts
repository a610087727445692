/**
 * Names that look alike to the reader of a notice that a holder signs: letters of different scripts
 * and Han characters that differ in a stroke count as one, and width, case, spaces and punctuation
 * are ignored. The tables are small on purpose (UTS #39 has thousands of pairs): they hold the
 * characters of departments' names.
 */
const alike = [
  '己已巳',
  '未末',
  '土士',
  '人入八',
  '日曰',
  '戊戌戍',
  '千干于',
  '天夭',
  '大太犬',
  '王玉',
  '木本术',
  '午牛',
  '申甲由田',
  '治冶',
  '侯候',
  '今令',
  '市巿',
  '刀力刁',
  '口囗',
  '一—ー―丨',
  '二ニ',
  '力カ',
  '工エ',
  '口ロ',
  '八ハ',
  '夕タ',
  '卜ト',
  '0oοо〇○',
  '1lіι|ı',
  'aаα',
  'eеε',
  'pрρ',
  'cсϲ',
  'xхχ',
  'yуγ',
  'bвβ',
  'hнη',
  'kкκ',
  'mмμ',
  'tтτ',
  'nпν',
  's$ѕ',
  'jј',
  'vν',
];

const standsFor = new Map<string, string>();
for (const group of alike) {
  const letters = Array.from(group);
  // A letter of two groups merges them.
  const first = letters.map((letter) => standsFor.get(letter)).find(Boolean) ?? letters[0] ?? '';
  for (const letter of letters) standsFor.set(letter, first);
}

/**
 * The form in which names are compared; NFKC unifies radicals, compatibility ideographs and letters
 * of any width.
 */
const seen = (name: string): string =>
  Array.from(name.normalize('NFKC').toLowerCase())
    .filter((letter) => /[\p{L}\p{N}|$○—―]/u.test(letter))
    .map((letter) => standsFor.get(letter) ?? letter)
    .join('');

/** Two names that are not the same and look so; in text order. */
export type Lookalikes = readonly [string, string];

/**
 * Pairs of which at least one is a new name; each pair once. A new name that is not in its normal
 * form (NFKC) is paired with it.
 */
export function lookalikes(fresh: Iterable<string>, known: Iterable<string>): Lookalikes[] {
  const bySight = new Map<string, Set<string>>();
  for (const name of known) group(bySight, name).add(name);
  const pairs = new Map<string, Lookalikes>();
  for (const name of fresh) {
    const others = group(bySight, name);
    others.add(normalWriting(name));
    for (const other of others) {
      if (other === name) continue;
      const pair: Lookalikes = other < name ? [other, name] : [name, other];
      pairs.set(pair.join('\0'), pair);
    }
    others.add(name);
  }
  return [...pairs.values()];
}

/** NFKC, with the punctuation of Chinese texts as it is: `（` and `(` are not confused. */
const normalWriting = (name: string): string =>
  name.replace(/[^！-／：-＠［-｀｛-･]+/gu, (part) => part.normalize('NFKC'));

function group(bySight: Map<string, Set<string>>, name: string): Set<string> {
  const key = seen(name);
  const found = bySight.get(key) ?? new Set<string>();
  bySight.set(key, found);
  return found;
}
