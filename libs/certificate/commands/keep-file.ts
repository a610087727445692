import { hash } from 'node:crypto';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { ClientCaller } from '#libs/identity';
import { Blobs } from '#libs/vault';
import { CertificateMalformed } from '../certificate.errors.js';
import { maxFileBytes, looksLike, sealFile } from '../files.js';
import { authorityOf } from '../issuing-desk.js';

/**
 * What the authority needs to name the file in a certificate. Only the authority gets `key`, and
 * the ledger does not keep it.
 */
export interface KeptFile {
  readonly blob: string;
  /** 256 bits, base64url. */
  readonly key: string;
  /** Of the file, 64 hexadecimal digits: what the authority signs, with the media type. */
  readonly sha256: string;
  readonly mediaType: string;
}

/**
 * An authority stores a file that a certificate will name. Each time it is stored anew, under
 * another id and key.
 */
export class KeepFile extends Command<KeptFile> {
  constructor(
    readonly caller: ClientCaller,
    readonly mediaType: string,
    readonly bytes: Uint8Array,
  ) {
    super();
  }
}

@CommandHandler(KeepFile)
export class KeepFileHandler implements ICommandHandler<KeepFile> {
  constructor(private readonly blobs: Blobs) {}

  async execute({ caller, mediaType, bytes }: KeepFile): Promise<KeptFile> {
    authorityOf(caller);
    if (bytes.length === 0 || bytes.length > maxFileBytes || !looksLike(mediaType, bytes))
      throw new CertificateMalformed(
        'file_wrong',
        'the file is not of the type that it is said to be',
        {
          mediaType,
        },
      );
    const { blob, key, sealed } = sealFile(bytes);
    await this.blobs.put(blob, sealed, caller.client);
    return {
      blob,
      key: Buffer.from(key).toString('base64url'),
      sha256: hash('sha256', bytes, 'hex'),
      mediaType,
    };
  }
}
