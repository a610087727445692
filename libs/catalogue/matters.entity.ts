import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { SelfService } from './catalogue.events.js';

/**
 * A matter as it is searched. `search` holds all that a word may be found in, in lower case;
 * `materials` is JSON.
 */
@Entity('catalogue_matter')
export class CatalogueMatter {
  @PrimaryColumn('text')
  code!: string;

  @Column('text', { name: 'name_zh' })
  nameZh!: string;

  @Column('text', { name: 'name_en' })
  nameEn!: string;

  @Column('text')
  department!: string;

  @Column('text', { name: 'department_en', nullable: true })
  departmentEn!: string | null;

  @Column('text')
  level!: 'municipal' | 'district' | 'town' | 'village';

  @Column('text')
  audience!: 'natural' | 'legal';

  @Column('text', { nullable: true })
  place!: string | null;

  @Column('text', { nullable: true })
  bundle!: string | null;

  @Column('text')
  materials!: string;

  @Column('text', { name: 'self_service', nullable: true })
  selfService!: SelfService | null;

  @Column('text')
  search!: string;

  /** First letters of the name in pinyin. */
  @Column('text')
  initials!: string;

  /** The name in pinyin, syllables apart by spaces. */
  @Column('text')
  syllables!: string;

  /** How many definitions of matters were folded up to this one's last. */
  @Column('bigint')
  version!: string;
}
