import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DataSource } from 'typeorm';
import { freshDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { ShowStatistics, ShowStatisticsHandler } from './queries/statistics.js';
import { statisticsMigrations } from './statistics.migrations.js';
import { Statistic } from './statistics.entity.js';

class ShortAnswers extends ShowStatisticsHandler {
  protected override readonly maxRows = 2;
}

describe('statistics', () => {
  let database: TestDatabase;
  let dataSource: DataSource;
  beforeAll(async () => {
    database = await freshDatabase();
    dataSource = new DataSource({
      type: 'postgres',
      url: database.url,
      entities: [Statistic],
      migrations: statisticsMigrations,
    });
    await dataSource.initialize();
    await dataSource.runMigrations();
    const counts = { type: 'ZZ001', town: '', exemptions: '1', releases: '2', readings: '3' };
    await dataSource.getRepository(Statistic).insert(
      [
        { day: '2026-11-01', matter: 'SX0001', department: '人社', windowId: 'window-1' },
        { day: '2026-11-02', matter: 'SX0002', department: '医保', windowId: 'window-1' },
        { day: '2026-11-02', matter: 'SX0003', department: '医保', windowId: 'window-1' },
        { day: '2026-11-03', matter: 'SX0001', department: '人社', windowId: 'window-1' },
      ].map((row) => ({ ...row, ...counts })),
    );
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const show = (by: ShowStatistics['by'], handler = new ShowStatisticsHandler(dataSource)) =>
    handler.execute(new ShowStatistics('2026-11-01', '2026-11-02', by));

  test('two windows named alike in two departments are two', async () => {
    expect((await show('window')).rows).toEqual([
      { key: '人社/window-1', exemptions: 1, releases: 2, readings: 3 },
      { key: '医保/window-1', exemptions: 2, releases: 4, readings: 6 },
    ]);
  });

  test('sums are of all that was counted, though an answer has an end', async () => {
    const { rows, totals } = await show('matter', new ShortAnswers(dataSource));
    expect(rows.map(({ key }) => key)).toEqual(['SX0001', 'SX0002']);
    expect(totals).toEqual({ exemptions: 3, releases: 6, readings: 9 });
  });

  test('days of which nothing is known count nothing', async () => {
    const none = await new ShowStatisticsHandler(dataSource).execute(
      new ShowStatistics('2025-01-01', '2025-01-02', 'day'),
    );
    expect(none).toMatchObject({ totals: { exemptions: 0, releases: 0, readings: 0 }, rows: [] });
  });
});
