import { type Command, Option } from 'commander';
import {
  type AccessList,
  type OfOthers,
  prepareEventStore,
  type Prepared,
} from '#libs/event-store/eventstoredb';
import { InvalidError } from '#libs/kernel';
import { SettingInvalid, Settings } from '#libs/platform';
import { group } from '../group.js';
import { tellResult } from '../output.js';

interface Options {
  readonly others: OfOthers;
  readonly resetPassword?: boolean;
}

/**
 * `mianzheng event-store prepare`: the ledger's own user in EventStoreDB or KurrentDB, and what it
 * and others may do there.
 */
export function register(program: Command): void {
  group(program, 'event-store')
    .command('prepare')
    .addOption(
      new Option(
        '--others <what>',
        'rights that others gave, or that every user has on a server with streams of others',
      )
        .choices(['refuse', 'keep', 'remove'])
        .default('refuse'),
    )
    .option('--reset-password', 'set the password of an existing user to that of EVENT_STORE_URL')
    .addHelpText(
      'after',
      `
EVENT_STORE_URL names the user to make and its password, EVENT_STORE_ADMIN_URL an administrator of the same server;
both may come as files (EVENT_STORE_URL_FILE, EVENT_STORE_ADMIN_URL_FILE). No password is printed.`,
    )
    .action(prepare);
}

/**
 * Ends with 2 where a setting is missing or cannot be used, with 1 where the server or what stands
 * there is in the way.
 */
async function prepare(options: Options): Promise<void> {
  try {
    await prepareBySettings(options);
  } catch (error) {
    if (error instanceof InvalidError) process.exitCode = 2;
    throw error;
  }
}

async function prepareBySettings({ others, resetPassword = false }: Options): Promise<void> {
  const { city, eventStoreUrl } = Settings.from();
  const { env } = process;
  const prepared = await prepareEventStore({
    city,
    url: given('EVENT_STORE_URL', eventStoreUrl),
    administratorUrl: given('EVENT_STORE_ADMIN_URL', env['EVENT_STORE_ADMIN_URL']),
    ofOthers: others,
    resetPassword,
  });
  tellResult(prepared, linesOf(prepared));
}

function given(setting: string, value: string | undefined): string {
  if (value === undefined || value === '')
    throw SettingInvalid.mustBe(setting, 'set, to esdb://USER:PASSWORD@host:2113 or as its file');
  return value;
}

const users: Readonly<Record<Prepared['user'], string>> = {
  made: 'made',
  there: 'there already, with this password',
  'password reset': 'there already; it has the password of EVENT_STORE_URL now',
};

function linesOf({ login, user, lists, otherWriters }: Prepared): string[] {
  return [
    `user ${login}: ${users[user]}`,
    ...lists.map(({ of, changed, before, after }) => {
      const which = of === 'all' ? '$all' : 'streams without a list of their own';
      return changed
        ? `access list of ${which}: set to ${textOf(after)}; it was ${textOf(before)}`
        : `access list of ${which}: as it was, ${textOf(after)}`;
    }),
    `${login} may read $all; without a user nothing is read.`,
    otherWriters.length === 0
      ? `Beside ${login}, the server's administrators alone may write under the names of this city.`
      : `OTHERS may write under the names of this city, which would stop the ledger: ${otherWriters
          .map((name) => (name === '$all' ? 'every user of the server' : name))
          .join(', ')}.`,
  ];
}

const textOf = (list: AccessList) =>
  Object.keys(list).length === 0 ? 'the server’s default' : JSON.stringify(list);
