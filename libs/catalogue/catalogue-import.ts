import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandContext, type EventStore, execute, subContext } from '#libs/event-store';
import { canonicalize, fold, lookalikes, type Lookalikes } from '#libs/kernel';
import type {
  MaterialRule,
  MatterDefinition,
  MatterEvent,
  TypeDefinition,
} from './catalogue.events.js';
import {
  type CatalogueFileKind,
  type GoodLine,
  readCatalogueFile,
  type RefusedLine,
} from './catalogue-file.js';
import { type EnglishMissing, englishMissingOf } from './english-missing.js';
import type { RuleLine } from './lines.js';
import { judgeRules } from './judge-rules.js';
import { matterDecider, type MatterState } from './matter.decider.js';
import type { Catalogue } from './ports.js';
import { matterRules, matterStream, typeRules, typeStream } from './catalogue.stream.js';
import { fileText } from './table.js';
import { typeDecider } from './type.decider.js';

/**
 * What an import did: types and matters count one each, of a rules file each material of a matter,
 * and refused are lines.
 */
export interface ImportReport {
  readonly kind: CatalogueFileKind;
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: readonly RefusedLine[];
  /**
   * Names of departments that look alike, of which the file brings at least one. Imported all the
   * same, for an administrator to check.
   */
  readonly lookalikes: readonly Lookalikes[];
  /** Names without an English one: English notices show the Chinese name there. */
  readonly englishMissing: readonly EnglishMissing[];
}

export interface ImportOptions {
  /** Added to every line number, for a part of a larger file. */
  readonly lineOffset?: number;
  /** Of the file, empty ones included. */
  readonly maxLines?: number;
  /**
   * Leaves alone what is defined already, whatever the file says: a city's own changes outlive a
   * start.
   */
  readonly onlyAbsent?: boolean;
}

type Result = 'added' | 'changed' | 'unchanged';

/**
 * Appends under way at once: enough to fill the store's batches, far below where it refuses for
 * being busy.
 */
const abreast = 256;

/**
 * Takes catalogue files into the streams of types and matters. Taking the same file again appends
 * nothing.
 */
export class CatalogueImport {
  constructor(
    private readonly store: EventStore,
    private readonly catalogue: Catalogue,
    /** Names of departments that are in the catalogue, or in the register of clients, already. */
    private readonly departments: () => Promise<readonly string[]> = () => Promise.resolve([]),
  ) {}

  /**
   * Imports `certificate-types.tsv`, `matters.tsv` and `rules.tsv` of a folder, in this order.
   * @throws CatalogueFileInvalid; what the store throws
   */
  async importFolder(
    folder: string,
    context: CommandContext,
    options: ImportOptions = {},
  ): Promise<ImportReport[]> {
    const reports: ImportReport[] = [];
    for (const file of ['certificate-types.tsv', 'matters.tsv', 'rules.tsv'])
      reports.push(
        await this.importText(
          fileText(await readFile(join(folder, file))),
          subContext(context, file),
          options,
        ),
      );
    return reports;
  }

  /**
   * Imports one file. A bad line is left out and reported; the others go on.
   * @throws CatalogueFileInvalid where the file as a whole is not one; what the store throws, after
   * which it may be sent again
   */
  async importText(
    text: string,
    context: CommandContext,
    options: ImportOptions = {},
  ): Promise<ImportReport> {
    const file = readCatalogueFile(text, options.lineOffset, options.maxLines);
    const onlyAbsent = options.onlyAbsent ?? false;
    const refused = [...file.refused];
    const tally = { added: 0, changed: 0, unchanged: 0 };
    const types = this.#typesByCode();
    switch (file.kind) {
      case 'types':
        await eachAbreast(file.lines, async ({ value }) => {
          tally[await this.#defineType(value, context, onlyAbsent)]++;
        });
        break;
      case 'matters':
        await eachAbreast(file.lines, async ({ line, value }) => {
          const unknown = await firstUnknown(value, types);
          if (unknown === null) tally[await this.#defineMatter(value, context, onlyAbsent)]++;
          else refused.push({ line, code: value.code, reason: 'type_unknown', detail: unknown });
        });
        break;
      case 'rules':
        await eachAbreast([...byMatter(file.lines)], async ([matter, lines]) => {
          const outcome = await this.#setRules(matter, lines, types, context, onlyAbsent);
          for (const result of outcome.results) tally[result]++;
          refused.push(...outcome.refused);
        });
        break;
    }
    refused.sort((a, b) => a.line - b.line);
    const named =
      file.kind === 'rules' ? [] : file.lines.map(({ value: { department } }) => department);
    const alike = named.length === 0 ? [] : lookalikes(named, await this.departments());
    return {
      kind: file.kind,
      ...tally,
      refused,
      lookalikes: alike,
      englishMissing: englishMissingOf(file),
    };
  }

  async #defineType(
    definition: TypeDefinition,
    context: CommandContext,
    onlyAbsent: boolean,
  ): Promise<Result> {
    const { events } = await execute(
      this.store,
      typeStream(definition.code),
      subContext(context, definition.code),
      typeRules,
      (state) =>
        onlyAbsent && state.status === 'defined'
          ? []
          : typeDecider.decide({ kind: 'define-type', definition }, state),
    );
    const [event] = events;
    if (event === undefined) return 'unchanged';
    return event.type === 'TypeDefined' ? 'added' : 'changed';
  }

  async #defineMatter(
    definition: MatterDefinition,
    context: CommandContext,
    onlyAbsent: boolean,
  ): Promise<Result> {
    const { events } = await execute(
      this.store,
      matterStream(definition.code),
      subContext(context, definition.code),
      matterRules,
      (state) =>
        onlyAbsent && state.status === 'defined'
          ? []
          : matterDecider.decide({ kind: 'define-matter', definition }, state),
    );
    const [event] = events;
    if (event === undefined) return 'unchanged';
    return event.type === 'MatterDefined' ? 'added' : 'changed';
  }

  async #setRules(
    matter: string,
    lines: readonly GoodLine<RuleLine>[],
    types: TypeLookup,
    context: CommandContext,
    onlyAbsent: boolean,
  ): Promise<{ results: Result[]; refused: RefusedLine[] }> {
    const known = new Map<string, TypeDefinition | null>();
    for (const { value } of lines) known.set(value.type, await types(value.type));

    let judged: { before: MatterState; verdict: ReturnType<typeof judgeRules> } | undefined;
    const outcome = await execute(
      this.store,
      matterStream(matter),
      subContext(context, matter),
      matterRules,
      (before) => {
        const verdict = judgeRules(lines, before, known);
        judged = { before, verdict };
        if (verdict.materials.length === 0) return [];
        if (onlyAbsent && before.status === 'defined' && before.rules > 0) return [];
        return matterDecider.decide(
          { kind: 'set-rules', indicative: verdict.indicative, materials: verdict.materials },
          before,
        );
      },
    );
    if (judged === undefined) {
      // Carried out before under the same key: the report is made again from what the stream was
      // then.
      const before = await this.#matterBefore(matter, outcome.records[0]?.version ?? 0);
      judged = { before, verdict: judgeRules(lines, before, known) };
    }
    const { before, verdict } = judged;
    const set = outcome.events.find((event) => event.type === 'RulesSet')?.data.materials;
    return {
      results: verdict.materials.map(({ material }) => resultOf(material, before, set)),
      refused: verdict.refused,
    };
  }

  async #matterBefore(matter: string, version: number): Promise<MatterState> {
    const records = await this.store.readStream(matterStream(matter));
    const events: MatterEvent[] = records
      .slice(0, version)
      .map(({ body }) => matterRules.codec.upcast(body.type, body.schema, body.data));
    return fold(matterDecider, events);
  }

  /** Each type is looked up once in an import. */
  #typesByCode(): TypeLookup {
    const asked = new Map<string, Promise<TypeDefinition | null>>();
    return (code) => {
      const known = asked.get(code) ?? this.catalogue.type(code);
      asked.set(code, known);
      return known;
    };
  }
}

type TypeLookup = (code: string) => Promise<TypeDefinition | null>;

async function firstUnknown(
  { materials }: MatterDefinition,
  types: TypeLookup,
): Promise<string | null> {
  for (const { code } of materials) if ((await types(code)) === null) return code;
  return null;
}

function resultOf(
  material: string,
  before: MatterState,
  set: readonly MaterialRule[] | undefined,
): Result {
  if (set === undefined) return 'unchanged';
  const old =
    before.status === 'defined'
      ? before.materials.find((rule) => rule.material === material)
      : undefined;
  if (old === undefined) return 'added';
  const now = set.find((rule) => rule.material === material);
  return canonicalize(old) === canonicalize(now) ? 'unchanged' : 'changed';
}

function byMatter(lines: readonly GoodLine<RuleLine>[]): ReadonlyMap<string, GoodLine<RuleLine>[]> {
  const groups = new Map<string, GoodLine<RuleLine>[]>();
  for (const line of lines) {
    const group = groups.get(line.value.matter);
    if (group === undefined) groups.set(line.value.matter, [line]);
    else group.push(line);
  }
  return groups;
}

/**
 * Does all of them, at most `abreast` at once; the first failure is thrown when those under way
 * have ended.
 */
async function eachAbreast<Item>(
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const workers = Array.from({ length: Math.min(abreast, items.length) }, async () => {
    for (const item of queue) await work(item);
  });
  const ended = await Promise.allSettled(workers);
  for (const one of ended) if (one.status === 'rejected') throw one.reason;
}
