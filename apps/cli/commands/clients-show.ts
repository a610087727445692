import type { Command } from 'commander';
import { group } from '../group.js';
import {
  administrator,
  type AdministratorOptions,
  byAdministrator,
  done,
  tellClient,
} from '../registering.js';

/** `mianzheng clients show` */
export function register(program: Command): void {
  const command = group(program, 'clients').command('show').argument('<client>', 'its id');
  byAdministrator(command).action(async (client: string, options: AdministratorOptions) => {
    const api = await administrator(options);
    tellClient(await done(api.GET('/v1/clients/{client}', { params: { path: { client } } })));
  });
}
