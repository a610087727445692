import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import { PhoneKeys } from '#libs/identity';

/** Whether a key that a phone offered acts for a holder by now. */
export class FindOfferedKey extends Query<{ readonly enrolled: boolean }> {
  /** @param jkt thumbprint of the key, which nobody guesses */
  constructor(readonly jkt: string) {
    super();
  }
}

@QueryHandler(FindOfferedKey)
export class FindOfferedKeyHandler implements IQueryHandler<FindOfferedKey> {
  constructor(private readonly keys: PhoneKeys) {}

  async execute({ jkt }: FindOfferedKey): Promise<{ enrolled: boolean }> {
    return { enrolled: (await this.keys.subjectOf(jkt)) !== null };
  }
}
