import { type IQueryHandler, QueryHandler } from '@nestjs/cqrs';
import { KnownOperators } from '../known-operators.js';
import { type KnownOperator, OperatorDirectory } from '../operator-directory.js';
import { OperatorNames } from '../operator-names.js';
import { OperatorAbsent } from '../operators.errors.js';

/** An operator with its name opened; null where the name's key was destroyed. */
export type NamedOperator = Omit<KnownOperator, 'name'> & { readonly name: string | null };

/** A page of operators, by id. */
export interface OperatorPage {
  readonly operators: readonly NamedOperator[];
  /** The id after which the next page begins; null on the last. */
  readonly next: string | null;
}

const pageSize = 100;

export class FindOperator {
  constructor(readonly operator: string) {}
}

@QueryHandler(FindOperator)
export class FindOperatorHandler implements IQueryHandler<FindOperator, NamedOperator> {
  constructor(
    private readonly directory: OperatorDirectory,
    private readonly names: OperatorNames,
  ) {}

  async execute({ operator }: FindOperator): Promise<NamedOperator> {
    const found = await this.directory.find(operator);
    if (found === null)
      throw new OperatorAbsent('operator_unknown', 'there is no such operator', { operator });
    return named(found, this.names);
  }
}

export class ListOperators {
  constructor(
    /** Null: of all departments. */
    readonly department: string | null,
    readonly after: string,
  ) {}
}

@QueryHandler(ListOperators)
export class ListOperatorsHandler implements IQueryHandler<ListOperators, OperatorPage> {
  constructor(
    private readonly directory: OperatorDirectory,
    private readonly names: OperatorNames,
    private readonly known: KnownOperators,
  ) {}

  async execute({ department, after }: ListOperators): Promise<OperatorPage> {
    const ids = await this.known.page(department, after, pageSize);
    const found = await Promise.all(ids.map((operator) => this.directory.find(operator)));
    return {
      operators: await Promise.all(
        found.filter((one) => one !== null).map((one) => named(one, this.names)),
      ),
      next: ids.length < pageSize ? null : (ids.at(-1) ?? null),
    };
  }
}

const named = async (found: KnownOperator, names: OperatorNames): Promise<NamedOperator> => ({
  ...found,
  name: await names.open(found.operator, found.name),
});
