import { type DynamicModule, Global, Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { ClientDirectory, DailyHolders, ReplayMemory } from './caller.js';
import { StreamClientDirectory } from './client-directory.js';
import { DisableClientHandler } from './commands/disable-client.js';
import { EnableClientHandler } from './commands/enable-client.js';
import { RegisterClientHandler } from './commands/register-client.js';
import { RotateKeyHandler } from './commands/rotate-key.js';
import { AccessGuard } from './guards/access.guard.js';
import { JwksSource } from './guards/jwks-source.js';
import { IdentityController } from './identity.controller.js';
import { FindClientHandler } from './queries/client.js';
import { RateLimits } from './rate-limits.js';
import type { IdentityServices } from './services.js';

export { refuseForgottenLocks } from './guards/closed-doors.js';
export { admitFirstAdministrator, type FirstAdministrator } from './first-administrator.js';
export { AccessGuard } from './guards/access.guard.js';
export { JwksSource, LocalJwks, RemoteJwks } from './guards/jwks-source.js';
export { identityMigrations } from './identity.migrations.js';
export { type MountedIdentity, mountIdentity } from './issuer/mount.js';
export { newSigningKeys, readSigningKeys, type SigningKeys } from './issuer/signing-keys.js';
export { type IdentityServices, identityServices } from './services.js';

/**
 * Who may call, and how often: without routes of its own. Needs a `PhoneKeys` from the module of subjects. A program puts
 * `app.get(AccessGuard)` before its other guards, and calls `refuseForgottenLocks(app)` before it listens.
 */
@Global()
@Module({})
export class AccessModule {
  /** @param keys where the issuer's public keys come from: `LocalJwks` of what is mounted here, or `RemoteJwks` of another issuer */
  static with(services: IdentityServices, keys: JwksSource): DynamicModule {
    return {
      module: AccessModule,
      providers: [
        { provide: JwksSource, useValue: keys },
        { provide: StreamClientDirectory, useValue: services.clients },
        { provide: ClientDirectory, useExisting: StreamClientDirectory },
        { provide: ReplayMemory, useValue: services.replays },
        { provide: RateLimits, useValue: services.rates },
        { provide: DailyHolders, useValue: services.holders },
        AccessGuard,
      ],
      exports: [
        StreamClientDirectory,
        ClientDirectory,
        ReplayMemory,
        DailyHolders,
        AccessGuard,
        JwksSource,
      ],
    };
  }
}

/** The above, and the clients: their registration and keys. */
@Module({})
export class IdentityModule {
  /** @param keys as of `AccessModule` */
  static with(services: IdentityServices, keys: JwksSource): DynamicModule {
    return {
      module: IdentityModule,
      imports: [CqrsModule, AccessModule.with(services, keys)],
      controllers: [IdentityController],
      providers: [
        RegisterClientHandler,
        RotateKeyHandler,
        DisableClientHandler,
        EnableClientHandler,
        FindClientHandler,
      ],
    };
  }
}
