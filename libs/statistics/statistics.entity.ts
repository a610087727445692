import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * Counts of one day (Asia/Shanghai), type, matter and window: `exemptions` are materials that a
 * release answered, `releases` certificates handed over for the first time, `readings` those read
 * again.
 */
@Entity('statistic')
export class Statistic {
  @PrimaryColumn('text')
  day!: string;
  @PrimaryColumn('text')
  type!: string;
  @PrimaryColumn('text')
  matter!: string;
  @PrimaryColumn('text')
  department!: string;
  @PrimaryColumn('text', { name: 'window_id' })
  windowId!: string;
  /** Empty where the window is in no town. */
  @PrimaryColumn('text')
  town!: string;
  @Column('bigint')
  exemptions!: string;
  @Column('bigint')
  releases!: string;
  @Column('bigint')
  readings!: string;
}
