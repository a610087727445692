import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Papers that were brought on one day (Asia/Shanghai), by reason, material, matter and window. */
@Entity('paper_statistic')
export class PaperStatistic {
  @PrimaryColumn('text')
  day!: string;
  @PrimaryColumn('text')
  reason!: string;
  @PrimaryColumn('text')
  material!: string;
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
  papers!: string;
}
