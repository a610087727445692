import type { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import type { Schemas } from '#libs/api-client';
import { foreignReasons } from '#libs/exclusion';
import { tellResult } from '../output.js';
import {
  administrator,
  type AdministratorOptions,
  byAdministrator,
  done,
  OptionWrong,
} from '../registering.js';

interface Options extends AdministratorOptions {
  readonly reason?: string;
  readonly approve?: string;
  readonly withdraw?: string;
  readonly show?: string;
  readonly position?: string;
  readonly hash?: string;
}

type Exclusion = Schemas['ExclusionDto'];

/**
 * `mianzheng exclude`: an administrator names a stream whose foreign events are to be left out of
 * the ledger, another approves.
 */
export function register(program: Command): void {
  byAdministrator(
    program
      .command('exclude')
      .description(
        'leave events that another program wrote out of the ledger: ask, approve as another administrator, or take back',
      )
      .argument('[stream]', 'stream of the events, as `verify ledger` reports it')
      .option(
        '--position <position>',
        'position of one event, if the stream name cannot be written',
      )
      .option('--hash <hash>', 'hash of its bytes, as `verify ledger` reports it')
      .option('--reason <reason>', `how the events got there: ${foreignReasons.join(', ')}`)
      .option('--approve <exclusion>', 'approve this exclusion, as a second administrator')
      .option('--withdraw <exclusion>', 'withdraw one’s own exclusion request')
      .option('--show <exclusion>', 'show the state of an exclusion'),
  ).action(exclude);
}

async function exclude(stream: string | undefined, options: Options): Promise<void> {
  const { approve, withdraw, show, position, hash } = options;
  const [named, ...more] = [stream, position, approve, withdraw, show].filter(
    (one) => one !== undefined,
  );
  if (named === undefined || more.length > 0)
    throw new OptionWrong(
      'options_clash',
      'name one of: a stream, --position, --approve, --withdraw, --show',
    );
  if ((position === undefined) !== (hash === undefined))
    throw new OptionWrong('options_missing', '--position and --hash go together');
  const api = await administrator(options, ['ledger:exclude']);
  const params = { path: { id: named }, header: { 'Idempotency-Key': randomUUID() } };
  if (approve !== undefined)
    tell(await done(api.POST('/v1/ledger/exclusions/{id}/approve', { params })));
  else if (withdraw !== undefined) {
    const { exclusion } = await done(api.POST('/v1/ledger/exclusions/{id}/withdraw', { params }));
    tellResult({ exclusion, state: 'withdrawn' }, ['taken back; nothing was left out'], exclusion);
  } else if (show !== undefined)
    tell(await done(api.GET('/v1/ledger/exclusions/{id}', { params: { path: { id: show } } })));
  else
    await request(
      api,
      position === undefined || hash === undefined ? { stream: named } : { position, hash },
      options,
    );
}

async function request(
  api: Awaited<ReturnType<typeof administrator>>,
  at: { readonly stream: string } | { readonly position: string; readonly hash: string },
  { reason: told }: Options,
): Promise<void> {
  const reason = foreignReasons.find((one) => one === told);
  if (reason === undefined)
    throw new OptionWrong('options_missing', `--reason is one of ${foreignReasons.join(', ')}`);
  const params = { header: { 'Idempotency-Key': randomUUID() } };
  tell(await done(api.POST('/v1/ledger/exclusions', { params, body: { ...at, reason } })));
}

function tell(view: Exclusion): void {
  const { exclusion, state, stream, events, reason, requestedBy, approvedBy, expires } = view;
  tellResult(
    view,
    [
      `exclusion ${exclusion}: ${state}`,
      ...events.map(
        ({ part, version, position, hash }) =>
          `  ${stream} ${version}${part === 'metadata' ? ' of its metadata' : ''}, position ${position}, hash ${hash}`,
      ),
      `  ${reason}; asked for by ${requestedBy}, whose key came ${through(view.requesterKeyFrom)}`,
      ...(approvedBy === null
        ? []
        : [`  approved by ${approvedBy}, whose key came ${through(view.approverKeyFrom)}`]),
      ...(state === 'requested'
        ? [
            `another administrator approves until ${expires}:`,
            `  npx mianzheng exclude --approve ${exclusion} --as ID --key FILE`,
          ]
        : []),
    ],
    exclusion,
  );
}

/**
 * The client that registered a client or last gave it a key, the one that did so for that one, and
 * so on.
 */
const through = (givers: readonly string[]): string =>
  ['from the city itself', ...givers.toReversed()].join(', through ');
