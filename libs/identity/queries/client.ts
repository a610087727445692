import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { ClientDirectory, type RegisteredClient } from '../caller.js';
import { ClientAbsent } from '../identity.errors.js';

/** What the register knows of a client. */
export class FindClient {
  constructor(readonly client: string) {}
}

@QueryHandler(FindClient)
export class FindClientHandler implements IQueryHandler<FindClient, RegisteredClient> {
  constructor(private readonly directory: ClientDirectory) {}

  async execute({ client }: FindClient): Promise<RegisteredClient> {
    const found = await this.directory.find(client);
    if (found === null)
      throw new ClientAbsent('client_unknown', 'no such client is registered', { client });
    return found;
  }
}
