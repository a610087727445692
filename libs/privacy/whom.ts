import { Injectable } from '@nestjs/common';
import { type CommandContext, EventStore } from '#libs/event-store';
import { SubjectAbsent, WhomInvalid } from './errors.js';
import { type Identifier, SubjectDirectory } from './ports.js';
import { readSubject } from './subject.stream.js';

/** Whom an administrator's request is about: by number or by subject id, one of the two. */
export interface Whom {
  readonly identifier?: Identifier | null | undefined;
  readonly subject?: string | null | undefined;
}

/**
 * Finds whom administrators speak of, and makes nobody: an erasure of somebody unknown has nothing to do. A number that has a row, and not yet the event after it, is somebody:
 * that work is finished first, because only a stream can say that its subject was erased.
 */
@Injectable()
export class WhomToErase {
  constructor(
    private readonly store: EventStore,
    private readonly directory: SubjectDirectory,
  ) {}

  /** @throws WhomInvalid, IdentifierInvalid, SubjectAbsent */
  async subject(
    context: CommandContext,
    { identifier = null, subject = null }: Whom,
  ): Promise<string> {
    if ((identifier === null) === (subject === null))
      throw new WhomInvalid('whom_ambiguous', 'name either an identifier or a subject');
    if (identifier !== null) {
      const { kind, number } = identifier;
      const found = await this.directory.find(kind, number);
      if (found === null) throw absent();
      return (await this.isKnown(found)) ? found : this.directory.resolve(context, kind, number);
    }
    if (subject === null || !(await this.isKnown(subject))) throw absent();
    return subject;
  }

  private async isKnown(subject: string): Promise<boolean> {
    return (await readSubject(this.store, subject)).status !== 'unknown';
  }
}

const absent = () => new SubjectAbsent('subject_absent', 'no such subject is known');
