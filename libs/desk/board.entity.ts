import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a board says of any case. */
abstract class CaseOnBoard {
  @PrimaryColumn('text', { name: 'case_id' })
  caseId!: string;
  @Column('text')
  department!: string;
  @Column('text')
  matter!: string;
  @Column('text', { name: 'matter_name' })
  matterName!: string;
  @Column('text', { name: 'matter_name_en' })
  matterNameEn!: string;
  /** Whose matter it is; null where the case's record does not say it. */
  @Column('text', { name: 'matter_department', nullable: true })
  matterDepartment!: string | null;
  @Column('text', { name: 'matter_department_en', nullable: true })
  matterDepartmentEn!: string | null;
  @Column('text')
  opened!: string;
  @Column('int')
  materials!: number;
  /**
   * `material/role` for each answer that the case's rules need of a participant, see
   * `answersNeeded`.
   */
  @Column('text', { array: true })
  needed!: string[];
}

/** A case that was opened online, on the board of all windows of its department. */
@Entity('board_online')
export class BoardOnline extends CaseOnBoard {}

abstract class CaseOfWindow extends CaseOnBoard {
  @Column('text', { name: 'window_id' })
  windowId!: string;
  @Column('text')
  origin!: 'window' | 'online';
  @Column('text', { name: 'queue_number', nullable: true })
  queueNumber!: string | null;
  /** How many papers were brought, and which. */
  @Column('int')
  brought!: number;
  @Column('text', { name: 'brought_materials', array: true })
  broughtMaterials!: string[];
}

/** An open case on its window's board. */
@Entity('board_case')
export class BoardCase extends CaseOfWindow {}

/** A case of the last day on which any was closed. */
@Entity('board_closed')
export class BoardClosed extends CaseOfWindow {
  @Column('text')
  closed!: string;
  /** In Asia/Shanghai. */
  @Column('text')
  day!: string;
  @Column('text')
  outcome!: 'accepted' | 'rejected' | 'withdrawn';
}

/** What a release answered in a case: `given` as `needed` above. */
@Entity('board_answer')
export class BoardAnswer {
  @PrimaryColumn('text')
  consent!: string;
  @Column('text', { name: 'case_id' })
  caseId!: string;
  @Column('text', { array: true })
  given!: string[];
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
