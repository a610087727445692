import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { type CertificateUsed, type ConsentEvent, consentSchemas, type Place } from '#libs/consent';
import { type RecordedEvent, schemasOf } from '#libs/event-store';
import { Projection, type Together, type Write, writeInOrder } from '#libs/feed';
import { type Instant, shanghaiDay, Unreachable } from '#libs/kernel';

interface Count {
  readonly day: string;
  readonly type: string;
  readonly place: Place;
  exemptions: number;
  releases: number;
  readings: number;
}

const counted = schemasOf(consentSchemas, 'ConsentRedeemed', 'ReleaseReadAgain', 'ReleaseWithheld');
type Counted = Extract<ConsentEvent, { readonly type: keyof typeof counted }>;

/**
 * Exemptions and releases per day, type, matter, window and town. A withheld release is subtracted
 * on the day on which it was counted.
 */
@Injectable()
export class StatisticsProjection extends Projection<Counted> {
  readonly name = 'statistics';
  readonly tables = ['statistic'];
  readonly folds = counted;

  override apply(page: readonly RecordedEvent<Counted>[], client: PoolClient): Promise<void> {
    return writeInOrder(writesOf(page), client);
  }

  override together(page: readonly RecordedEvent<Counted>[]): Together {
    return { writes: writesOf(page) };
  }
}

function writesOf(page: readonly RecordedEvent<Counted>[]): Write[] {
  const counts = countsOf(page);
  if (counts.length === 0) return [];
  return [
    {
      name: 'statistic_added',
      text: `
        INSERT INTO statistic AS s
          (day, type, matter, department, window_id, town, exemptions, releases, readings)
        SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                             $7::bigint[], $8::bigint[], $9::bigint[])
        ON CONFLICT (day, type, matter, department, window_id, town) DO UPDATE SET
          exemptions = s.exemptions + excluded.exemptions,
          releases = s.releases + excluded.releases,
          readings = s.readings + excluded.readings`,
      values: [
        counts.map(({ day }) => day),
        counts.map(({ type }) => type),
        counts.map(({ place }) => place.matter),
        counts.map(({ place }) => place.department),
        counts.map(({ place }) => place.window),
        counts.map(({ place }) => place.town ?? ''),
        counts.map(({ exemptions }) => exemptions),
        counts.map(({ releases }) => releases),
        counts.map(({ readings }) => readings),
      ],
    },
  ];
}

/** What a page adds, one entry a key. */
function countsOf(page: readonly RecordedEvent<Counted>[]): readonly Count[] {
  const counts = new Map<string, Count>();
  const add = (
    time: Instant,
    place: Place,
    used: readonly CertificateUsed[],
    sign: 1 | -1,
    first: boolean,
  ) => {
    // one certificate may answer two materials; it counts once
    const handed = new Set<string>();
    for (const { certificate, type } of used) {
      const day = shanghaiDay(time);
      const key = JSON.stringify([
        day,
        type,
        place.matter,
        place.department,
        place.window,
        place.town,
      ]);
      const count = counts.get(key) ?? {
        day,
        type,
        place,
        exemptions: 0,
        releases: 0,
        readings: 0,
      };
      counts.set(key, count);
      // A print answers no material that a window would have asked for.
      if (first && place.selfService === undefined) count.exemptions += sign;
      if (handed.has(certificate)) continue;
      handed.add(certificate);
      if (first) count.releases += sign;
      else count.readings += sign;
    }
  };
  for (const event of page) {
    const { time } = event;
    switch (event.type) {
      case 'ConsentRedeemed':
        add(time, event.data.place, event.data.read, 1, true);
        break;
      case 'ReleaseReadAgain':
        add(time, event.data.place, event.data.used, 1, false);
        break;
      case 'ReleaseWithheld':
        add(event.data.counted, event.data.place, event.data.used, -1, event.data.reading === 0);
        break;
      default:
        throw new Unreachable(event);
    }
  }
  return [...counts.values()];
}
