import { createHash } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import { type DoubleLog, ownEvent } from './log.js';

/** A user of the double; its password is kept as a hash, as a server does. */
export interface DoubleUser {
  readonly loginName: string;
  readonly fullName: string;
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
  readonly passwordHash: string;
}

type Right = '$r' | '$w' | '$d' | '$mr' | '$mw';
type List = Readonly<Partial<Record<Right, string | readonly string[]>>>;

const hashOf = (password: string) => createHash('sha256').update(password).digest('hex');
const streamOf = (login: string) => `$user-${login}`;

/**
 * Users and access lists, by the rules of EventStoreDB 24.2, both events of the log; administrators
 * may do everything. The list in a stream's metadata counts, else that of `$settings`, else the
 * server's default: what is not said in one is said by the next.
 */
export class Access {
  constructor(
    private readonly log: DoubleLog,
    administratorPassword: string,
  ) {
    if (this.user('admin') === null)
      this.put({
        loginName: 'admin',
        fullName: 'Administrator',
        groups: ['$admins'],
        isDisabled: false,
        passwordHash: hashOf(administratorPassword),
      });
  }

  /** Whether callers without a login may do everything. */
  isOpen = false;

  letAnybodyIn(): void {
    this.isOpen = true;
  }

  user(login: string): DoubleUser | null {
    return this.log.lastOf(streamOf(login)) as DoubleUser | null;
  }

  put(user: DoubleUser): void {
    this.log.append(streamOf(user.loginName), 'any', [ownEvent('$UserUpdated', { ...user })]);
  }

  create(login: string, password: string, fullName: string, groups: readonly string[]): void {
    const passwordHash = hashOf(password);
    this.put({ loginName: login, fullName, groups, isDisabled: false, passwordHash });
  }

  resetPassword(user: DoubleUser, password: string): void {
    this.put({ ...user, passwordHash: hashOf(password) });
  }

  /** The caller: undefined without a login, null for an unknown one. */
  caller(metadata: Metadata): DoubleUser | null | undefined {
    const [header] = metadata.get('authorization');
    if (header === undefined) return undefined;
    const [, encoded = ''] = /^Basic (\S+)$/.exec(String(header)) ?? [];
    const [login = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':');
    const user = this.user(login);
    return user?.passwordHash === hashOf(rest.join(':')) && !user.isDisabled ? user : null;
  }

  /**
   * @param stream "$all" for all of them; one that begins with `$$` holds the metadata of another
   */
  may(user: DoubleUser, action: 'read' | 'write' | 'delete', stream: string): boolean {
    if (user.groups.includes('$admins')) return true;
    const isMetadata = stream.startsWith('$$');
    const of = isMetadata ? stream.slice(2) : stream;
    if (isMetadata && action === 'delete') return false;
    const right = isMetadata ? metadataRights[action] : streamRights[action];
    const allowed = this.#list(of, right);
    return ['$all', user.loginName, ...user.groups].some((name) => allowed.includes(name));
  }

  #list(stream: string, right: Right): readonly string[] {
    const own = this.log.lastOf(`$$${stream}`)?.['$acl'] as List | undefined;
    const isSystem = stream.startsWith('$');
    const settings = this.log.lastOf('$settings');
    const common = settings?.[isSystem ? '$systemStreamAcl' : '$userStreamAcl'] as List | undefined;
    const names = own?.[right] ?? common?.[right] ?? (isSystem ? '$admins' : '$all');
    return typeof names === 'string' ? [names] : names;
  }
}

const streamRights = { read: '$r', write: '$w', delete: '$d' } as const;
const metadataRights = { read: '$mr', write: '$mw', delete: '$mw' } as const;
