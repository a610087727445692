import { createHash } from 'node:crypto';
import { utf8Bytes, utf8Text } from '#libs/kernel';
import {
  base64,
  type Checkpoint,
  findCosignature,
  formatSignature,
  isOf,
  maxNoteBytes,
  openCheckpoint,
  parseCheckpoint,
  parseSignature,
  type SignedCheckpoint,
  type VerifierKey,
  verifyEd25519,
  type VerifyEd25519,
  withSignature,
} from '#libs/log';
import { traceparent } from '#libs/tracing';
import { Witness } from './ports.js';
import { WitnessAhead, WitnessObjects, WitnessSilent } from './sealing.errors.js';

export interface WitnessClientOptions {
  readonly name: string;
  readonly key: VerifierKey;
  /** Its submission prefix. */
  readonly url: string;
  /** Its monitoring prefix, where that is another. */
  readonly monitoringUrl?: string | null;
  readonly origin: string;
  readonly logKey: VerifierKey;
  readonly verify?: VerifyEd25519;
  readonly timeoutMs?: number;
}

/**
 * C2SP tlog-witness, the log's side. Every answer of a witness is verified, and read only up to the
 * size that it may have.
 */
export class HttpWitness extends Witness {
  /** Size of the checkpoint that it cosigned last, as far as known here. */
  #known = 0;

  constructor(private readonly options: WitnessClientOptions) {
    super();
  }

  get name(): string {
    return this.options.name;
  }

  get delayed(): boolean {
    const { url, monitoringUrl = null } = this.options;
    return monitoringUrl !== null && monitoringUrl !== url;
  }

  async latest(): Promise<Checkpoint | null> {
    const { origin, logKey, key, verify = verifyEd25519 } = this.options;
    const hash = createHash('sha256').update(origin).digest('hex');
    const answer = await this.#ask(`${hash}/checkpoint`, null);
    if (answer.status === 404) return null;
    if (answer.status !== 200) throw this.#silent(answer.status);
    const checkpoint = this.#inProtocol(() => {
      const opened = openCheckpoint(answer.body, origin, logKey, verify);
      if (findCosignature(opened, key, verify) === null) throw this.#silent(answer.status);
      return opened;
    });
    return checkpoint;
  }

  async known(note: Uint8Array): Promise<number | null> {
    const checkpoint = parseCheckpoint(note);
    const answer = await this.#add(0, [], note);
    switch (answer.status) {
      case 200:
        // It had none before, and has cosigned this one now.
        this.#cosignature(checkpoint, answer.body);
        return (this.#known = checkpoint.size);
      case 409:
        return (this.#known = this.#size(answer.body));
      default:
        return null;
    }
  }

  async cosign(
    note: Uint8Array,
    size: number,
    prove: (oldSize: number) => Promise<readonly Uint8Array[]>,
  ): Promise<string> {
    const checkpoint = parseCheckpoint(note);
    // Its size is known from the last time; otherwise its 409 tells it, and the second request
    // succeeds unless other logs' processes ask too.
    for (let attempt = 0; attempt < 3; attempt++) {
      // Its earlier claim may have been wrong: it is asked, and objects again where it was right.
      const old = Math.min(this.#known, size);
      const answer = await this.#add(old, await prove(old), note);
      switch (answer.status) {
        case 200: {
          const cosignature = this.#cosignature(checkpoint, answer.body);
          this.#known = size;
          return cosignature;
        }
        case 409:
          this.#known = this.#size(answer.body);
          if (this.#known > size) throw new WitnessAhead(this.name, this.#known, size);
          // The size is right and the tree is not: tlog-witness answers so where both checkpoints
          // have equally many leaves.
          if (this.#known === old) throw this.#objects(size);
          continue;
        case 422:
          throw this.#objects(size, saidIn(answer.body));
        default:
          throw this.#silent(answer.status);
      }
    }
    throw this.#silent(409);
  }

  /** One line of its own key, the first; others are ignored, as tlog-witness says. */
  #cosignature(checkpoint: SignedCheckpoint, body: Uint8Array): string {
    const { key, verify = verifyEd25519 } = this.options;
    return this.#inProtocol(() => {
      const own = utf8Text(body)
        .split('\n')
        .filter((line) => line !== '')
        .map(parseSignature)
        .find((signature) => isOf(key, signature));
      if (own === undefined) throw this.#silent(200);
      const found = findCosignature(withSignature(checkpoint, own), key, verify);
      // tlog-witness: the time must not be left out.
      if (found === null || found.time === 0n) throw this.#silent(200);
      return formatSignature(own).trimEnd();
    });
  }

  #size(body: Uint8Array): number {
    const text = Buffer.from(body).toString('latin1');
    const size = Number(text);
    if (!/^(0|[1-9]\d*)\n$/.test(text) || !Number.isSafeInteger(size)) throw this.#silent(409);
    return size;
  }

  #add(old: number, proof: readonly Uint8Array[], note: Uint8Array) {
    const lines = [`old ${old}`, ...proof.map(base64), '', ''].join('\n');
    return this.#ask('add-checkpoint', Buffer.concat([utf8Bytes(lines), note]));
  }

  async #ask(path: string, body: Buffer | null) {
    const { timeoutMs = 2000 } = this.options;
    const url = body === null ? (this.options.monitoringUrl ?? this.options.url) : this.options.url;
    try {
      const response = await fetch(`${url.replace(/\/$/, '')}/${path}`, {
        ...(body !== null && { method: 'POST', body: new Uint8Array(body) }),
        headers: { ...traceparent() },
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'error',
      });
      return { status: response.status, body: await this.#read(response) };
    } catch (cause) {
      throw cause instanceof WitnessSilent ? cause : this.#silent(0, cause);
    }
  }

  /** Only up to the size that an answer may have: the rest is not fetched. */
  async #read(response: Response): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      // Leaving the loop cancels the stream.
      if (length > maxNoteBytes) throw this.#silent(response.status);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #inProtocol<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (cause) {
      throw cause instanceof WitnessSilent ? cause : this.#silent(200, cause);
    }
  }

  /** @param said the witness's own text, for the operator's log */
  #objects(size: number, said?: string): WitnessObjects {
    return new WitnessObjects('witness_objects', 'a witness does not take this tree as the next', {
      witness: this.name,
      size,
      ...(said !== undefined && said !== '' && { said }),
    });
  }

  #silent(status: number, cause?: unknown): WitnessSilent {
    return new WitnessSilent(
      'witness_silent',
      'a witness did not answer as the protocol says',
      { witness: this.name, status },
      { cause },
    );
  }
}

/**
 * The start of a witness's text for the operator, on one line, without characters that terminals or
 * log readers execute.
 */
const saidIn = (body: Uint8Array): string =>
  Buffer.from(body.subarray(0, 1000))
    .toString('utf8')
    .replace(/[\p{C}\p{Z}\ufffd]+/gu, ' ')
    .trim()
    .slice(0, 200);
