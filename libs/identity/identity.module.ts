import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import pg from 'pg';
import { ClientDirectory, DailyHolders, ReplayMemory } from './caller.js';
import { ClientClaims } from './client-claims.js';
import { StreamClientDirectory } from './client-directory.js';
import { ChangeTypesHandler } from './commands/change-types.js';
import { DisableClientHandler } from './commands/disable-client.js';
import { EnableClientHandler } from './commands/enable-client.js';
import { RegisterClientHandler } from './commands/register-client.js';
import { RegisteredDepartments } from './departments.js';
import { PostgresRegisteredDepartments } from './departments.postgres.js';
import { Door } from './door/door.js';
import { CommandContexts, RequestSecret } from './http/command-context.js';
import { RotateKeyHandler } from './commands/rotate-key.js';
import { AccessGuard } from './guards/access.guard.js';
import { JwksSource } from './guards/jwks-source.js';
import { HolderPasskeys } from './holder-passkeys.js';
import { IdentityController } from './identity.controller.js';
import { FindClientHandler } from './queries/client.js';
import { OperatorsController } from './operators/operators.controller.js';
import { ChangeOperatorRolesHandler } from './operators/commands/change-operator-roles.js';
import { DisableOperatorHandler } from './operators/commands/disable-operator.js';
import { EnableOperatorHandler } from './operators/commands/enable-operator.js';
import { InviteOperatorAgainHandler } from './operators/commands/invite-operator-again.js';
import { InviteOperatorHandler } from './operators/commands/invite-operator.js';
import { KnownOperators } from './operators/known-operators.js';
import { OperatorDirectory } from './operators/operator-directory.js';
import { AccountOwners } from './operators/accounts/account-owners.js';
import { OperatorAccountsController } from './operators/accounts/accounts.controller.js';
import { BindAccountHandler } from './operators/commands/bind-account.js';
import { AddPasskeyHandler } from './operators/commands/add-passkey.js';
import { OperatorPasskeysController } from './operators/passkeys/passkeys.controller.js';
import { Passkeys } from './operators/passkeys/passkeys.js';
import { FixedRelyingParty } from './operators/passkeys/relying-party.js';
import { FindOperatorHandler, ListOperatorsHandler } from './operators/queries/operators.js';
import { TerminalOffersController } from './terminal-offers/terminal-offers.controller.js';
import { TerminalOffers } from './terminal-offers/terminal-offers.js';
import { ListAdministratorsHandler } from './queries/administrators.js';
import { ListClientsHandler, RegisteredClients } from './queries/clients.js';
import { AdministratorsController } from './administrators.controller.js';
import { LimitsController } from './limits.controller.js';
import type { IdentityServices } from './services.js';

export { CommandContexts } from './http/command-context.js';
export { refuseForgottenLocks } from './guards/closed-doors.js';
export { admitFirstAdministrator, type FirstAdministrator } from './first-administrator.js';
export { AccessGuard } from './guards/access.guard.js';
export { JwksSource, LocalJwks, RemoteJwks } from './guards/jwks-source.js';
export { ClientClaims, PostgresClientClaims } from './client-claims.js';
export { identityMigrations } from './identity.migrations.js';
export { AccountOwners } from './operators/accounts/account-owners.js';
export { OperatorsIssuer } from './operators/accounts/operators-issuer.js';
export { type MountedIdentity, mountIdentity } from './issuer/mount.js';
export type { TokenRefusal } from './issuer/refusals.js';
export {
  newSigningKeys,
  readSigningKeys,
  rotateSigningKeys,
  type SigningKeys,
} from './issuer/signing-keys.js';
export { type IdentityServices, identityServices } from './services.js';

/**
 * Authentication, authorisation and limits: without routes of its own, on a `PhoneKeys` from the
 * module of subjects. A program puts `app.get(AccessGuard)` before its other guards, and calls
 * `refuseForgottenLocks(app)` before it listens.
 */
@Global()
@Module({})
export class AccessModule {
  /**
   * @param keys where the issuer's public keys come from: `LocalJwks` of what is mounted here, or
   * `RemoteJwks` of another issuer
   */
  static with(services: IdentityServices, keys: JwksSource): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        { provide: JwksSource, useValue: keys },
        { provide: StreamClientDirectory, useValue: services.clients },
        { provide: ClientDirectory, useExisting: StreamClientDirectory },
        { provide: OperatorDirectory, useValue: services.operators },
        { provide: HolderPasskeys, useValue: services.holderPasskeys },
        { provide: ReplayMemory, useValue: services.replays },
        { provide: Door, useValue: services.door },
        { provide: DailyHolders, useValue: services.holders },
        {
          provide: RegisteredDepartments,
          inject: [pg.Pool],
          useFactory: (pool: pg.Pool) => new PostgresRegisteredDepartments(pool),
        },
        AccessGuard,
      ],
      exports: [
        StreamClientDirectory,
        ClientDirectory,
        OperatorDirectory,
        HolderPasskeys,
        ReplayMemory,
        DailyHolders,
        Door,
        RegisteredDepartments,
        AccessGuard,
        JwksSource,
      ],
    };
  }
}

/**
 * The above, and the clients and operators: their registration, keys and roles. Needs an
 * `OperatorNames` of the vault.
 */
@Module({})
export class IdentityModule {
  /**
   * @param keys as of `AccessModule`; @param requestSecret under which requests and
   * Idempotency-Keys are hashed
   */
  static with(services: IdentityServices, keys: JwksSource, requestSecret: Buffer): DynamicModule {
    return {
      module: IdentityModule,
      imports: [CqrsModule, AccessModule.with(services, keys)],
      controllers: [
        IdentityController,
        LimitsController,
        AdministratorsController,
        OperatorsController,
        OperatorPasskeysController,
        OperatorAccountsController,
        TerminalOffersController,
      ],
      providers: [
        { provide: ClientClaims, useValue: services.claims },
        { provide: RequestSecret, useValue: new RequestSecret(requestSecret) },
        CommandContexts,
        {
          provide: TerminalOffers,
          inject: [pg.Pool],
          useFactory: (pool: pg.Pool) => new TerminalOffers(pool),
        },
        {
          provide: KnownOperators,
          inject: [pg.Pool],
          useFactory: (pool: pg.Pool) => new KnownOperators(pool),
        },
        {
          provide: AccountOwners,
          inject: [pg.Pool],
          useFactory: (pool: pg.Pool) => new AccountOwners(pool),
        },
        { provide: Passkeys, useValue: services.passkeys },
        { provide: FixedRelyingParty, useValue: services.party },
        InviteOperatorHandler,
        AddPasskeyHandler,
        BindAccountHandler,
        InviteOperatorAgainHandler,
        ChangeOperatorRolesHandler,
        DisableOperatorHandler,
        EnableOperatorHandler,
        FindOperatorHandler,
        ListOperatorsHandler,
        RegisterClientHandler,
        RotateKeyHandler,
        DisableClientHandler,
        ChangeTypesHandler,
        EnableClientHandler,
        FindClientHandler,
        ListClientsHandler,
        ListAdministratorsHandler,
        {
          provide: RegisteredClients,
          inject: [pg.Pool],
          useFactory: (pool: pg.Pool) => new RegisteredClients(pool),
        },
      ],
    };
  }
}
