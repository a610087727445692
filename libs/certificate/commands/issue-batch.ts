import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  type CommandContext,
  EventIdConflict,
  EventStore,
  execute,
  subContext,
} from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { type Facts, ProductError } from '#libs/kernel';
import type { BatchLine } from '../batch-lines.js';
import { certificateDecider } from '../certificate.decider.js';
import type { CertificateVersion } from '../certificate.events.js';
import type { IdentifierFlag } from '../identifier.js';
import { type CheckedVersion, type Desk, IssuingDesk } from '../issuing-desk.js';
import { certificateIdOf } from '../sd-jwt.js';
import { certificateRules, certificateStream } from '../stream.js';
import { unread } from '../unread-streams.js';
import { type HandedFile, type Sealable, VersionSeals } from '../version-seals.js';

/** What became of one line. `code`, `detail` and `facts` are those of a problem; nothing of the line itself is repeated. */
export type LineResult =
  | {
      readonly line: number;
      readonly state: 'recorded' | 'unchanged';
      readonly certificate: string;
      readonly flags: readonly IdentifierFlag[];
    }
  | {
      readonly line: number;
      readonly state: 'refused';
      readonly code: string;
      readonly detail: string;
      readonly facts: Facts;
    };

/** An authority hands in many first versions at once. Each line stands for itself: what is wrong with one keeps no other out. */
export class IssueBatch extends Command<readonly LineResult[]> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly lines: readonly BatchLine[],
  ) {
    super();
  }
}

interface Entry extends Sealable {
  readonly line: number;
  readonly context: CommandContext;
}

/** So many lines are under way together: enough to fill a group commit, few enough to keep memory flat. */
const page = 256;

@CommandHandler(IssueBatch)
export class IssueBatchHandler implements ICommandHandler<IssueBatch> {
  constructor(
    private readonly store: EventStore,
    private readonly desk: IssuingDesk,
    private readonly seals: VersionSeals,
  ) {}

  async execute({ context, caller, lines }: IssueBatch): Promise<readonly LineResult[]> {
    const desk = await this.desk.open(caller);
    const results: LineResult[] = [];
    for (let start = 0; start < lines.length; start += page)
      results.push(...(await this.page(context, desk, lines.slice(start, start + page))));
    return results.sort((a, b) => a.line - b.line);
  }

  private async page(
    context: CommandContext,
    desk: Desk,
    lines: readonly BatchLine[],
  ): Promise<LineResult[]> {
    const refused: LineResult[] = [];
    const entries: Entry[] = [];
    for (const line of lines) {
      try {
        if ('error' in line) throw line.error;
        entries.push(entryOf(context, line.line, await desk.check(line.sdJwt), line.files));
      } catch (error) {
        refused.push(refusal(line.line, error));
      }
    }
    if (entries.length === 0) return refused;
    const sealed = await this.seals.sealMany(context, entries);
    const recorded = await Promise.all(
      sealed.map(({ item, version }) => this.record(desk, item, version)),
    );
    return [...refused, ...recorded];
  }

  private async record(
    desk: Desk,
    { line, context, certificate, checked }: Entry,
    version: CertificateVersion | ProductError,
  ): Promise<LineResult> {
    try {
      if (version instanceof ProductError) throw version;
      const command = {
        kind: 'issue' as const,
        certificate,
        type: checked.read.claims.type,
        authority: desk.authority.creditCode,
        version,
      };
      const append = (store: Parameters<typeof execute>[0]) =>
        execute(store, certificateStream(certificate), context, certificateRules, (state) =>
          certificateDecider.decide(command, state),
        );
      const done = await append(unread(this.store)).catch((error: unknown) => {
        // The line was recorded by an earlier try of this batch, sealed under another key: reading finds it.
        if (error instanceof EventIdConflict) return append(this.store);
        throw error;
      });
      return {
        line,
        state: done.events.length > 0 ? 'recorded' : 'unchanged',
        certificate,
        flags: checked.content.flags,
      };
    } catch (error) {
      return refusal(line, error);
    }
  }
}

/** The certificate's id follows from what was signed, so the line's part of the Idempotency-Key is the same whenever it comes again. */
function entryOf(
  context: CommandContext,
  line: number,
  checked: CheckedVersion,
  files: readonly HandedFile[],
): Entry {
  const certificate = certificateIdOf(checked.read.signed);
  return { line, context: subContext(context, certificate), certificate, checked, files };
}

/** A line is refused for what is wrong with it. What is wrong with the house ends the batch: sent again, it goes on where it stopped. */
function refusal(line: number, error: unknown): LineResult {
  if (!(error instanceof ProductError)) throw error;
  if (error.family === 'unavailable' || error.family === 'internal') throw error;
  return {
    line,
    state: 'refused',
    code: String(error.code),
    detail: error.message,
    facts: error.facts,
  };
}
