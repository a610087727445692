import { type Decider, Unreachable } from '#libs/kernel';
import { CertificateAbsent, CertificateConflict } from './certificate.errors.js';
import type { CertificateEvent, CertificateVersion } from './certificate.events.js';
import type {
  AmendReason,
  CancelReason,
  ReinstateReason,
  RevokeReason,
  SuspendReason,
} from './reasons.js';

/**
 * The life of a certificate. `issue` and `amend` come with a version that was checked and sealed; `authority` is always the credit code
 * under which the caller acts. `superseded` is the digest that the signed part names, `newest` the one of the version that stands.
 */
export type CertificateCommand =
  | {
      readonly kind: 'issue';
      readonly certificate: string;
      readonly type: string;
      readonly authority: string;
      readonly version: CertificateVersion;
    }
  | {
      readonly kind: 'amend';
      readonly certificate: string;
      readonly type: string;
      readonly authority: string;
      readonly reason: AmendReason;
      readonly superseded: string;
      /** Of each signed part; handed in, because deciders do not hash. */
      readonly digestOf: (signed: string) => string;
      readonly version: CertificateVersion;
    }
  | ChangeOf<'suspend', SuspendReason>
  | ChangeOf<'reinstate', ReinstateReason>
  | ChangeOf<'revoke', RevokeReason>
  | ChangeOf<'cancel', CancelReason>;

interface ChangeOf<Kind extends string, Reason> {
  readonly kind: Kind;
  readonly certificate: string;
  readonly authority: string;
  readonly reason: Reason;
}

/** What the authority last said of it. Whether it is expired follows from the day, and is nobody's decision. */
export type CertificateStatus = 'valid' | 'suspended' | 'revoked' | 'cancelled';

export type CertificateState =
  | { readonly status: 'none' }
  | {
      readonly status: CertificateStatus;
      readonly certificate: string;
      readonly type: string;
      readonly authority: string;
      /** From the first to the newest. */
      readonly versions: readonly [CertificateVersion, ...CertificateVersion[]];
    };
export type ExistingCertificate = Exclude<CertificateState, { readonly status: 'none' }>;

export const newestOf = ({ versions }: ExistingCertificate): CertificateVersion =>
  versions.at(-1) ?? versions[0];

export const certificateDecider: Decider<CertificateCommand, CertificateState, CertificateEvent> = {
  initialState: { status: 'none' },
  decide: (command, state) =>
    command.kind === 'issue' ? issue(command, state) : change(command, state),
  evolve,
};

type CommandOf<Kind> = Extract<CertificateCommand, { readonly kind: Kind }>;

function issue(command: CommandOf<'issue'>, state: CertificateState): CertificateEvent[] {
  const { certificate, type, authority, version } = command;
  if (state.status !== 'none') {
    if (state.authority === authority && sameWord(state.versions[0], version)) {
      if (sameHolders(state.versions[0], version) || sameHolders(newestOf(state), version))
        return [];
      throw holdersChanged(certificate);
    }
    throw new CertificateConflict('certificate_exists', 'a certificate with this id exists', {
      certificate,
    });
  }
  if (version.number !== 1) throw notNext(certificate, 1);
  return [{ type: 'CertificateIssued', data: { certificate, type, authority, version } }];
}

function change(
  command: Exclude<CertificateCommand, { readonly kind: 'issue' }>,
  state: CertificateState,
): CertificateEvent[] {
  const { certificate, authority, kind } = command;
  if (state.status === 'none' || state.authority !== authority)
    throw new CertificateAbsent(certificate);
  switch (kind) {
    case 'amend':
      return amend(command, state);
    case 'suspend':
      if (state.status === 'suspended') return [];
      mustBe('valid', state);
      return [{ type: 'CertificateSuspended', data: { reason: command.reason } }];
    case 'reinstate':
      if (state.status === 'valid') return [];
      mustBe('suspended', state);
      return [{ type: 'CertificateReinstated', data: { reason: command.reason } }];
    case 'revoke':
      if (state.status === 'revoked') return [];
      mustNotBe('cancelled', state);
      return [{ type: 'CertificateRevoked', data: { reason: command.reason } }];
    case 'cancel':
      if (state.status === 'cancelled') return [];
      mustNotBe('revoked', state);
      return [{ type: 'CertificateCancelled', data: { reason: command.reason } }];
    default:
      throw new Unreachable(kind);
  }
}

function amend(command: CommandOf<'amend'>, state: ExistingCertificate): CertificateEvent[] {
  const { certificate, version, reason } = command;
  const newest = newestOf(state);
  if (sameWord(newest, version)) {
    if (sameHolders(newest, version)) return [];
    throw holdersChanged(certificate);
  }
  mustBe('valid', state);
  if (command.type !== state.type)
    throw new CertificateConflict('type_changed', 'a certificate keeps its type', { certificate });
  if (version.number !== newest.number + 1) throw notNext(certificate, newest.number + 1);
  // The authority signed which version it replaces: its word about one certificate cannot be put onto another.
  if (command.superseded !== command.digestOf(newest.signed))
    throw new CertificateConflict(
      'version_supersedes_other',
      'the signed part names another version than the newest one of this certificate',
      { certificate, newest: newest.number },
    );
  return [{ type: 'CertificateAmended', data: { supersedes: newest.number, reason, version } }];
}

/** Whether the authority signed the same words: signatures may differ (ECDSA), header and payload do not. */
const sameWord = (a: CertificateVersion, b: CertificateVersion): boolean =>
  words(a.signed) === words(b.signed);
const words = (signed: string): string => signed.slice(0, signed.lastIndexOf('.'));

/** Whether both can be opened by the same subjects. They cannot where a holder was erased, and came back as somebody new. */
const sameHolders = (a: CertificateVersion, b: CertificateVersion): boolean =>
  holders(a) === holders(b);
const holders = (version: CertificateVersion): string =>
  version.holders
    .map(({ subject, role }) => `${subject} ${role}`)
    .sort()
    .join('\n');

const holdersChanged = (certificate: string) =>
  new CertificateConflict(
    'holders_changed',
    'these words are recorded for a holder who was erased since, and nobody can open them any more',
    { certificate },
    {
      hint: 'Sign it anew, with other salts (mianzheng import certificates --sign-anew), or amend it.',
    },
  );

const notNext = (certificate: string, next: number) =>
  new CertificateConflict('version_not_next', `the next version is ${next}`, { certificate, next });

function mustBe(status: CertificateStatus, state: ExistingCertificate): void {
  if (state.status !== status) throw conflictOf(state);
}

function mustNotBe(status: CertificateStatus, state: ExistingCertificate): void {
  if (state.status === status) throw conflictOf(state);
}

function conflictOf({ status, certificate }: ExistingCertificate): CertificateConflict {
  const facts = { certificate, status };
  switch (status) {
    case 'valid':
      return new CertificateConflict('certificate_valid', 'the certificate is valid', facts);
    case 'suspended':
      return new CertificateConflict(
        'certificate_suspended',
        'the certificate is suspended',
        facts,
      );
    case 'revoked':
      return new CertificateConflict('certificate_revoked', 'the certificate is revoked', facts);
    case 'cancelled':
      return new CertificateConflict(
        'certificate_cancelled',
        'the certificate is cancelled',
        facts,
      );
    default:
      throw new Unreachable(status);
  }
}

function evolve(state: CertificateState, event: CertificateEvent): CertificateState {
  if (event.type === 'CertificateIssued') {
    const { certificate, type, authority, version } = event.data;
    return { status: 'valid', certificate, type, authority, versions: [version] };
  }
  if (state.status === 'none') return state;
  switch (event.type) {
    case 'CertificateAmended':
      return { ...state, versions: [...state.versions, event.data.version] };
    case 'CertificateSuspended':
      return { ...state, status: 'suspended' };
    case 'CertificateReinstated':
      return { ...state, status: 'valid' };
    case 'CertificateRevoked':
      return { ...state, status: 'revoked' };
    case 'CertificateCancelled':
      return { ...state, status: 'cancelled' };
    default:
      return state; // written by a later version of the program
  }
}
