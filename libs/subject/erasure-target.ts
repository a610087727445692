import { Injectable } from '@nestjs/common';
import { type CommandContext, EventStore } from '#libs/event-store';
import { SubjectAbsent, WhomInvalid } from './subject.errors.js';
import { type Identifier, SubjectDirectory } from './ports.js';
import { readSubject } from './subject.stream.js';

/** Whom an administrator's request is about: by number or by subject id, one of the two. */
export interface ErasureTarget {
  readonly identifier?: Identifier | null | undefined;
  readonly subject?: string | null | undefined;
}

/**
 * Resolves the subject that an administrator means, and creates none: an erasure of an unknown
 * person has nothing to do. A number that has a row and no event yet is completed first, because
 * only a stream can say that its subject was erased.
 */
@Injectable()
export class ErasureTargetResolver {
  constructor(
    private readonly store: EventStore,
    private readonly directory: SubjectDirectory,
  ) {}

  /** @throws WhomInvalid, IdentifierInvalid, SubjectAbsent */
  async subject(
    context: CommandContext,
    { identifier = null, subject = null }: ErasureTarget,
  ): Promise<string> {
    if ((identifier === null) === (subject === null))
      throw new WhomInvalid('whom_ambiguous', 'name either an identifier or a subject');
    if (identifier !== null) {
      const found = await this.directory.find(identifier);
      if (found === null) throw absent();
      return (await this.isKnown(found)) ? found : this.directory.resolve(context, identifier);
    }
    if (subject === null || !(await this.isKnown(subject))) throw absent();
    return subject;
  }

  private async isKnown(subject: string): Promise<boolean> {
    return (await readSubject(this.store, subject)).status !== 'absent';
  }
}

const absent = () => new SubjectAbsent('subject_absent', 'no such subject is known');
