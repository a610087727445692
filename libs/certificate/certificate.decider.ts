import { begunBefore, type Decider, Unreachable } from '#libs/kernel';
import { CertificateAbsent, CertificateConflict } from './certificate.errors.js';
import type { CertificateEvent, CertificateVersion, Demand } from './certificate.events.js';
import type {
  AmendReason,
  CancelReason,
  ReinstateReason,
  RevokeReason,
  SuspendReason,
} from './reasons.js';

/**
 * The life of a certificate, which is that of one paper; versions come checked and sealed, and
 * `authority` is the credit code under which the caller acts. `superseded` is the digest that the
 * signed part names, `standsAsOf` until when the authority last said that the newest version
 * stands.
 */
export type CertificateCommand =
  | {
      readonly kind: 'issue';
      readonly certificate: string;
      readonly type: string;
      readonly authority: string;
      readonly version: CertificateVersion;
      readonly standsAsOf: string | null;
      /**
       * Whether the newest version says the same, however it was signed; handed in, because
       * deciders open nothing.
       */
      readonly saysTheSame: boolean;
      /** The consent on which its authority was asked for it. */
      readonly demandedBy?: Demand;
      readonly digestOf: (signed: string) => string;
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
      readonly standsAsOf: string | null;
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

/** What the authority last stated. Expiry follows from the day, without an event. */
export type CertificateStatus = 'valid' | 'suspended' | 'revoked' | 'cancelled';

export type CertificateState =
  | { readonly status: 'absent' }
  | {
      readonly status: CertificateStatus;
      readonly certificate: string;
      readonly type: string;
      readonly authority: string;
      /** From the first to the newest. */
      readonly versions: readonly [CertificateVersion, ...CertificateVersion[]];
    };
export type ExistingCertificate = Exclude<CertificateState, { readonly status: 'absent' }>;

export const newestOf = ({ versions }: ExistingCertificate): CertificateVersion =>
  versions.at(-1) ?? versions[0];

export const certificateDecider: Decider<CertificateCommand, CertificateState, CertificateEvent> = {
  initialState: { status: 'absent' },
  decide: (command, state) =>
    command.kind === 'issue' ? issue(command, state) : change(command, state),
  evolve,
};

type CommandOf<Kind> = Extract<CertificateCommand, { readonly kind: Kind }>;

function issue(command: CommandOf<'issue'>, state: CertificateState): CertificateEvent[] {
  const { certificate, type, authority, version, demandedBy } = command;
  if (state.status !== 'absent') return issueAgain(command, state);
  if (version.number !== 1) throw notNext(certificate, 1);
  const demanded = demandedBy === undefined ? {} : { demandedBy };
  return [
    { type: 'CertificateIssued', data: { certificate, type, authority, version, ...demanded } },
  ];
}

/** What comes again is what stands already, or it is refused: a paper has one certificate. */
function issueAgain(command: CommandOf<'issue'>, state: ExistingCertificate): CertificateEvent[] {
  const { certificate, type, authority } = command;
  const newest = newestOf(state);
  if (state.authority === authority && state.type === type) {
    mustNotBe('revoked', state);
    mustNotBe('cancelled', state);
    if (isRepeated(command, newest)) return [];
    if (command.saysTheSame) return [];
  }
  throw new CertificateConflict(
    'certificate_exists',
    'this paper has a certificate, which says something else',
    {
      certificate,
      version: newest.number,
      digest: command.digestOf(newest.signed),
      asOf: command.standsAsOf,
    },
    { hint: 'Sign a new version that names this digest as superseded, and amend the certificate.' },
  );
}

function change(
  command: Exclude<CertificateCommand, { readonly kind: 'issue' }>,
  state: CertificateState,
): CertificateEvent[] {
  const { certificate, authority, kind } = command;
  if (state.status === 'absent' || state.authority !== authority)
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

/**
 * @throws CertificateConflict where the earlier version with the same content can no longer be
 *   opened
 */
function isRepeated(
  { certificate, version }: CommandOf<'issue' | 'amend'>,
  newest: CertificateVersion,
): boolean {
  if (!sameWord(newest, version)) return false;
  if (sameHolders(newest, version)) return true;
  throw holdersChanged(certificate);
}

function amend(command: CommandOf<'amend'>, state: ExistingCertificate): CertificateEvent[] {
  const { certificate, version, reason } = command;
  const newest = newestOf(state);
  if (isRepeated(command, newest)) return [];
  if (reason !== 'reissue') mustBe('valid', state);
  else if (state.status === 'valid' || state.status === 'suspended') throw conflictOf(state);
  if (command.type !== state.type)
    throw new CertificateConflict('type_changed', 'a certificate keeps its type', { certificate });
  mustBeLater(command, newest);
  if (version.number !== newest.number + 1) throw notNext(certificate, newest.number + 1);
  // The authority signed which version it replaces: its word about one certificate cannot be put
  // onto another.
  if (command.superseded !== command.digestOf(newest.signed))
    throw new CertificateConflict(
      'version_supersedes_other',
      'the signed part names another version than the newest one of this certificate',
      { certificate, newest: newest.number },
    );
  return [{ type: 'CertificateAmended', data: { supersedes: newest.number, reason, version } }];
}

/**
 * An authority whose word has a time does not take it back by an older one, nor say two things of
 * one time.
 */
function mustBeLater(
  { certificate, standsAsOf, version }: CommandOf<'amend'>,
  newest: CertificateVersion,
): void {
  if (standsAsOf === null) return;
  const { asOf } = version;
  const facts = { certificate, asOf: standsAsOf };
  if (asOf === undefined)
    throw new CertificateConflict(
      'as_of_missing',
      'the version that stands says of when it is, so the next one does too',
      facts,
    );
  if (asOf < standsAsOf)
    throw new CertificateConflict(
      'version_outdated',
      'the version that stands is as of a later time',
      facts,
    );
  // The same is sealed anew for a holder who came back after an erasure.
  if (asOf === standsAsOf && sameHolders(newest, version))
    throw new CertificateConflict(
      'as_of_repeated',
      'the version that stands is as of the same time, and says something else',
      facts,
    );
}

/**
 * Whether the authority signed the same words: signatures may differ (ECDSA), header and payload do
 * not.
 */
const sameWord = (a: CertificateVersion, b: CertificateVersion): boolean =>
  words(a.signed) === words(b.signed);
const words = (signed: string): string => signed.slice(0, signed.lastIndexOf('.'));

/**
 * Whether both can be opened by the same subjects. They cannot where a holder was erased, and came
 * back as a new subject.
 */
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
    'the same signed content is recorded for a holder who has been erased, and cannot be opened any more',
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

const reissueHint =
  'If the paper was granted anew, amend the certificate with the reason reissue; if not, it stays as it is.';

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
      return new CertificateConflict('certificate_revoked', 'the certificate is revoked', facts, {
        hint: reissueHint,
      });
    case 'cancelled':
      return new CertificateConflict(
        'certificate_cancelled',
        'the certificate is cancelled',
        facts,
        { hint: reissueHint },
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
  const before = begunBefore(state, event);
  switch (event.type) {
    case 'CertificateAmended':
      return {
        ...before,
        status: event.data.reason === 'reissue' ? 'valid' : before.status,
        versions: [...before.versions, event.data.version],
      };
    case 'CertificateSuspended':
      return { ...before, status: 'suspended' };
    case 'CertificateReinstated':
      return { ...before, status: 'valid' };
    case 'CertificateRevoked':
      return { ...before, status: 'revoked' };
    case 'CertificateCancelled':
      return { ...before, status: 'cancelled' };
    default:
      throw new Unreachable(event);
  }
}
