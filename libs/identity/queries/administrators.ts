import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { EventStore } from '#libs/event-store';
import { type ClientCaller, ClientDirectory } from '../caller.js';
import { KnownOperators } from '../operators/known-operators.js';
import { OperatorDirectory } from '../operators/operator-directory.js';
import { OperatorNames } from '../operators/operator-names.js';
import { type ActingHands, sharedWith } from '../separation-of-duties.js';
import { RegisteredClients } from './clients.js';

/** Who may act as an administrator, and whether with whoever asks. */
export interface Administrator {
  /** Null for an operator, who acts at terminals. */
  readonly client: string | null;
  readonly operator: string | null;
  /** Null where an operator's name was erased. */
  readonly name: string | null;
  readonly department: string;
  readonly isCaller: boolean;
  /** What controls the keys of both; empty where the two may do together what needs two. */
  readonly sharedControl: readonly string[];
}

export class ListAdministrators extends Query<readonly Administrator[]> {
  constructor(readonly caller: ClientCaller) {
    super();
  }
}

/** A city has a handful of administrators: all are looked at. */
@QueryHandler(ListAdministrators)
export class ListAdministratorsHandler implements IQueryHandler<ListAdministrators> {
  constructor(
    private readonly store: EventStore,
    private readonly clients: ClientDirectory,
    private readonly registered: RegisteredClients,
    private readonly operators: OperatorDirectory,
    private readonly known: KnownOperators,
    private readonly names: OperatorNames,
  ) {}

  async execute({ caller }: ListAdministrators): Promise<readonly Administrator[]> {
    const found = [...(await this.#clients()), ...(await this.#operators())];
    const { client, jkt, operator } = caller;
    const own: ActingHands = {
      client: { client, kid: jkt },
      operator:
        operator === undefined || operator.passkey === null
          ? null
          : { operator: operator.operator, passkey: operator.passkey },
    };
    return Promise.all(
      found.map(async ({ hands, ...administrator }) => {
        const isCaller =
          operator === undefined
            ? administrator.client === client
            : administrator.operator === operator.operator;
        const sharedControl = isCaller ? [] : await sharedWith(this.store, own, hands);
        return { ...administrator, isCaller, sharedControl };
      }),
    );
  }

  async #clients() {
    const found = [];
    for (const id of await this.registered.all()) {
      const client = await this.clients.find(id);
      if (client?.kind !== 'administrator' || !client.enabled) continue;
      const [key] = client.keys;
      if (key === undefined) continue;
      const { name, department } = client;
      const hands: ActingHands = { client: { client: id, kid: key.kid }, operator: null };
      found.push({ client: id, operator: null, name, department, hands });
    }
    return found;
  }

  async #operators() {
    const found = [];
    for (const id of await this.known.all()) {
      const operator = await this.operators.find(id);
      if (operator?.enabled !== true || !operator.roles.includes('administrator')) continue;
      if (operator.passkey === null) continue;
      const { credential: passkey } = operator.passkey;
      found.push({
        client: null,
        operator: id,
        name: await this.names.open(id, operator.name),
        department: operator.department,
        hands: { client: null, operator: { operator: id, passkey } },
      });
    }
    return found;
  }
}
