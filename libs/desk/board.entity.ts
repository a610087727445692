import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An open case on its window's board. */
@Entity('board_case')
export class BoardCase {
  @PrimaryColumn('text', { name: 'case_id' })
  caseId!: string;
  @Column('text')
  department!: string;
  @Column('text', { name: 'window_id' })
  windowId!: string;
  @Column('text')
  matter!: string;
  @Column('text', { name: 'matter_name' })
  matterName!: string;
  @Column('text', { name: 'matter_name_en' })
  matterNameEn!: string;
  @Column('text')
  opened!: string;
  @Column('int')
  materials!: number;
  @Column('int')
  brought!: number;
}

/**
 * A consent that waits for its holder, or was granted and is not used yet. Expiry is judged when it
 * is read.
 */
@Entity('board_consent')
export class BoardConsent {
  @PrimaryColumn('text')
  consent!: string;
  @Column('text', { name: 'case_id' })
  caseId!: string;
  @Column('text')
  role!: string;
  @Column('text', { array: true })
  materials!: string[];
  @Column('text')
  state!: 'waiting' | 'granted';
  /** Until when: to answer while it waits, to redeem once it is granted. */
  @Column('text')
  until!: string;
}
