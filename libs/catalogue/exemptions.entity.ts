import { Column, Entity, PrimaryColumn } from 'typeorm';

/**
 * What the exemption query reads: a matter's materials and its own rules, both JSON. `rules` is
 * null where it has none of its own.
 */
@Entity('catalogue_exemption')
export class CatalogueExemption {
  @PrimaryColumn('text')
  code!: string;

  /**
   * The matter whose rules hold where this one has none: itself, or the basic matter of a matter at
   * a place.
   */
  @Column('text')
  basic!: string;

  @Column('text', { name: 'name_zh', nullable: true })
  nameZh!: string | null;

  @Column('text', { nullable: true })
  materials!: string | null;

  @Column('int', { nullable: true })
  rules!: number | null;

  @Column('boolean', { nullable: true })
  indicative!: boolean | null;

  @Column('text', { nullable: true })
  answers!: string | null;
}
