import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { LookupBroken } from '../vault.errors.js';
import { type ClaimedPaper, type PaperName, Papers } from '../ports.js';
import { VaultKeys } from './keys.js';
import { withErased } from './vault.js';

/**
 * Names of papers on PostgreSQL, which sees HMACs only. A name's row is written before the
 * certificate's first record, and its primary key decides between concurrent claims: both commands
 * then write to one stream, where the store decides.
 */
@Injectable()
export class PostgresPapers extends Papers {
  constructor(
    private readonly pool: pg.Pool,
    private readonly keys: VaultKeys,
  ) {
    super();
  }

  override async find(names: readonly PaperName[]): Promise<readonly (string | null)[]> {
    if (names.length === 0) return [];
    const hmacs = names.map((name) => this.everyPepper((pepper) => this.keys.paper(pepper, name)));
    const { rows } = await this.pool.query<{ name: Buffer; certificate: string }>({
      name: 'paper_find',
      text: 'SELECT name, certificate FROM vault.paper_name WHERE name = ANY($1)',
      values: [hmacs.flat()],
    });
    const known = new Map(rows.map(({ name, certificate }) => [name.toString('hex'), certificate]));
    return hmacs.map((each) => {
      const under = each.find((hmac) => known.has(hmac.toString('hex')));
      return under === undefined ? null : (known.get(under.toString('hex')) ?? null);
    });
  }

  override async claim(papers: readonly ClaimedPaper[]): Promise<readonly (readonly string[])[]> {
    const first = await this.settle(
      papers.map((paper) => ({ ...paper, names: paper.names.slice(0, 1) })),
    );
    // The first name decides; the others follow it, and so do the paper's holders.
    const others = await this.settle(
      papers.map(({ names, certificate, holders }, n) => ({
        names: names.slice(1),
        certificate: first[n]?.[0] ?? certificate,
        holders,
      })),
    );
    return papers.map((_, n) => [...(first[n] ?? []), ...(others[n] ?? [])]);
  }

  private async settle(papers: readonly ClaimedPaper[]): Promise<readonly (readonly string[])[]> {
    const names = papers.flatMap((paper) => paper.names);
    // A name under an older pepper stays that certificate's.
    const older = [...this.keys.peppers.all].length > 1;
    await this.make(papers, older ? await this.find(names) : []);
    const now = await this.find(names);
    if (now.includes(null))
      throw new LookupBroken('lookup_row_vanished', 'a holder was erased meanwhile');
    let from = 0;
    return papers.map((paper) =>
      now.slice(from, (from += paper.names.length)).filter((certificate) => certificate !== null),
    );
  }

  override async bears(certificate: string): Promise<boolean> {
    const { rows } = await this.pool.query({
      name: 'paper_bears',
      text: 'SELECT FROM vault.paper_name WHERE certificate = $1 LIMIT 1',
      values: [certificate],
    });
    return rows.length > 0;
  }

  override async withNumber(numbers: readonly PaperName[]): Promise<readonly string[]> {
    const { rows } = await this.pool.query<{ certificate: string }>({
      name: 'paper_with_number',
      text: 'SELECT DISTINCT certificate FROM vault.paper_name WHERE number = ANY($1)',
      values: [
        numbers.flatMap((name) =>
          this.everyPepper((pepper) => this.keys.paper(pepper, { ...name, holder: null })),
        ),
      ],
    });
    return rows.map(({ certificate }) => certificate);
  }

  override async confirm(certificate: string, asOf: string): Promise<void> {
    await this.pool.query({
      name: 'paper_confirm',
      text: `INSERT INTO vault.paper_confirmed AS known (certificate, as_of) VALUES ($1, $2)
             ON CONFLICT (certificate) DO UPDATE SET as_of = excluded.as_of
             WHERE known.as_of < excluded.as_of`,
      values: [certificate, asOf],
    });
  }

  override async confirmed(certificate: string): Promise<string | null> {
    const { rows } = await this.pool.query<{ as_of: string }>({
      name: 'paper_confirmed',
      text: 'SELECT as_of FROM vault.paper_confirmed WHERE certificate = $1',
      values: [certificate],
    });
    return rows[0]?.as_of ?? null;
  }

  /**
   * Names and holders in one statement, so that no name survives its holders' erasure; existing
   * rows stay as they are.
   */
  private async make(
    papers: readonly ClaimedPaper[],
    owners: readonly (string | null)[] = [],
  ): Promise<void> {
    if (papers.length === 0) return;
    const { id } = this.keys.peppers.current;
    let at = 0;
    const rows = papers.flatMap(({ names, certificate, holders }) =>
      names.map((name) => ({
        name: this.keys.paper(id, name),
        number: this.keys.paper(id, { ...name, holder: null }),
        certificate: owners[at++] ?? certificate,
        holders: holders.join(' '),
      })),
    );
    rows.sort((a, b) => Buffer.compare(a.name, b.name));
    const held = papers.flatMap(({ certificate, holders }) =>
      holders.map((subject) => ({ certificate, subject })),
    );
    await this.pool.query({
      name: 'paper_make',
      text: `WITH ${withErased('$1')},
             held AS (
               INSERT INTO vault.paper_holder (certificate, subject)
               SELECT h.certificate, h.subject FROM unnest($2::text[], $3::text[])
                 AS h (certificate, subject)
               WHERE NOT EXISTS (SELECT FROM erased WHERE erased.subject = h.subject)
               ON CONFLICT DO NOTHING)
             INSERT INTO vault.paper_name (name, pepper, number, certificate)
             SELECT p.name, $4, p.number, p.certificate
             FROM unnest($5::bytea[], $6::bytea[], $7::text[], $8::text[])
               AS p (name, number, certificate, holders)
             WHERE NOT EXISTS (
               SELECT FROM erased WHERE erased.subject = ANY(string_to_array(p.holders, ' ')))
             ON CONFLICT (name) DO NOTHING`,
      values: [
        [...new Set(held.map(({ subject }) => subject))],
        held.map(({ certificate }) => certificate),
        held.map(({ subject }) => subject),
        id,
        rows.map(({ name }) => name),
        rows.map(({ number }) => number),
        rows.map(({ certificate }) => certificate),
        rows.map(({ holders }) => holders),
      ],
    });
  }

  private everyPepper(hmac: (pepper: string) => Buffer): Buffer[] {
    const { all, current } = this.keys.peppers;
    return [current, ...[...all].filter(({ id }) => id !== current.id).reverse()].map(({ id }) =>
      hmac(id),
    );
  }
}
