import type { MatterDefinition } from '../catalogue.events.js';
import { exactParts, holdsWithOneError } from './one-error.js';
import { type NamePinyin, plain } from './pinyin.js';
import { Texts } from './texts.js';

/** A matter, and its name as it is typed in pinyin. */
export interface IndexedMatter {
  readonly matter: MatterDefinition;
  readonly pinyin: NamePinyin;
}

/**
 * What a search is narrowed to: these members are exactly so. Without `selfService` it finds what
 * windows handle, and with it what kiosks do.
 */
export type MatterFilter = {
  readonly [Member in 'place' | 'department' | 'level' | 'audience' | 'bundle' | 'selfService']?:
    MatterDefinition[Member] | undefined;
};

interface Weights {
  /** The word is the whole text; the text, or a word of it, begins with it; it stands within. */
  readonly equal: number;
  readonly begins: number;
  readonly within: number;
}

/** What a person is likeliest to mean by a word, first. */
const weights = {
  code: { equal: 1000, begins: 900, within: 300 },
  name: { equal: 950, begins: 800, within: 700 },
  english: { equal: 940, begins: 600, within: 350 },
  syllables: { equal: 790, begins: 690, within: 490 },
  initials: { equal: 780, begins: 680, within: 480 },
  place: { equal: 600, begins: 460, within: 450 },
  department: { equal: 550, begins: 430, within: 420 },
  bundle: { equal: 500, begins: 410, within: 400 },
  material: { equal: 250, begins: 210, within: 200 },
} as const satisfies Record<string, Weights>;
type Field = keyof typeof weights;
const fields = Object.keys(weights) as Field[];

/** Where a misspelt word is looked for, and how many letters it has at least. */
const misspelt: Partial<Record<Field, { readonly least: number; readonly weight: number }>> = {
  name: { least: 3, weight: 150 },
  english: { least: 5, weight: 140 },
  syllables: { least: 5, weight: 130 },
  initials: { least: 4, weight: 120 },
  place: { least: 3, weight: 100 },
  department: { least: 3, weight: 100 },
};

/** Of two that a word fits as well, the shorter text is nearer to it. */
const closeness = 60;
/** Of one matter at many places, the one of the whole city comes first. */
const everywhere = 5;

/**
 * All matters in memory, to be searched by words: a copy of the read model, which decides nothing.
 */
export class MatterIndex {
  readonly #matters: readonly MatterDefinition[];
  readonly #texts = Object.fromEntries(fields.map((field) => [field, new Texts()])) as Record<
    Field,
    Texts
  >;
  /** By joined syllables: the places at which one begins. */
  readonly #starts = new Map<string, ReadonlySet<number>>();

  constructor(matters: Iterable<IndexedMatter>) {
    const sorted = [...matters].sort((a, b) => (a.matter.code < b.matter.code ? -1 : 1));
    this.#matters = sorted.map(({ matter }) => matter);
    // Most texts are those of many matters.
    const known = new Map<string, string>();
    const plainOf = (text: string): string => {
      const made = known.get(text) ?? plain(text);
      known.set(text, made);
      return made;
    };
    for (const [owner, { matter, pinyin }] of sorted.entries()) {
      const joined = pinyin.syllables.replaceAll(' ', '');
      if (!this.#starts.has(joined)) this.#starts.set(joined, startsOf(pinyin.syllables));
      const add = (field: Field, text: string | null | undefined) => {
        this.#texts[field].add(plainOf(text ?? ''), owner);
      };
      add('code', matter.code);
      add('name', matter.nameZh);
      add('english', matter.nameEn);
      add('syllables', joined);
      add('initials', pinyin.initials);
      add('place', matter.place);
      add('department', matter.department);
      add('department', matter.departmentEn);
      add('bundle', matter.bundle);
      for (const { nameZh, nameEn } of matter.materials) {
        add('material', nameZh);
        add('material', nameEn);
      }
    }
  }

  /**
   * Matters that hold every word, the likeliest first and equal ones in the order of their codes.
   * Where none does, one typing error a word is forgiven.
   * @param skip how many are left out at the beginning
   */
  search(
    words: string,
    filter: MatterFilter,
    { skip, take }: { readonly skip: number; readonly take: number },
  ): { readonly total: number; readonly matters: readonly MatterDefinition[] } {
    const typed = plain(words)
      .split(/\s+/)
      .filter((word) => word !== '');
    const exact = this.#scores(typed, filter, false);
    const scores =
      exact.total > 0 || typed.length === 0 ? exact : this.#scores(typed, filter, true);
    return {
      total: scores.total,
      matters: this.#best(scores, skip + take).slice(skip),
    };
  }

  #scores(words: readonly string[], filter: MatterFilter, forgiving: boolean): Scores {
    const sums = new Uint32Array(this.#matters.length).fill(1);
    for (const word of words) {
      const scores = this.#scoresOf(word, forgiving);
      for (let n = 0; n < sums.length; n++) {
        const [sum = 0, score = 0] = [sums[n], scores[n]];
        sums[n] = score === 0 || sum === 0 ? 0 : sum + score;
      }
    }
    const { selfService, ...others } = filter;
    const wanted = Object.entries(others).filter(([, value]) => value !== undefined);
    let [total, highest] = [0, 0];
    for (let n = 0; n < sums.length; n++) {
      const matter = this.#matters[n];
      const sum = sums[n] ?? 0;
      if (sum === 0 || matter === undefined) continue;
      const isWanted =
        matter.selfService === selfService &&
        wanted.every(([member, value]) => matter[member as keyof MatterFilter] === value);
      const likely = sum + (words.length > 0 && matter.place === null ? everywhere : 0);
      sums[n] = isWanted ? likely : 0;
      if (!isWanted) continue;
      if (likely > highest) highest = likely;
      total++;
    }
    return { sums, total, highest };
  }

  /** Of each matter, how well it fits the word; 0 where it does not. */
  #scoresOf(word: string, forgiving: boolean): Uint16Array {
    const scores = new Uint16Array(this.#matters.length);
    const note = (score: number, owners: readonly number[]) => {
      for (const owner of owners) if (score > (scores[owner] ?? 0)) scores[owner] = score;
    };
    for (const field of fields) {
      if (!fits(field, word)) continue;
      this.#texts[field].holding(word, (text, first, owners) => {
        const at = field === 'syllables' ? this.#atSyllable(text, word) : first;
        if (at >= 0) note(scoreOf(weights[field], text, word, at), owners);
      });
      const allowed = forgiving ? misspelt[field] : undefined;
      if (allowed === undefined || word.length < allowed.least || !isOneScript(word)) continue;
      this.#texts[field].holdingSome(exactParts(word), (text, owners) => {
        if (holdsWithOneError(text, word)) note(allowed.weight + nearness(text, word), owners);
      });
    }
    return scores;
  }

  /** Where the word stands from the beginning of a syllable on; −1 where it does not. */
  #atSyllable(text: string, word: string): number {
    const starts = this.#starts.get(text);
    let at = text.indexOf(word);
    while (at >= 0 && starts?.has(at) !== true) at = text.indexOf(word, at + 1);
    return at;
  }

  /** The first ones, by a counting sort: of many that fit only a page is looked at. */
  #best({ sums, highest }: Scores, count: number): readonly MatterDefinition[] {
    const places = new Uint32Array(highest + 2);
    for (const sum of sums) if (sum > 0) places[sum] = (places[sum] ?? 0) + 1;
    let before = 0;
    for (let score = highest; score > 0; score--) {
      const here = places[score] ?? 0;
      places[score] = before;
      before += here;
    }
    const best: MatterDefinition[] = [];
    for (let n = 0; n < sums.length; n++) {
      const sum = sums[n] ?? 0;
      if (sum === 0) continue;
      const place = places[sum] ?? 0;
      places[sum] = place + 1;
      const matter = this.#matters[n];
      if (place < count && matter !== undefined) best[place] = matter;
    }
    return best;
  }
}

interface Scores {
  /** By matter; 0 where it does not fit. */
  readonly sums: Uint32Array;
  readonly total: number;
  readonly highest: number;
}

const isLetters = (word: string): boolean => /^[a-z0-9]+$/.test(word);
const isHan = (word: string): boolean => /^\p{Script=Han}+$/u.test(word);
const isOneScript = (word: string): boolean => isLetters(word) || isHan(word);

/** Pinyin is typed in letters, and one letter of it says nothing. */
const fits = (field: Field, word: string): boolean =>
  (field !== 'syllables' && field !== 'initials') || (word.length > 1 && isLetters(word));

const nearness = (text: string, word: string): number =>
  Math.min(closeness, Math.round((closeness * word.length) / text.length));

function scoreOf(weight: Weights, text: string, word: string, at: number): number {
  const begins = at === 0 || text.charAt(at - 1) === ' ';
  const base = text.length === word.length ? weight.equal : begins ? weight.begins : weight.within;
  return base + nearness(text, word) - (begins && at > 0 ? closeness : 0);
}

function startsOf(syllables: string): ReadonlySet<number> {
  const starts = new Set<number>();
  let at = 0;
  for (const syllable of syllables.split(' ')) {
    starts.add(at);
    at += syllable.length;
  }
  return starts;
}
