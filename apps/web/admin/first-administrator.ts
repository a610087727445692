import {
  type ApiKey,
  cityOf,
  createClient,
  KeyUnusable,
  type LedgerClient,
  newCommand,
  proveClientKey,
  readKey,
} from '#libs/api-client';
import { findKey, findOrMakeKey, keyIsRegistered } from '../shared/keys.ts';
import { administrationScopes } from '../shared/terminal.ts';
import { answered, RequestFailed } from '../shared/trouble.ts';

/** The file is no administrator's, or this browser is a terminal already. */
export class KeyFileWrong extends Error {
  constructor(readonly why: 'wrong' | 'taken') {
    super(why);
  }
}

/** As the city itself admits administrators by the files on its machine. */
const admitted = ['administrator', 'second-administrator'];

/**
 * With the key of the first start, which stays in this page's memory and is forgotten with it:
 * enrols the browser as a terminal for administration, and invites its owner as an administrator.
 * @returns the invitation, with which a passkey is made
 * @throws KeyFileWrong, RequestFailed
 */
export async function setUpFirst({
  file,
  name,
  terminal,
  place: window,
}: {
  readonly file: File;
  readonly name: string;
  readonly terminal: string;
  readonly place: string;
}): Promise<string> {
  const { api, client } = await administratorOf(await keyIn(file));
  const { department } = await answered(
    api.GET('/v1/clients/{client}', { params: { path: { client } } }),
  );
  const before = await findKey('terminal');
  if (before?.registered != null) throw new KeyFileWrong('taken');
  const { key } = await findOrMakeKey('terminal');
  const details = { kind: 'terminal', name: terminal, department, window, town: null } as const;
  const registered = await answered(
    api.POST('/v1/clients', {
      params: { header: newCommand() },
      body: {
        ...details,
        signIn: 'operator',
        scopes: [...administrationScopes],
        keys: [await proveClientKey(key, await cityOf(location.origin), details)],
      },
    }),
  );
  await keyIsRegistered('terminal', registered.client);
  const { invitation } = await answered(
    api.POST('/v1/operators', {
      params: { header: newCommand() },
      body: { name, department, roles: ['administrator'] },
    }),
  );
  return invitation;
}

async function keyIn(file: File): Promise<ApiKey> {
  try {
    return await readKey(JSON.parse(await file.text()) as Parameters<typeof readKey>[0]);
  } catch (thrown) {
    if (thrown instanceof SyntaxError || thrown instanceof KeyUnusable)
      throw new KeyFileWrong('wrong');
    throw thrown;
  }
}

/** The file does not say whose key it is: the city knows it under one of these ids, or none. */
async function administratorOf(
  key: ApiKey,
): Promise<{ readonly api: LedgerClient; readonly client: string }> {
  const ids = admitted.flatMap((id) => [id, `${id}-${key.jkt.slice(0, 16)}`]);
  for (const client of ids) {
    const api = createClient({
      baseUrl: location.origin,
      client,
      key,
      scopes: ['clients:manage', 'matters:read'],
    });
    try {
      await answered(api.GET('/v1/clients/{client}', { params: { path: { client } } }));
      return { api, client };
    } catch (thrown) {
      if (!(thrown instanceof RequestFailed) || thrown.trouble.code !== 'token_not_given')
        throw thrown;
    }
  }
  throw new KeyFileWrong('wrong');
}
