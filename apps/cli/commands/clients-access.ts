import { type Command, Option } from 'commander';
import { newCommand, type Schemas } from '#libs/api-client';
import { group } from '../group.js';
import {
  administrator,
  type AdministratorOptions,
  byAdministrator,
  done,
  reasons,
  tellClient,
} from '../registering.js';

interface Options extends AdministratorOptions {
  readonly reason: Schemas['ReasonDto']['reason'];
}

/** `mianzheng clients disable` and `clients enable`: whether a client may call at all. */
export function register(program: Command): void {
  for (const change of ['disable', 'enable'] as const) {
    const command = group(program, 'clients')
      .command(change)
      .argument('<client>', 'its id')
      .addOption(
        new Option('--reason <reason>', 'reason code, recorded in the ledger')
          .choices(reasons)
          .makeOptionMandatory(),
      );
    byAdministrator(command).action(async (client: string, options: Options) => {
      const api = await administrator(options);
      const params = { path: { client }, header: newCommand() };
      const { reason } = options;
      tellClient(
        await done(api.POST(`/v1/clients/{client}/${change}`, { params, body: { reason } })),
      );
    });
  }
}
