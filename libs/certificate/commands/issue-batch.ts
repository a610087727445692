import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, subContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { type Facts, ProductError } from '#libs/kernel';
import type { BatchLine } from '../batch-lines.js';
import type { HandInFlag } from '../hand-in-flags.js';
import { type Handed, HandIn, type Issued } from '../hand-in.js';
import { type Desk, IssuingDesk } from '../issuing-desk.js';
import { type LineHint, lineHint } from '../line-hints.js';
import { certificateIdOf } from '../sd-jwt.js';

/**
 * What became of one line. `code`, `detail`, `hint` and `facts` are those of a problem, and
 * `hintZh` says in Chinese what to do; nothing of the line itself is repeated.
 */
export type LineResult =
  | {
      readonly line: number;
      readonly state: 'recorded' | 'unchanged';
      readonly certificate: string;
      readonly version: number;
      /** Leaf hash of the record that holds it. */
      readonly record: string;
      readonly flags: readonly HandInFlag[];
    }
  | ({
      readonly line: number;
      readonly state: 'refused';
      readonly code: string;
      readonly detail: string;
      readonly facts: Facts;
    } & Partial<LineHint>);

/**
 * An authority submits many versions at once, first ones and others. Lines are independent: one
 * line's fault refuses no other.
 */
export class IssueBatch extends Command<readonly LineResult[]> {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly lines: readonly BatchLine[],
  ) {
    super();
  }
}

/**
 * So many lines are under way together: enough to fill a group commit, few enough to keep memory
 * flat.
 */
const page = 256;

@CommandHandler(IssueBatch)
export class IssueBatchHandler implements ICommandHandler<IssueBatch> {
  constructor(
    private readonly desk: IssuingDesk,
    private readonly handIn: HandIn,
  ) {}

  async execute({ context, caller, lines }: IssueBatch): Promise<readonly LineResult[]> {
    const desk = await this.desk.open(caller, context.now);
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
    const results: LineResult[] = [];
    const handed: { readonly line: number; readonly handed: Handed }[] = [];
    const times = new Map<string, number>();
    for (const line of lines)
      try {
        if ('error' in line) throw line.error;
        const { sdJwt, files, certificate } = line;
        const checked = await desk.check(sdJwt);
        // What was signed names the line's part of the Idempotency-Key: it is the same whenever the
        // batch comes again.
        const words = certificateIdOf(checked.read.signed);
        const time = times.get(words) ?? 0;
        times.set(words, time + 1);
        handed.push({
          line: line.line,
          handed: {
            context: subContext(context, time === 0 ? words : `${words}/${time}`),
            checked,
            files,
            ...(certificate !== undefined && { certificate }),
          },
        });
      } catch (error) {
        results.push(refusal(line.line, error));
      }
    const done = await this.handIn.all(
      context,
      desk,
      handed.map((each) => each.handed),
    );
    for (const [n, { line }] of handed.entries()) {
      const one = done[n];
      if (one !== undefined)
        results.push(one instanceof ProductError ? refusal(line, one) : resultOf(line, one));
    }
    return results;
  }
}

const resultOf = (
  line: number,
  { state, certificate, version, record, flags }: Issued,
): LineResult => ({ line, state, certificate, version, record: record.hash, flags });

/**
 * A line's own fault refuses it. A failure of the ledger ends the batch: a retry continues where it
 * stopped.
 */
function refusal(line: number, error: unknown): LineResult {
  if (!(error instanceof ProductError)) throw error;
  if (error.family === 'unavailable' || error.family === 'internal') throw error;
  return {
    line,
    state: 'refused',
    code: String(error.code),
    detail: error.message,
    ...lineHint(error as ProductError),
    facts: error.facts,
  };
}
