import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { Principal } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import type {
  Action,
  Basis,
  Capacity,
  ConsentEvent,
  ConsentGranted,
  ConsentRedeemed,
  ConsentRequested,
  GrantProof,
  MissingMaterial,
} from '../consent.events.js';
import { BookDamaged } from '../consent.errors.js';
import { bookRules } from '../consent.stream.js';
import { type BookPage, Books } from '../ports.js';

export const accessKinds = [
  'requested',
  'granted',
  'refused',
  'withdrawn',
  'mismatched',
  'ended',
  'released',
  'nothing-released',
  'withheld',
  'read-again',
] as const;
export type AccessKind = (typeof accessKinds)[number];

/** One record of a holder's book, for people. */
export interface Access {
  readonly version: number;
  /** Leaf hash of the record, hexadecimal. */
  readonly hash: string;
  readonly time: Instant;
  readonly kind: AccessKind;
  readonly consent: string;
  readonly case: string;
  readonly matter: string;
  readonly purpose: string;
  readonly department: string;
  readonly window: string;
  readonly terminal: string;
  /** What was used (or, for a request, requested). */
  readonly used: readonly {
    readonly material: string;
    readonly type: string;
    readonly fields: readonly string[];
  }[];
  readonly action: Action;
  /** Basis, capacity and proof of the grant. Null before a grant. */
  readonly basis: {
    readonly by: Basis;
    readonly capacity: Capacity;
    readonly method: GrantProof['method'];
  } | null;
  readonly reason: string | null;
  /** What could not be answered, and why, as the terminal was told. */
  readonly missing: readonly MissingMaterial[];
}

export interface Accesses {
  readonly stream: string;
  /** The last record of the book; null for an empty one. */
  readonly head: { readonly version: number; readonly hash: string } | null;
  /**
   * Records of the book that follow each other, oldest first: versions are contiguous, so that an
   * omission is visible.
   */
  readonly accesses: readonly Access[];
  /** `before` of the page with the records before these; null where there are none. */
  readonly earlier: number | null;
}

/** Records on one page. */
const longest = 500;

/**
 * All accesses to the holder's data, with time, case and basis: complete, from the holder's own
 * book, the latest page first.
 */
export class ListAccesses extends Query<Accesses> {
  /** @param before `earlier` of the page that was read before */
  constructor(
    readonly principal: Principal,
    readonly before: number | null = null,
  ) {
    super();
  }
}

@QueryHandler(ListAccesses)
export class ListAccessesHandler implements IQueryHandler<ListAccesses> {
  constructor(private readonly books: Books) {}

  async execute({ principal, before }: ListAccesses): Promise<Accesses> {
    const page = await this.books.page(principal.subject, before, longest);
    const { stream, head } = page;
    const first = page.records[0]?.body.version ?? 0;
    return { stream, head, accesses: accessesOf(page), earlier: first === 0 ? null : first };
  }
}

interface Known {
  readonly request: ConsentRequested['data'];
  grant: ConsentGranted['data'] | null;
  read: Access['used'];
}

/** Each record of a book as an access. Records of one consent are described by its request. */
export function accessesOf({
  records,
  consents: earlier,
}: Pick<BookPage, 'records' | 'consents'>): readonly Access[] {
  const consents = new Map<string, Known>();
  for (const consent of earlier)
    consents.set(consent.request.consent, {
      request: consent.request,
      grant: 'grant' in consent ? consent.grant : null,
      read:
        'redemption' in consent && consent.redemption !== null ? readBy(consent.redemption) : [],
    });
  return records.map(({ body, hash }) => {
    const event = bookRules.codec.upcast(body.type, body.schema, body.data);
    const known = note(consents, event);
    const { request } = known;
    return {
      version: body.version,
      hash,
      time: body.time,
      ...told(event, known),
      consent: request.consent,
      case: request.case,
      matter: request.matter,
      purpose: request.purpose,
      department: request.department,
      window: request.window,
      terminal: request.terminal,
      action: request.action,
      basis: known.grant === null ? null : basisOf(request, known.grant),
    };
  });
}

const basisOf = (
  { basis: by }: ConsentRequested['data'],
  { capacity, proof: { method } }: ConsentGranted['data'],
): Access['basis'] => ({ by, capacity, method });

function note(consents: Map<string, Known>, event: ConsentEvent): Known {
  if (event.type === 'ConsentRequested') {
    const known: Known = { request: event.data, grant: null, read: [] };
    consents.set(event.data.consent, known);
    return known;
  }
  const known = consents.get(event.data.consent);
  if (known === undefined)
    throw new BookDamaged(
      'book_without_request',
      'a book tells of a consent that was not asked for',
    );
  if (event.type === 'ConsentGranted') known.grant = event.data;
  if (event.type === 'ConsentRedeemed') known.read = readBy(event.data);
  return known;
}

const readBy = ({ read }: ConsentRedeemed['data']): Access['used'] =>
  read.map(({ material, type, fields }) => ({ material, type, fields }));

function told(
  event: ConsentEvent,
  known: Known,
): Pick<Access, 'kind' | 'used' | 'reason' | 'missing'> {
  const missing: Access['missing'] = [];
  switch (event.type) {
    case 'ConsentRequested':
      return { kind: 'requested', used: asked(event.data), reason: null, missing };
    case 'ConsentGranted':
      return { kind: 'granted', used: asked(known.request), reason: null, missing };
    case 'ConsentRefused':
      return { kind: 'refused', used: [], reason: null, missing };
    case 'ConsentWithdrawn':
      return { kind: 'withdrawn', used: [], reason: null, missing };
    case 'NumberMismatched':
      return { kind: 'mismatched', used: [], reason: null, missing };
    case 'ConsentRedeemed':
      return {
        kind: 'released',
        used: known.read,
        reason: null,
        missing: event.data.missing,
      };
    case 'NothingReleased':
      return { kind: 'nothing-released', used: [], reason: null, missing: event.data.missing };
    case 'ConsentEnded':
      return { kind: 'ended', used: [], reason: event.data.reason, missing };
    case 'ReleaseWithheld':
      return { kind: 'withheld', used: [], reason: event.data.reason, missing };
    case 'ReleaseReadAgain':
      return { kind: 'read-again', used: known.read, reason: null, missing };
  }
}

const asked = ({ asks }: ConsentRequested['data']): Access['used'] =>
  asks.flatMap(({ material, answers }) =>
    answers.map(({ type, fields }) => ({ material, type, fields })),
  );
