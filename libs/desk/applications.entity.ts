import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A case that a holder opened online; the subject is a random id. */
@Entity('application')
export class ApplicationRow {
  @PrimaryColumn('text', { name: 'case_id' })
  caseId!: string;
  @Column('text')
  subject!: string;
  @Column('text')
  matter!: string;
  @Column('text', { name: 'matter_name' })
  matterName!: string;
  @Column('text', { name: 'matter_name_en' })
  matterNameEn!: string;
  @Column('text')
  department!: string;
  @Column('text', { name: 'department_en', nullable: true })
  departmentEn!: string | null;
  @Column('text')
  opened!: string;
  @Column('text', { name: 'window_id', nullable: true })
  windowId!: string | null;
  @Column('text', { nullable: true })
  taken!: string | null;
  @Column('text', { nullable: true })
  closed!: string | null;
  @Column('text', { nullable: true })
  outcome!: string | null;
}
