import { Injectable } from '@nestjs/common';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { EventStore, type Position, recordedEvent, StoreDamaged } from '#libs/event-store';
import { type IdentityEvent, identitySchemas } from '#libs/identity';
import { fromBase64url, hex, isObject, parseJson, UnavailableError } from '#libs/kernel';
import { formatNote, leafHash, type SignedCheckpoint, verifyNote } from '#libs/log';
import { Leaves, nodeVerify } from '#libs/sealing';
import { LogSigner, LogReceipts } from '#libs/sealing/sealing.module';
import { type AuthorityKey, signAuthorityKeys } from '#libs/verify';
import { type AuthorityKeyRow, foldAuthorityKeys } from './authority-key-rows.js';

/** The read model lags behind the log. */
export class AuthorityKeysBehind extends UnavailableError<'authority_keys_behind'> {}

/** How long the read model is waited for, and the pause between two checks, in milliseconds. */
const patience = { whole: 2000, look: 50 };

/** The state folded from a client's sealed records so far. */
interface Folded {
  readonly version: number;
  readonly rows: readonly AuthorityKeyRow[];
  /** The leaf index of each record, by version of the client's stream. */
  readonly leaves: ReadonlyMap<number, number>;
}

const nothingFolded: Folded = { version: -1, rows: [], leaves: new Map() };

/**
 * The keys by which authorities sign, as the published note that the log's key signs. The read
 * model only tells which clients are authorities; the note itself is folded from records that are
 * each proved to be under the latest checkpoint.
 */
@Injectable()
export class PublishedAuthorityKeys {
  #last: { readonly size: number; readonly note: Promise<string> } | null = null;
  readonly #folded = new Map<string, Folded>();

  constructor(
    private readonly pool: pg.Pool,
    private readonly store: EventStore,
    private readonly receipts: LogReceipts,
    private readonly leaves: Leaves,
    private readonly signer: LogSigner,
  ) {}

  /**
   * @throws SealPending, AuthorityKeysBehind; NoteError, RecordUnknown or StoreDamaged where the
   * checkpoint, or a client's record, is not the one that was sealed
   */
  async note(): Promise<string> {
    const checkpoint = await this.receipts.checkpoint();
    const { size } = checkpoint;
    if (this.#last?.size !== size) {
      const made = { size, note: this.#make(checkpoint) };
      made.note.catch(() => {
        if (this.#last === made) this.#last = null;
      });
      this.#last = made;
    }
    return this.#last.note;
  }

  async #make(checkpoint: SignedCheckpoint): Promise<string> {
    const { size } = checkpoint;
    // Another process may have published it: then it comes from a table.
    verifyNote(checkpoint.note, this.signer.signer.key, nodeVerify);
    const position = await this.leaves.before(size);
    if (position === null) throw behind();
    const keys: AuthorityKey[] = [];
    for (const client of await this.#authorities(position)) {
      const { rows, leaves } = await this.#fold(client, checkpoint);
      for (const { authority, kid, alg, jwk, since, until } of rows) {
        const from = leaves.get(since);
        if (from === undefined || from >= size) continue;
        const end = until === null ? undefined : leaves.get(until);
        keys.push({
          authority,
          kid,
          alg,
          publicKey: rawKey(jwk),
          from,
          until: end === undefined || end >= size ? null : end,
        });
      }
    }
    return formatNote(signAuthorityKeys({ size, keys }, this.signer.signer));
  }

  /**
   * Clients that are, or were, issuing authorities, once the read model holds all records up to a
   * position.
   */
  async #authorities(position: Position): Promise<readonly string[]> {
    for (let waited = 0; ; waited += patience.look) {
      const { rows } = await this.pool.query<{ at: string | null; clients: readonly string[] }>({
        name: 'authorities',
        text: `SELECT (SELECT position FROM projection_checkpoint WHERE name = 'authority-keys') AS at,
                      ARRAY(SELECT DISTINCT client FROM authority_key ORDER BY client) AS clients`,
      });
      const [row] = rows;
      if (row?.at != null && BigInt(row.at) >= position) return row.clients;
      if (waited >= patience.whole) throw behind();
      await wait(patience.look);
    }
  }

  /** The rows of a client, from its records under the checkpoint. */
  async #fold(client: string, checkpoint: SignedCheckpoint): Promise<Folded> {
    const stream = `client-${client}`;
    let folded = this.#folded.get(client) ?? nothingFolded;
    for (const record of await this.store.readStream(stream, folded.version + 1)) {
      const version = folded.version + 1;
      const leaf = await this.leaves.placed(stream, version);
      if (leaf === null || leaf.index >= checkpoint.size) break;
      const hash = hex(leafHash(record.bytes));
      await this.receipts.of({ stream, version, hash }, checkpoint);
      const event = recordedEvent<IdentityEvent>(identitySchemas, record);
      if (event.stream !== stream || event.version !== version)
        throw new StoreDamaged('store_damaged', 'a record stands in the place of another', {
          stream,
          version,
        });
      folded = {
        version,
        rows: foldAuthorityKeys(folded.rows, event, client, version),
        leaves: new Map([...folded.leaves, [version, leaf.index]]),
      };
    }
    this.#folded.set(client, folded);
    return folded;
  }
}

/** Ed25519: 32 bytes; P-256: x ‖ y. */
function rawKey(jwk: string): Uint8Array {
  const parsed = parseJson(jwk);
  const members = isObject(parsed) ? [parsed['x'], parsed['y']] : [];
  return Buffer.concat(
    members.flatMap((one) => (typeof one === 'string' ? (fromBase64url(one) ?? []) : [])),
  );
}

const behind = () =>
  new AuthorityKeysBehind(
    'authority_keys_behind',
    'the keys of the latest records are not known yet',
    {},
    { retryAfterSeconds: 1 },
  );
