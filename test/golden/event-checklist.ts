import type { AccessKind } from '../../libs/consent/queries/accesses.js';
import type { CaseEvent } from '../../libs/case/case.events.js';
import type { MatterEvent, TypeEvent } from '../../libs/catalogue/catalogue.events.js';
import type { CertificateEvent } from '../../libs/certificate/certificate.events.js';
import type { ConsentEvent } from '../../libs/consent/consent.events.js';
import type { ExclusionEvent } from '../../libs/exclusion/exclusion.events.js';
import type { IdentityEvent } from '../../libs/identity/identity.events.js';
import type { OperatorEvent } from '../../libs/identity/operators/operators.events.js';
import type { PagesEvent } from '../../libs/pages/pages.events.js';
import type { SubjectEvent } from '../../libs/subject/subject.events.js';

type EventType = (
  | CaseEvent
  | CertificateEvent
  | ConsentEvent
  | ExclusionEvent
  | IdentityEvent
  | MatterEvent
  | OperatorEvent
  | PagesEvent
  | SubjectEvent
  | TypeEvent
)['type'];

/** What is decided for a type of event; each column is held against the golden ledger. */
export interface Row {
  /** Of today: one more than it has upcasters. */
  readonly schema: number;
  /** The kind of stream that it stands in. */
  readonly stream:
    | 'book'
    | 'case'
    | 'certificate'
    | 'client'
    | 'ledger'
    | 'matter'
    | 'operator'
    | 'pages'
    | 'subject'
    | 'type';
  /** Whether it changes the state that commands are decided on, or is a fact for readers alone. */
  readonly evolve: 'changes' | 'keeps';
  /** As what its holder is told of it: all that is about consents and uses is in the book. */
  readonly holder: AccessKind | null;
  /** Whether the requirements that a window sees follow from it. */
  readonly requirements: boolean;
  /** `rules`: verify ledger judges what it says. `form`: its bytes, place, hash and chain alone. */
  readonly audit: 'rules' | 'form';
}

export const checklist: Readonly<Record<EventType, Row>> = {
  CaseClosed: {
    schema: 1,
    stream: 'case',
    evolve: 'changes',
    holder: null,
    requirements: true,
    audit: 'rules',
  },
  CaseOpened: {
    schema: 2,
    stream: 'case',
    evolve: 'changes',
    holder: null,
    requirements: true,
    audit: 'rules',
  },
  CaseOpenedOnline: {
    schema: 1,
    stream: 'case',
    evolve: 'changes',
    holder: null,
    requirements: true,
    audit: 'rules',
  },
  CaseReturned: {
    schema: 1,
    stream: 'case',
    evolve: 'changes',
    holder: null,
    requirements: true,
    audit: 'rules',
  },
  CaseTaken: {
    schema: 1,
    stream: 'case',
    evolve: 'changes',
    holder: null,
    requirements: true,
    audit: 'rules',
  },
  CaseWithdrawn: {
    schema: 1,
    stream: 'case',
    evolve: 'changes',
    holder: null,
    requirements: true,
    audit: 'rules',
  },
  CertificateAmended: {
    schema: 1,
    stream: 'certificate',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  CertificateCancelled: {
    schema: 1,
    stream: 'certificate',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  CertificateIssued: {
    schema: 1,
    stream: 'certificate',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  CertificateReinstated: {
    schema: 1,
    stream: 'certificate',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  CertificateRevoked: {
    schema: 1,
    stream: 'certificate',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  CertificateSuspended: {
    schema: 1,
    stream: 'certificate',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  ClientDisabled: {
    schema: 1,
    stream: 'client',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ClientEnabled: {
    schema: 1,
    stream: 'client',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ClientKeyRotated: {
    schema: 2,
    stream: 'client',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ClientRegistered: {
    schema: 1,
    stream: 'client',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ClientTypesChanged: {
    schema: 1,
    stream: 'client',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ConsentEnded: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'ended',
    requirements: true,
    audit: 'rules',
  },
  ConsentGranted: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'granted',
    requirements: true,
    audit: 'rules',
  },
  ConsentRedeemed: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'released',
    requirements: true,
    audit: 'rules',
  },
  ConsentRefused: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'refused',
    requirements: true,
    audit: 'rules',
  },
  ConsentRequested: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'requested',
    requirements: true,
    audit: 'rules',
  },
  ConsentWithdrawn: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'withdrawn',
    requirements: true,
    audit: 'rules',
  },
  EnrolmentOpened: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  ErasureApproved: {
    schema: 2,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ErasureRequested: {
    schema: 2,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ErasureWithdrawn: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ExclusionRequested: {
    schema: 1,
    stream: 'ledger',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ExclusionWithdrawn: {
    schema: 1,
    stream: 'ledger',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ForeignEventsExcluded: {
    schema: 1,
    stream: 'ledger',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  IdentifierAdded: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  LegalHoldLifted: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  LegalHoldPlaced: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  MaterialBrought: {
    schema: 1,
    stream: 'case',
    evolve: 'changes',
    holder: null,
    requirements: true,
    audit: 'form',
  },
  MatterChanged: {
    schema: 1,
    stream: 'matter',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  MatterDefined: {
    schema: 1,
    stream: 'matter',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  NothingReleased: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'nothing-released',
    requirements: true,
    audit: 'rules',
  },
  NumberMismatched: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'mismatched',
    requirements: false,
    audit: 'rules',
  },
  OperatorAccountBound: {
    schema: 1,
    stream: 'operator',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  OperatorDisabled: {
    schema: 1,
    stream: 'operator',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  OperatorEnabled: {
    schema: 1,
    stream: 'operator',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  OperatorInvited: {
    schema: 1,
    stream: 'operator',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  OperatorInvitedAgain: {
    schema: 1,
    stream: 'operator',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  OperatorPasskeyAdded: {
    schema: 1,
    stream: 'operator',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  OperatorRolesChanged: {
    schema: 1,
    stream: 'operator',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  PagesPublished: {
    schema: 1,
    stream: 'pages',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  PasskeyEnrolled: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  PasskeyRevoked: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  PhoneEnrolled: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  PhoneKeyOffered: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  PhoneKeyRevoked: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  ReleaseReadAgain: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'read-again',
    requirements: false,
    audit: 'rules',
  },
  ReleaseWithheld: {
    schema: 1,
    stream: 'book',
    evolve: 'changes',
    holder: 'withheld',
    requirements: true,
    audit: 'rules',
  },
  RulesSet: {
    schema: 1,
    stream: 'matter',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  SubjectErased: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'rules',
  },
  SubjectIdentified: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  SubjectNoted: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  SubjectsMerged: {
    schema: 1,
    stream: 'subject',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  TypeChanged: {
    schema: 1,
    stream: 'type',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
  TypeDefined: {
    schema: 1,
    stream: 'type',
    evolve: 'changes',
    holder: null,
    requirements: false,
    audit: 'form',
  },
};
