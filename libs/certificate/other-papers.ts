import { Injectable } from '@nestjs/common';
import pg from 'pg';
import { type Instant, shanghaiDay } from '#libs/kernel';
import { validOn } from './wallet.js';

interface Paper {
  readonly certificate: string;
  readonly type: string;
  readonly subjects: readonly string[];
}

/**
 * Tells of a paper without a number whether its holder has another valid one of the same authority
 * and type.
 */
@Injectable()
export class OtherPapers {
  constructor(private readonly pool: pg.Pool) {}

  /**
   * For each paper, in order. From the wallet, which may lag by a moment, and from the papers that
   * come with it.
   */
  async whoHaveAnother(
    authority: string,
    papers: readonly Paper[],
    now: Instant,
  ): Promise<readonly boolean[]> {
    const wanted = papers.flatMap(({ type, subjects }) =>
      subjects.map((subject) => ({ type, subject })),
    );
    const { rows } = await this.pool.query<Paper & { subject: string }>({
      name: 'wallet-others',
      text: `SELECT DISTINCT c.certificate, c.type, h.subject
             FROM unnest($2::text[], $3::text[]) AS w (type, subject)
             JOIN wallet_holding h ON h.subject = w.subject
             JOIN wallet_certificate c ON c.certificate = h.certificate AND c.type = w.type
             WHERE c.authority = $1 AND ${validOn('$4')}`,
      values: [
        authority,
        wanted.map(({ type }) => type),
        wanted.map(({ subject }) => subject),
        shanghaiDay(now),
      ],
    });
    const held = new Map<string, Set<string>>();
    const hold = (type: string, subject: string, certificate: string) => {
      const key = `${type} ${subject}`;
      const known = held.get(key);
      if (known === undefined) held.set(key, new Set([certificate]));
      else known.add(certificate);
    };
    for (const { type, subject, certificate } of rows) hold(type, subject, certificate);
    for (const { type, subjects, certificate } of papers)
      for (const subject of subjects) hold(type, subject, certificate);
    return papers.map(({ type, subjects, certificate }) =>
      subjects.some((subject) =>
        [...(held.get(`${type} ${subject}`) ?? [])].some((other) => other !== certificate),
      ),
    );
  }
}
