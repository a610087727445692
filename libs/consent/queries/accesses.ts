import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { StoredRecord } from '#libs/event-store';
import type { PhoneCaller } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import type { Capacity, ConsentEvent, ConsentRequested } from '../consent.events.js';
import { BookDamaged } from '../consent.errors.js';
import { bookRules } from '../consent.stream.js';
import { BookReader } from '../ports.js';

export type AccessKind =
  'requested' | 'granted' | 'refused' | 'withdrawn' | 'released' | 'withheld' | 'read-again';

/** One record of a holder's book, told in words. */
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
  /** What was used (or, of a request, asked for). */
  readonly used: readonly {
    readonly material: string;
    readonly type: string;
    readonly fields: readonly string[];
  }[];
  /** On what basis: so far always a consent, in which capacity it was given. Null before a grant. */
  readonly basis: { readonly by: 'consent'; readonly capacity: Capacity } | null;
  readonly reason: string | null;
}

export interface Accesses {
  readonly stream: string;
  /** The last record; null for an empty book. */
  readonly head: { readonly version: number; readonly hash: string } | null;
  /** Every record of the book, the oldest first: versions are contiguous from 0, so that none can be left out unseen. */
  readonly accesses: readonly Access[];
}

/** Who used what of the holder's data, when, for which case, on what basis: complete, from the holder's own book. */
export class ListAccesses extends Query<Accesses> {
  constructor(readonly caller: PhoneCaller) {
    super();
  }
}

@QueryHandler(ListAccesses)
export class ListAccessesHandler implements IQueryHandler<ListAccesses> {
  constructor(private readonly books: BookReader) {}

  async execute({ caller }: ListAccesses): Promise<Accesses> {
    const { stream, records } = await this.books.read(caller.subject);
    const last = records.at(-1);
    return {
      stream,
      head: last === undefined ? null : { version: last.body.version, hash: last.hash },
      accesses: accessesOf(records),
    };
  }
}

interface Known {
  readonly request: ConsentRequested['data'];
  capacity: Capacity | null;
  read: Access['used'];
}

/** Each record of a book as an access. Records of one consent are told by its request. */
export function accessesOf(records: readonly StoredRecord[]): readonly Access[] {
  const consents = new Map<string, Known>();
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
      basis: known.capacity === null ? null : { by: 'consent', capacity: known.capacity },
    };
  });
}

function note(consents: Map<string, Known>, event: ConsentEvent): Known {
  if (event.type === 'ConsentRequested') {
    const known: Known = { request: event.data, capacity: null, read: [] };
    consents.set(event.data.consent, known);
    return known;
  }
  const known = consents.get(event.data.consent);
  if (known === undefined)
    throw new BookDamaged(
      'book_without_request',
      'a book tells of a consent that was not asked for',
    );
  if (event.type === 'ConsentGranted') known.capacity = event.data.capacity;
  if (event.type === 'ConsentRedeemed')
    known.read = event.data.read.map(({ material, type, fields }) => ({ material, type, fields }));
  return known;
}

function told(event: ConsentEvent, known: Known): Pick<Access, 'kind' | 'used' | 'reason'> {
  switch (event.type) {
    case 'ConsentRequested':
      return { kind: 'requested', used: asked(event.data), reason: null };
    case 'ConsentGranted':
      return { kind: 'granted', used: asked(known.request), reason: null };
    case 'ConsentRefused':
      return { kind: 'refused', used: [], reason: null };
    case 'ConsentWithdrawn':
      return { kind: 'withdrawn', used: [], reason: null };
    case 'ConsentRedeemed':
      return { kind: 'released', used: known.read, reason: null };
    case 'ReleaseWithheld':
      return { kind: 'withheld', used: [], reason: event.data.reason };
    case 'ReleaseReadAgain':
      return { kind: 'read-again', used: known.read, reason: null };
  }
}

const asked = ({ asks }: ConsentRequested['data']): Access['used'] =>
  asks.flatMap(({ material, answers }) =>
    answers.map(({ type, fields }) => ({ material, type, fields })),
  );
