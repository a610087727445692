import type { Command } from 'commander';
import { group } from '../group.js';
import { tellResult } from '../output.js';
import {
  administrator,
  type AdministratorOptions,
  byAdministrator,
  type ClientView,
  done,
} from '../registering.js';

/** `mianzheng clients list` */
export function register(program: Command): void {
  const command = group(program, 'clients').command('list');
  byAdministrator(command).action(async (options: AdministratorOptions) => {
    const api = await administrator(options);
    const clients: ClientView[] = [];
    for (let after: string | null = ''; after !== null;) {
      const query = after === '' ? {} : { after };
      const page: { clients: ClientView[]; next: string | null } = await done(
        api.GET('/v1/clients', { params: { query } }),
      );
      clients.push(...page.clients);
      after = page.next;
    }
    tellResult(
      { clients },
      clients.map(
        ({ client, kind, name, department, window, enabled }) =>
          `${client.padEnd(22)}  ${enabled ? 'enabled ' : 'DISABLED'}  ${kind.padEnd(17)}  ${department}  ${window ?? '-'}  ${name}`,
      ),
    );
  });
}
