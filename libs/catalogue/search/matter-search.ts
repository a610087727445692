import { Injectable } from '@nestjs/common';
import pg from 'pg';
import type { MatterDefinition, SelfService } from '../catalogue.events.js';
import { type IndexedMatter, MatterIndex } from './matter-index.js';

interface Row {
  readonly code: string;
  readonly name_zh: string;
  readonly name_en: string;
  readonly department: string;
  readonly department_en: string | null;
  readonly level: MatterDefinition['level'];
  readonly audience: MatterDefinition['audience'];
  readonly place: string | null;
  readonly bundle: string | null;
  readonly materials: string;
  readonly self_service: SelfService | null;
  readonly initials: string;
  readonly syllables: string;
}

/** Named, so that the server plans them once a connection: the first is asked at each search. */
const newest = {
  name: 'catalogue-matters-version',
  text: 'SELECT coalesce(max(version), 0) AS version FROM catalogue_matter',
};
const changed = {
  name: 'catalogue-matters-since',
  text: `SELECT code, name_zh, name_en, department, department_en, level, audience, place, bundle,
                materials, self_service, initials, syllables
         FROM catalogue_matter WHERE version > $1 AND version <= $2`,
};

/**
 * The matters of the read model, in the memory of this process. Each search asks the table for its
 * version first, one question for all searches of the moment, so that none is answered from an
 * older state than the table had when it was asked.
 */
@Injectable()
export class MatterSearch {
  readonly #matters = new Map<string, IndexedMatter>();
  #index = new MatterIndex([]);
  #version = 0n;
  #looking: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  constructor(private readonly pool: pg.Pool) {}

  async current(): Promise<MatterIndex> {
    await this.#lookAgain();
    return this.#index;
  }

  /** A look that begins from now on: one that is under way may have asked before. */
  #lookAgain(): Promise<void> {
    if (this.#looking === null) return this.#begin();
    this.#next ??= this.#looking
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#begin();
      });
    return this.#next;
  }

  #begin(): Promise<void> {
    const looking = this.#look().finally(() => {
      if (this.#looking === looking) this.#looking = null;
    });
    this.#looking = looking;
    return looking;
  }

  async #look(): Promise<void> {
    const { rows } = await this.pool.query<{ version: string }>(newest);
    const version = BigInt(rows[0]?.version ?? 0);
    if (version === this.#version) return;
    // A table that was folded anew, or restored, begins again.
    if (version < this.#version) {
      this.#matters.clear();
      this.#version = 0n;
    }
    const { rows: news } = await this.pool.query<Row>({
      ...changed,
      values: [this.#version.toString(), version.toString()],
    });
    const kept = new Kept([...this.#matters.values()]);
    for (const row of news) this.#matters.set(row.code, kept.matter(row));
    this.#index = new MatterIndex(this.#matters.values());
    this.#version = version;
  }
}

/** One matter at many places has one name, and one list of materials: each is kept once. */
class Kept {
  readonly #materials = new Map<string, MatterDefinition['materials']>();
  readonly #texts = new Map<string, string>();

  constructor(known: readonly IndexedMatter[]) {
    for (const { matter } of known)
      this.#materials.set(JSON.stringify(matter.materials), matter.materials);
  }

  matter(row: Row): IndexedMatter {
    return {
      matter: {
        code: row.code,
        nameZh: this.#text(row.name_zh),
        nameEn: this.#text(row.name_en),
        department: this.#text(row.department),
        ...(row.department_en !== null && { departmentEn: this.#text(row.department_en) }),
        level: row.level,
        audience: row.audience,
        place: row.place === null ? null : this.#text(row.place),
        bundle: row.bundle === null ? null : this.#text(row.bundle),
        materials: this.#materialsOf(row.materials),
        ...(row.self_service !== null && { selfService: row.self_service }),
      },
      pinyin: { initials: this.#text(row.initials), syllables: this.#text(row.syllables) },
    };
  }

  #text(text: string): string {
    const known = this.#texts.get(text) ?? text;
    this.#texts.set(text, known);
    return known;
  }

  #materialsOf(json: string): MatterDefinition['materials'] {
    const known = this.#materials.get(json) ?? (JSON.parse(json) as MatterDefinition['materials']);
    this.#materials.set(json, known);
    return known;
  }
}
