import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { type CertificateUsed, type ConsentEvent, consentSchemas, type Place } from '#libs/consent';
import { type PositionedRecord, schemasOf } from '#libs/event-store';
import { type Instant, shanghaiDay } from '#libs/kernel';
import { Projection } from '#libs/projection';

interface Count {
  readonly day: string;
  readonly type: string;
  readonly place: Place;
  exemptions: number;
  releases: number;
  readings: number;
}

/** Exemptions and releases per day, type, matter, window and town. What was withheld is taken back from the day on which it was counted. */
@Injectable()
export class StatisticsProjection extends Projection {
  readonly name = 'statistics';
  readonly tables = ['statistic'];
  readonly folds = schemasOf(
    consentSchemas,
    'ConsentRedeemed',
    'ReleaseReadAgain',
    'ReleaseWithheld',
  );

  async apply(page: readonly PositionedRecord[], client: PoolClient): Promise<void> {
    const counts = countsOf(
      page.map(({ body }) => ({
        event: { type: body.type, data: body.data } as unknown as ConsentEvent,
        time: body.time,
      })),
    );
    if (counts.length === 0) return;
    await client.query(
      `INSERT INTO statistic AS s
         (day, type, matter, department, window_id, town, exemptions, releases, readings)
       SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                            $7::bigint[], $8::bigint[], $9::bigint[])
       ON CONFLICT (day, type, matter, department, window_id, town) DO UPDATE SET
         exemptions = s.exemptions + excluded.exemptions,
         releases = s.releases + excluded.releases,
         readings = s.readings + excluded.readings`,
      [
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
    );
  }
}

/** What a page adds, one entry a key. */
export function countsOf(
  page: readonly { readonly event: ConsentEvent; readonly time: Instant }[],
): readonly Count[] {
  const counts = new Map<string, Count>();
  const add = (
    time: Instant,
    place: Place,
    used: readonly CertificateUsed[],
    sign: 1 | -1,
    first: boolean,
  ) => {
    const handed = new Set<string>(); // one certificate may answer two materials; it is handed over once
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
      if (first) count.exemptions += sign;
      if (handed.has(certificate)) continue;
      handed.add(certificate);
      if (first) count.releases += sign;
      else count.readings += sign;
    }
  };
  for (const { event, time } of page) {
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
      case 'ConsentRequested':
      case 'ConsentGranted':
      case 'ConsentRefused':
      case 'ConsentWithdrawn':
        break;
    }
  }
  return [...counts.values()];
}
