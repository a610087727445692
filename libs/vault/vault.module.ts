import { Global, Module } from '@nestjs/common';
import pg from 'pg';
import { OperatorNames } from '#libs/identity';
import { Settings } from '#libs/platform';
import { PostgresBlobs } from './postgres/blobs.js';
import { VaultKeys } from './postgres/keys.js';
import { openKeys } from './postgres/keys-in-use.js';
import { HmacPairwise } from './postgres/pairwise.js';
import { HmacSecrets } from './postgres/ledger-secrets.js';
import { VaultOperatorNames } from './postgres/operator-names.js';
import { PostgresPapers } from './postgres/papers.js';
import { Blobs, LedgerSecrets, Pairwise, Papers, Vault } from './ports.js';
import { PostgresVault } from './postgres/vault.js';

export { vaultMigrations } from './vault.migrations.js';
export { rotateMasterKey } from './postgres/rotation.js';

/** Where the key files are: beside the other keys of the process. */
export const vaultKeysFolder = (settings: Settings): string => settings.keysDir;

/** Keys of subjects, sealed files, and the tables of keyed hashes. */
@Global()
@Module({
  providers: [
    {
      provide: VaultKeys,
      inject: [Settings, pg.Pool],
      useFactory: (settings: Settings, pool: pg.Pool) => openKeys(pool, vaultKeysFolder(settings)),
    },
    { provide: Vault, useClass: PostgresVault },
    { provide: Pairwise, useClass: HmacPairwise },
    { provide: LedgerSecrets, useClass: HmacSecrets },
    { provide: Blobs, useClass: PostgresBlobs },
    { provide: Papers, useClass: PostgresPapers },
    { provide: OperatorNames, useClass: VaultOperatorNames },
  ],
  exports: [VaultKeys, Vault, Pairwise, LedgerSecrets, Blobs, Papers, OperatorNames],
})
export class VaultModule {}
