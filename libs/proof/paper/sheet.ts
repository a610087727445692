import { epochSeconds, isDay, shanghaiDay, textFault } from '#libs/kernel';
import type { Fact } from './facts.js';
import { PaperFactsWrong, PaperPartWrong, PaperTooLong, PaperUndrawable } from './paper.errors.js';
import type { Paper, PaperLanguage, Seal } from './ports.js';
import { qrSvg } from './qr.js';
import { factFaults, proofLayouts } from './templates.js';

/** A fact as a layout sets it: text, or a table. */
export type SheetFact =
  string | { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };

/** What a layout is given: texts alone, each in its final form. It is data, never markup. */
export interface Sheet {
  readonly template: string;
  readonly language: PaperLanguage;
  readonly title: string;
  readonly decision: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, SheetFact>>;
  readonly representative: string | null;
  readonly purpose: string;
  readonly issuer: string;
  /** SVG; null for the sample, which the layout draws. */
  readonly seal: string | null;
  readonly trial: boolean;
  readonly asOf: string;
  readonly issued: string;
  readonly checkAgain: string;
  readonly code: string;
  readonly checkedAt: string;
  /** SVG of each QR code. */
  readonly qr: readonly string[];
  readonly attachments: readonly {
    readonly name: string;
    readonly mediaType: string;
    readonly description: string;
  }[];
}

/** What the process that draws is given. */
export interface DrawOrder {
  readonly sheet: Sheet;
  /** Of the attachments, in their order. */
  readonly attached: readonly Uint8Array[];
  /** Seconds since 1970, the file's time stamp. */
  readonly created: number;
}

const most = { characters: 100_000, name: 60, attachments: 4, attachedBytes: 4 * 1024 * 1024 };

/**
 * Checks a paper against its layout and prepares its texts.
 * @throws PaperFactsWrong, PaperUndrawable, PaperTooLong, PaperPartWrong
 */
export function drawOrderOf(paper: Paper): DrawOrder {
  const { language } = paper;
  const { title, labels, decision, representative } = layoutOf(paper);
  const sheet: Sheet = {
    template: paper.template.toLowerCase(),
    language,
    title,
    decision,
    labels: Object.fromEntries(
      Object.keys(labels).map((key) => [key, language === 'zh' ? key : (labels[key] ?? key)]),
    ),
    facts: Object.fromEntries(
      Object.entries(paper.facts).map(([key, fact]) => [key, factOf(key, fact)]),
    ),
    representative,
    purpose: short('purpose', paper.purpose),
    issuer: short('issuer', paper.issuer.name),
    seal: sealOf(paper.issuer.seal),
    trial: paper.trial,
    asOf: momentIn(language, paper.asOf),
    issued: dayIn(language, shanghaiDay(paper.asOf)),
    checkAgain: dayIn(language, dayOf(paper.checkAgain)),
    code: codeOf(paper.code),
    checkedAt: short('checkedAt', paper.checkedAt),
    qr: paper.qr.map(qrSvg),
    attachments: paper.attachments.map(({ name, mediaType, description }) => ({
      name: matching('attachment', name, /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
      mediaType: matching('attachment', mediaType, /^[a-z]+\/[a-z0-9.+-]{1,60}$/),
      description: short('attachment', description),
    })),
  };
  judgeAttachments(paper);
  judgeTexts(sheet);
  return {
    sheet,
    attached: paper.attachments.map(({ bytes }) => bytes),
    created: epochSeconds(paper.created),
  };
}

function layoutOf(paper: Paper) {
  if (!('labels' in paper)) {
    const { missing, unknown } = factFaults(paper.template, paper.facts);
    if (missing.length + unknown.length > 0) throw factsWrong(paper.template, missing, unknown);
    const { title, fields, ...rest } = proofLayouts[paper.template];
    return {
      title: title[paper.language === 'zh' ? 0 : 1],
      labels: fields as Readonly<Record<string, string>>,
      decision: 'decision' in rest,
      representative: null,
    };
  }
  const { template, facts, labels, language } = paper;
  const unnamed = Object.keys(facts).filter((key) => !Object.hasOwn(labels, key));
  if (Object.keys(facts).length === 0 || (language === 'en' && unnamed.length > 0))
    throw factsWrong(template, [], unnamed);
  return {
    title: short('title', paper.title),
    labels: Object.fromEntries(Object.keys(facts).map((key) => [key, labels[key] ?? key])),
    decision: false,
    representative:
      paper.representative === null ? null : short('representative', paper.representative),
  };
}

const factsWrong = (template: string, missing: readonly string[], unknown: readonly string[]) =>
  new PaperFactsWrong(
    'paper_facts_wrong',
    `facts of ${template} are not those of its layout: ${[...missing, ...unknown].join(', ')}`,
    { template, missing, unknown },
  );

/** Numbers as JSON writes them: nothing is rounded or grouped. */
function factOf(key: string, fact: Fact): SheetFact {
  if (typeof fact === 'string') return fact;
  if (typeof fact === 'number') return numeral(key, fact);
  const columns = [...new Set(fact.flatMap((row) => Object.keys(row)))];
  return {
    columns,
    rows: fact.map((row) =>
      columns.map((column) => {
        const cell = row[column];
        return typeof cell === 'number' ? numeral(key, cell) : (cell ?? '');
      }),
    ),
  };
}

function numeral(key: string, value: number): string {
  const text = String(value);
  if (!/^-?\d+(\.\d+)?$/.test(text))
    throw new PaperPartWrong(key, `${key} is a number that decimal digits do not write`);
  return text;
}

function short(part: string, text: string): string {
  if (text.trim() === '') throw new PaperPartWrong(part, `${part} is empty`);
  if (Array.from(text).length > most.name)
    throw new PaperTooLong(`characters in ${part}`, most.name);
  return text;
}

function matching(part: string, text: string, shape: RegExp): string {
  if (!shape.test(text)) throw new PaperPartWrong(part, `${part} is not of the shape of one`);
  return text;
}

/** Twelve letters and digits without I, O, 0 and 1, in groups of four. */
const codeOf = (code: string): string =>
  matching('code', code, /^[2-9A-HJ-NP-Z]{4}(-[2-9A-HJ-NP-Z]{4}){2}$/);

function dayOf(day: string): string {
  if (!isDay(day)) throw new PaperPartWrong('checkAgain', 'checkAgain is no day');
  return day;
}

/**
 * An SVG with letters would be set in a font of ours, without being refused where it has none, and
 * one with references could show something else tomorrow.
 */
function sealOf(seal: Seal): string | null {
  if (seal.kind === 'sample') return null;
  if (
    !seal.svg.startsWith('<svg') ||
    /<(text|image|use|style|script|foreignObject)\b/i.test(seal.svg)
  )
    throw new PaperPartWrong('seal', 'a seal is an SVG of outlines alone');
  return seal.svg;
}

const months =
  'January February March April May June July August September October November December'.split(
    ' ',
  );

function dayIn(language: PaperLanguage, day: string): string {
  const [year = 0, month = 0, date = 0] = day.split('-').map(Number);
  return language === 'zh'
    ? `${year}年${month}月${date}日`
    : `${date} ${months[month - 1] ?? ''} ${year}`;
}

/** In Asia/Shanghai, to the minute. */
function momentIn(language: PaperLanguage, instant: string): string {
  const time = new Date(Date.parse(instant) + 8 * 3600_000).toISOString().slice(11, 16);
  const day = dayIn(language, shanghaiDay(instant));
  return language === 'zh' ? `${day} ${time}` : `${day}, ${time} (UTC+8)`;
}

function judgeAttachments({ attachments }: Paper): void {
  if (attachments.length > most.attachments)
    throw new PaperTooLong('attachments', most.attachments);
  if (attachments.reduce((sum, { bytes }) => sum + bytes.length, 0) > most.attachedBytes)
    throw new PaperTooLong('bytes in attachments', most.attachedBytes);
  if (new Set(attachments.map(({ name }) => name)).size < attachments.length)
    throw new PaperPartWrong('attachment', 'two attachments have one name');
}

/** Every text of the sheet that people read, tables included. */
function textsOf({ title, labels, facts, representative, ...rest }: Sheet): string[] {
  const { purpose, issuer, checkedAt, attachments } = rest;
  return [
    ...[title, purpose, issuer, checkedAt, representative ?? ''],
    ...attachments.map(({ description }) => description),
    ...Object.values(labels),
    ...Object.values(facts).flatMap((fact) =>
      typeof fact === 'string' ? fact : [...fact.columns, ...fact.rows.flat()],
    ),
  ];
}

/** What shows nothing on paper would be left out of it in silence. @throws PaperUndrawable */
function judgeTexts(sheet: Sheet): void {
  const texts = textsOf(sheet);
  if (texts.reduce((sum, { length }) => sum + length, 0) > most.characters)
    throw new PaperTooLong('characters', most.characters);
  const unseen = new Set(texts.flatMap((text) => textFault(text, 'several')?.codePoint ?? []));
  if (unseen.size > 0) throw new PaperUndrawable([...unseen]);
}
