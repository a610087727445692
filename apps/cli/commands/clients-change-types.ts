import type { Command } from 'commander';
import { newCommand } from '#libs/api-client';
import { group } from '../group.js';
import {
  administrator,
  type AdministratorOptions,
  byAdministrator,
  done,
  OptionWrong,
  tellClient,
  typeCodesOf,
} from '../registering.js';

interface Options extends AdministratorOptions {
  readonly add?: string;
  readonly remove?: string;
}

/** `mianzheng clients change-types`: which certificate types an issuing authority may issue. */
export function register(program: Command): void {
  const command = group(program, 'clients')
    .command('change-types')
    .argument('<client>', "the authority's id")
    .option('--add <codes>', 'types that it may also issue from now on, comma-separated')
    .option('--remove <codes>', 'types that it may no longer issue; issued certificates remain');
  byAdministrator(command).action(async (client: string, options: Options) => {
    const [add, remove] = [codesIn('--add', options.add), codesIn('--remove', options.remove)];
    if (add.length + remove.length === 0)
      throw new OptionWrong('options_missing', '--add or --remove names at least one type');
    const api = await administrator(options);
    const params = { path: { client }, header: newCommand() };
    tellClient(
      await done(api.POST('/v1/clients/{client}/types', { params, body: { add, remove } })),
    );
  });
}

const codesIn = (option: string, text: string | undefined): string[] =>
  text === undefined ? [] : typeCodesOf(option, text);
