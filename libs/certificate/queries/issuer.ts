import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { AuthorityOf, ClientCaller } from '#libs/identity';
import { authorityOf } from '../issuing-desk.js';

/**
 * An issuing authority asks what it is registered as: under which credit code it signs, and which
 * types it may issue.
 */
export class GetIssuer extends Query<AuthorityOf> {
  constructor(readonly caller: ClientCaller) {
    super();
  }
}

@QueryHandler(GetIssuer)
export class GetIssuerHandler implements IQueryHandler<GetIssuer> {
  execute({ caller }: GetIssuer): Promise<AuthorityOf> {
    return Promise.resolve().then(() => authorityOf(caller));
  }
}
