import { type DynamicModule, Module } from '@nestjs/common';
import pg from 'pg';
import { CaseReader } from '#libs/case';
import { EventStore } from '#libs/event-store';
import { Clock } from '#libs/kernel';
import { LOG, type Log, Metrics, Settings, StoreHealth } from '#libs/platform';
import { LedgerSecrets } from '#libs/vault';
import { BoardPosition, CheckpointOfBoard } from './board-position.js';
import { EventIds } from './event-ids.js';
import { EventStreams } from './event-streams.js';
import { Follower } from './follower.js';
import { NoticeController } from './notice.controller.js';
import { OpenStreams } from './open-streams.js';
import { Places } from './places.js';

/** Tells callers what happens to what is theirs, for as long as they listen. */
@Module({})
export class NoticeModule {
  /** @param board name of the read model behind the boards of the windows */
  static after(board: string): DynamicModule {
    return {
      module: NoticeModule,
      controllers: [NoticeController],
      providers: [
        {
          provide: BoardPosition,
          inject: [pg.Pool],
          useFactory: (pool: pg.Pool) => new CheckpointOfBoard(pool, board),
        },
        {
          provide: EventStreams,
          inject: [
            EventStore,
            CaseReader,
            LedgerSecrets,
            BoardPosition,
            Clock,
            LOG,
            Metrics,
            StoreHealth,
            Settings,
          ],
          useFactory: (
            store: EventStore,
            cases: CaseReader,
            secrets: LedgerSecrets,
            position: BoardPosition,
            clock: Clock,
            log: Log,
            metrics: Metrics,
            storeHealth: StoreHealth,
            { limits }: Settings,
          ) => {
            const streams = new OpenStreams();
            const places = new Places(store, cases);
            const follower = new Follower(store, places, streams, position, log);
            const most = limits.eventStreams;
            const on = { clock, log, metrics, storeHealth, most };
            return new EventStreams(streams, follower, new EventIds(secrets), on);
          },
        },
      ],
    };
  }
}
