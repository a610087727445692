import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { lookalikes, type Lookalikes } from '#libs/kernel';
import { ClientClaims } from '../client-claims.js';
import { StreamClientDirectory } from '../client-directory.js';
import type { RegisterClientCommand } from '../identity.decider.js';
import type { SignIn } from '../identity.events.js';
import type { Jwk } from '../jws.js';
import { provedKey } from '../key-proof.js';
import { IssuableTypes, mustHaveAll } from '../issuable-types.js';
import { readPublicKey } from '../jwk.js';
import { OtherDepartments, RegisteredDepartments } from '../departments.js';
import { TerminalOffers } from '../terminal-offers/terminal-offers.js';
import { carryOut } from './carry-out.js';

/** A submitted key: the public JWK, and the proof that it is held. */
export interface KeyWithProof {
  readonly jwk: Jwk;
  readonly proof: string;
}

/**
 * Returns the names of departments that look like the client's. It is registered all the same, and
 * the administrator has to check.
 */
export class RegisterClient extends Command<readonly Lookalikes[]> {
  constructor(
    readonly context: CommandContext,
    readonly command: Omit<RegisterClientCommand, 'keys' | 'signIn'> & {
      /** Null: as such a client usually is. */
      readonly signIn: SignIn | null;
      readonly keys: readonly KeyWithProof[];
    },
  ) {
    super();
  }
}

@CommandHandler(RegisterClient)
export class RegisterClientHandler implements ICommandHandler<RegisterClient> {
  constructor(
    readonly store: EventStore,
    readonly directory: StreamClientDirectory,
    private readonly claims: ClientClaims,
    private readonly types: IssuableTypes,
    private readonly departments: RegisteredDepartments,
    private readonly others: OtherDepartments,
    private readonly offers: TerminalOffers,
  ) {}

  async execute({ context, command }: RegisterClient): Promise<readonly Lookalikes[]> {
    const { client, authority, department } = command;
    const claims = [
      ...command.keys.map(({ jwk }) => ({ key: readPublicKey(jwk).jkt })),
      ...(authority === null ? [] : [{ code: authority.creditCode }]),
    ];
    await this.claims.during(client, claims, () =>
      carryOut(this, context, client, async () => {
        await mustHaveAll(this.types, authority?.types ?? []);
        const place = { city: this.store.city, at: context.now };
        const details = { ...command, kind: command.clientKind };
        const signIn = command.signIn ?? (await this.#usualSignIn(command, context));
        return {
          ...command,
          signIn,
          keys: command.keys.map((key) => provedKey(key, details, place)),
        };
      }),
    );
    const known = [...(await this.departments.names()), ...(await this.others.names())];
    await this.departments.keep(department, client);
    return lookalikes([department], known);
  }

  /** A browser is used by people, a key in a file by a program. */
  async #usualSignIn(
    { clientKind, keys }: RegisterClient['command'],
    { now }: CommandContext,
  ): Promise<SignIn> {
    if (clientKind !== 'terminal') return 'client';
    const jkts = keys.map(({ jwk }) => readPublicKey(jwk).jkt);
    return (await this.offers.isOffered(jkts, now)) ? 'operator' : 'client';
  }
}
