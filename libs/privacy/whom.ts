import { Injectable } from '@nestjs/common';
import { EventStore } from '#libs/event-store';
import { SubjectAbsent, WhomInvalid } from './errors.js';
import { type Identifier, SubjectDirectory } from './ports.js';
import { readSubject } from './subject.stream.js';

/** Whom an administrator's request is about: by number or by subject id, one of the two. */
export interface Whom {
  readonly identifier?: Identifier | null | undefined;
  readonly subject?: string | null | undefined;
}

/** Finds whom administrators speak of, and makes nobody: an erasure of somebody unknown has nothing to do. */
@Injectable()
export class WhomToErase {
  constructor(
    private readonly store: EventStore,
    private readonly directory: SubjectDirectory,
  ) {}

  /** @throws WhomInvalid, IdentifierInvalid, SubjectAbsent */
  async subject({ identifier = null, subject = null }: Whom): Promise<string> {
    if ((identifier === null) === (subject === null))
      throw new WhomInvalid('whom_ambiguous', 'name either an identifier or a subject');
    if (identifier !== null) {
      const found = await this.directory.find(identifier.kind, identifier.number);
      if (found === null) throw absent();
      return found;
    }
    if (subject === null) throw absent();
    if ((await readSubject(this.store, subject)).status === 'unknown') throw absent();
    return subject;
  }
}

const absent = () => new SubjectAbsent('subject_absent', 'no such subject is known');
