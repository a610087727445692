/** A name as people type it without Chinese letters. */
export interface NamePinyin {
  /** First letters of its characters: `lhjy`. */
  readonly initials: string;
  /** Its syllables without tones, ü as v, apart by spaces: `ling huo jiu ye`. */
  readonly syllables: string;
}

type Pinyin = typeof import('pinyin-pro').pinyin;

let loading: Promise<Pinyin> | null = null;

/** The dictionary takes 30 MB, which a process that folds no matter need not hold. */
const dictionary = (): Promise<Pinyin> =>
  (loading ??= import('pinyin-pro').then(({ pinyin }) => pinyin));

/** As searches compare texts: one form for each letter, and no capitals. */
export const plain = (text: string): string => text.normalize('NFKC').toLowerCase();

/** Of each name, in order. Letters and digits are syllables of their own, signs are none. */
export async function pinyinOf(names: readonly string[]): Promise<readonly NamePinyin[]> {
  const pinyin = await dictionary();
  const known = new Map<string, NamePinyin>();
  return names.map((name) => {
    const made = known.get(name) ?? read(pinyin, name);
    known.set(name, made);
    return made;
  });
}

function read(pinyin: Pinyin, name: string): NamePinyin {
  const syllables = pinyin(plain(name), { toneType: 'none', type: 'array', v: true }).filter(
    (syllable) => /^[a-z0-9]+$/.test(syllable),
  );
  return {
    initials: syllables.map((syllable) => syllable.charAt(0)).join(''),
    syllables: syllables.join(' '),
  };
}
