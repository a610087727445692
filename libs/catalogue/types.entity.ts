import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * A certificate type as the list shows it; its fields are JSON, its schema stands in the stream.
 */
@Entity('catalogue_type')
export class CatalogueType {
  @PrimaryColumn('text')
  code!: string;

  @Column('text')
  category!: 'certificate' | 'proof';

  @Column('text', { name: 'name_zh' })
  nameZh!: string;

  @Column('text', { name: 'name_en' })
  nameEn!: string;

  @Column('text')
  department!: string;

  @Column('text', { name: 'department_en', nullable: true })
  departmentEn!: string | null;

  @Column('text')
  holder!: 'natural' | 'legal' | 'both';

  @Column('text', { nullable: true })
  validity!: string | null;

  /** The field that is the paper's number; null where it has none. */
  @Column('text', { name: 'number_field', nullable: true })
  numberField!: string | null;

  @Column('text', { name: 'number_unique', nullable: true })
  numberUnique!: 'paper' | 'paper-and-holder' | null;

  @Column('text')
  fields!: string;
}
