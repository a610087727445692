import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { type CommandContext, EventStore } from '#libs/event-store';
import { ClientClaims } from '../client-claims.js';
import { StreamClientDirectory } from '../client-directory.js';
import type { ClientCaller } from '../caller.js';
import { knownClient, type VerifiedApproval } from '../identity.decider.js';
import { ClientRefused } from '../identity.errors.js';
import type { KeyApproval } from '../identity.events.js';
import { readPublicKey } from '../jwk.js';
import { actingAdministrator, actingKey, independenceOf } from '../separation-of-duties.js';
import { checkKeyApproval, type ProofPlace, provedNewKey } from '../key-proof.js';
import { unverifiedHeader } from '../jws.js';
import { carryOut } from './carry-out.js';
import type { KeyWithProof } from './register-client.js';

export class RotateKey {
  constructor(
    readonly context: CommandContext,
    readonly caller: ClientCaller,
    readonly client: string,
    readonly key: KeyWithProof,
    readonly approval: KeyApproval | null,
  ) {}
}

@CommandHandler(RotateKey)
export class RotateKeyHandler implements ICommandHandler<RotateKey, undefined> {
  constructor(
    readonly store: EventStore,
    readonly directory: StreamClientDirectory,
    private readonly claims: ClientClaims,
  ) {}

  async execute({ context, caller, client, key, approval }: RotateKey): Promise<undefined> {
    const { jkt } = readPublicKey(key.jwk);
    const place = { city: this.store.city, at: context.now };
    await this.claims.during(client, [{ key: jkt }], () =>
      carryOut(this, context, client, async (state) => ({
        kind: 'rotate-key',
        client,
        by: caller.client,
        key: provedNewKey(key, client, place),
        approval:
          approval === null
            ? null
            : await this.#verified(
                approval,
                { client, jkt, asks: caller },
                knownClient(client, state),
                place,
              ),
      })),
    );
    return undefined;
  }

  async #verified(
    { by, jws }: KeyApproval,
    { client, jkt, asks }: Record<'client' | 'jkt', string> & { readonly asks: ClientCaller },
    state: ReturnType<typeof knownClient>,
    place: ProofPlace,
  ): Promise<VerifiedApproval> {
    const { kid } = unverifiedHeader(jws);
    const keys = by === client ? state.keys : await this.#administratorKeys(by);
    const signer = keys.find((one) => one.kid === kid);
    if (signer === undefined)
      throw unfit(
        by === client
          ? 'the statement is signed by no key that the client has'
          : 'the statement is signed by no key of an administrator',
        by,
      );
    checkKeyApproval(jws, { key: signer, by, client, jkt }, place);
    const vouched = { by, jws, kid: signer.kid };
    if (by === client)
      return { ...vouched, sharedControl: [], requestedWith: null, approvedWith: null };
    const [requestedWith, approvedWith] = await Promise.all([
      actingAdministrator(this.store, asks),
      actingKey(this.store, { client: by, jkt: signer.kid }),
    ]);
    const { sharedControl } = await independenceOf(
      this.store,
      { client: asks.client, with: requestedWith },
      { client: by, with: approvedWith },
    );
    return { ...vouched, sharedControl, requestedWith, approvedWith };
  }

  /** Keys of an administrator who may register clients; of other clients none. */
  async #administratorKeys(by: string) {
    this.directory.forget(by);
    const found = await this.directory.find(by);
    const may =
      found?.enabled === true &&
      found.kind === 'administrator' &&
      found.scopes.includes('clients:manage');
    return may ? found.keys : [];
  }
}

const unfit = (why: string, by: string) =>
  new ClientRefused('client_key_approver_unfit', why, { by });
