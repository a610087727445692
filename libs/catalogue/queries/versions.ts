import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import type { Instant } from '#libs/kernel';
import { matterStream, typeStream } from '../catalogue.stream.js';
import { CatalogueAbsent } from '../catalogue.errors.js';

/** A record of a type's or matter's stream: when it changed, to what, and by whom. */
export interface CatalogueVersion {
  readonly version: number;
  readonly time: Instant;
  readonly change: 'defined' | 'changed' | 'rules-set';
  /** Version of the rules; null where the record sets none. */
  readonly rules: number | null;
  readonly client: string;
  readonly operator: string | null;
}

export class ListCatalogueVersions extends Query<readonly CatalogueVersion[]> {
  constructor(
    readonly of: 'type' | 'matter',
    readonly code: string,
  ) {
    super();
  }
}

@QueryHandler(ListCatalogueVersions)
export class ListCatalogueVersionsHandler implements IQueryHandler<ListCatalogueVersions> {
  constructor(private readonly store: EventStore) {}

  async execute({ of, code }: ListCatalogueVersions): Promise<readonly CatalogueVersion[]> {
    const stream = of === 'type' ? typeStream(code) : matterStream(code);
    const records = await this.store.readStream(stream);
    if (records.length === 0)
      throw of === 'type'
        ? new CatalogueAbsent('type_unknown', 'there is no such certificate type', { type: code })
        : new CatalogueAbsent('matter_unknown', 'there is no such matter', { matter: code });
    return records.map(({ body: { version, time, type, data, actor } }) => ({
      version,
      time,
      change: type.endsWith('Defined') ? 'defined' : type === 'RulesSet' ? 'rules-set' : 'changed',
      rules: typeof data['rules'] === 'number' ? data['rules'] : null,
      client: actor.client,
      operator: actor.operator ?? null,
    }));
  }
}
