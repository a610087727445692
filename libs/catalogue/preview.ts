import { type EventStore, load } from '#libs/event-store';
import { canonicalize, isObject } from '#libs/kernel';
import type { MaterialRule, MatterDefinition, TypeDefinition } from './catalogue.events.js';
import {
  type CatalogueFileKind,
  type GoodLine,
  readCatalogueFile,
  type RefusedLine,
} from './catalogue-file.js';
import { matterRules, matterStream, typeRules, typeStream } from './catalogue.stream.js';
import { judgeRules } from './judge-rules.js';
import type { RuleLine } from './lines.js';
import { matterDecider, type MatterState } from './matter.decider.js';
import type { Catalogue } from './ports.js';

/** A member that a file says otherwise than the catalogue, each as text for people. */
export interface Difference {
  readonly member: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What an import would do with a line; of a rules file, with a material of a matter. */
export interface PreviewedRow {
  readonly line: number;
  readonly code: string;
  /** Of a rules file. */
  readonly material: string | null;
  readonly nameZh: string;
  readonly change: 'added' | 'changed' | 'unchanged';
  readonly differs: readonly Difference[];
}

export interface CataloguePreview {
  readonly kind: CatalogueFileKind;
  readonly rows: readonly PreviewedRow[];
  readonly refused: readonly RefusedLine[];
}

/** Streams that are read at once. */
const abreast = 64;

/**
 * What importing a file would change, by the same readers, judges and deciders as the import;
 * nothing is appended. An import that comes between makes it out of date.
 */
export class CataloguePreviews {
  constructor(
    private readonly store: EventStore,
    private readonly catalogue: Catalogue,
  ) {}

  /** @throws CatalogueFileInvalid */
  async of(text: string, options: { lineOffset: number; maxLines: number }) {
    const file = readCatalogueFile(text, options.lineOffset, options.maxLines);
    const refused = [...file.refused];
    const rows: PreviewedRow[] = [];
    switch (file.kind) {
      case 'types':
        await each(file.lines, async ({ line, value }) => {
          const { state } = await load(this.store, typeStream(value.code), typeRules);
          const before = state.status === 'defined' ? state.definition : null;
          rows.push(definition(line, before, value));
        });
        break;
      case 'matters':
        await each(file.lines, async ({ line, value }) => {
          const unknown = await this.#firstUnknown(value);
          if (unknown !== null) {
            refused.push({ line, code: value.code, reason: 'type_unknown', detail: unknown });
            return;
          }
          const { state } = await load(this.store, matterStream(value.code), matterRules);
          rows.push(definition(line, state.status === 'defined' ? state.definition : null, value));
        });
        break;
      case 'rules': {
        const byMatter = Map.groupBy(file.lines, ({ value }) => value.matter);
        await each([...byMatter], async ([matter, lines]) => {
          const judged = await this.#rules(matter, lines);
          rows.push(...judged.rows);
          refused.push(...judged.refused);
        });
        break;
      }
    }
    rows.sort((a, b) => a.line - b.line);
    refused.sort((a, b) => a.line - b.line);
    return { kind: file.kind, rows, refused } satisfies CataloguePreview;
  }

  async #firstUnknown({ materials }: MatterDefinition): Promise<string | null> {
    for (const { code } of materials) if ((await this.catalogue.type(code)) === null) return code;
    return null;
  }

  async #rules(matter: string, lines: readonly GoodLine<RuleLine>[]) {
    const known = new Map<string, TypeDefinition | null>();
    for (const { value } of lines)
      if (!known.has(value.type)) known.set(value.type, await this.catalogue.type(value.type));
    const { state } = await load(this.store, matterStream(matter), matterRules);
    const { indicative, materials, refused } = judgeRules(lines, state, known);
    if (state.status === 'absent' || materials.length === 0) return { rows: [], refused };
    const [event] = matterDecider.decide({ kind: 'set-rules', indicative, materials }, state);
    const after = event?.type === 'RulesSet' ? event.data.materials : state.materials;
    const rows = materials.map(({ material }) =>
      rule(lines.find(({ value }) => value.material === material)?.line ?? 0, {
        matter,
        material,
        state,
        after: after.find((one) => one.material === material),
      }),
    );
    return { rows, refused };
  }
}

function rule(
  line: number,
  {
    matter,
    material,
    state,
    after,
  }: {
    readonly matter: string;
    readonly material: string;
    readonly state: Extract<MatterState, { status: 'defined' }>;
    readonly after: MaterialRule | undefined;
  },
): PreviewedRow {
  const before = state.materials.find((one) => one.material === material);
  const differs = differences(before ?? null, after ?? null).filter(
    ({ member }) => member !== 'material',
  );
  return {
    line,
    code: matter,
    material,
    nameZh: after?.nameZh ?? material,
    change: before === undefined ? 'added' : differs.length > 0 ? 'changed' : 'unchanged',
    differs: before === undefined ? [] : differs,
  };
}

function definition(
  line: number,
  before: TypeDefinition | MatterDefinition | null,
  after: TypeDefinition | MatterDefinition,
): PreviewedRow {
  const { code, nameZh } = after;
  const differs = before === null ? [] : differences(before, after);
  const change = before === null ? 'added' : differs.length > 0 ? 'changed' : 'unchanged';
  return { line, code, material: null, nameZh, change, differs };
}

/** By member, in the order of the later one. `schema` follows from the fields, and is left out. */
function differences(before: object | null, after: object | null): readonly Difference[] {
  const [old, now] = [{ ...before }, { ...after }] as Record<string, unknown>[];
  const members = new Set([...Object.keys(now ?? {}), ...Object.keys(old ?? {})]);
  members.delete('schema');
  return [...members].flatMap((member) => {
    const [was, is] = [old?.[member], now?.[member]];
    if (canonicalize([was ?? null]) === canonicalize([is ?? null])) return [];
    return [{ member, before: shown(was), after: shown(is) }];
  });
}

/** A value of the catalogue as one line for people: names and codes, then their parts. */
function shown(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((one) => shown(one) ?? '').join('、');
  if (!isObject(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  const parts = Object.entries(value).toSorted(
    ([a, one], [b, other]) =>
      Number(Array.isArray(one)) - Number(Array.isArray(other)) || (a < b ? -1 : 1),
  );
  return parts.flatMap(([, part]) => shown(part) ?? []).join(' ');
}

async function each<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: Math.min(abreast, items.length) }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
