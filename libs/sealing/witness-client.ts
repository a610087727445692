import { createHash } from 'node:crypto';
import { utf8Bytes } from '#libs/kernel';
import {
  base64,
  type Checkpoint,
  findCosignature,
  formatSignature,
  isOf,
  MAX_NOTE_BYTES,
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
import { WitnessObjects, WitnessSilent } from './sealing.errors.js';

export interface WitnessClientOptions {
  readonly name: string;
  readonly key: VerifierKey;
  /** Its submission and monitoring prefix. */
  readonly url: string;
  readonly origin: string;
  readonly logKey: VerifierKey;
  readonly verify?: VerifyEd25519;
  readonly timeoutMs?: number;
}

/** C2SP tlog-witness, the log's side. Nothing that a witness answers is believed, nor read beyond what an answer may be. */
export class HttpWitness extends Witness {
  /** Size of the checkpoint that it cosigned last, as far as is known here. */
  #known = 0;

  constructor(private readonly options: WitnessClientOptions) {
    super();
  }

  get name(): string {
    return this.options.name;
  }

  async latest(): Promise<Checkpoint | null> {
    const { origin, logKey, key, verify = verifyEd25519 } = this.options;
    const hash = createHash('sha256').update(origin).digest('hex');
    const answer = await this.#ask(`${hash}/checkpoint`, null);
    if (answer.status === 404) {
      this.#known = 0;
      return null;
    }
    if (answer.status !== 200) throw this.#silent(answer.status);
    const checkpoint = this.#inProtocol(() => {
      const opened = openCheckpoint(answer.body, origin, logKey, verify);
      if (findCosignature(opened, key, verify) === null) throw this.#silent(answer.status);
      return opened;
    });
    this.#known = checkpoint.size;
    return checkpoint;
  }

  async cosign(
    note: Uint8Array,
    size: number,
    prove: (oldSize: number) => Promise<readonly Uint8Array[]>,
  ): Promise<string> {
    const checkpoint = parseCheckpoint(note);
    // Its size is known from the time before; where it is not, its 409 says it, and the second request is right unless others ask too.
    for (let attempt = 0; attempt < 3; attempt++) {
      if (this.#known > size) throw this.#objects(size);
      const old = this.#known;
      const proof = await prove(old);
      const lines = [`old ${old}`, ...proof.map(base64), '', ''].join('\n');
      const body = Buffer.concat([utf8Bytes(lines), note]);
      const answer = await this.#ask('add-checkpoint', body);
      switch (answer.status) {
        case 200: {
          const cosignature = this.#cosignature(checkpoint, answer.body);
          this.#known = size;
          return cosignature;
        }
        case 409:
          this.#known = this.#size(answer.body);
          // The size is right, and the tree is not: tlog-witness answers so where the checkpoint has as many leaves as the one before.
          if (this.#known === old) throw this.#objects(size);
          continue;
        case 422:
          throw this.#objects(size);
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
      const own = Buffer.from(body)
        .toString('utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map(parseSignature)
        .find((signature) => isOf(key, signature));
      if (own === undefined) throw this.#silent(200);
      findCosignature(withSignature(checkpoint, own), key, verify);
      return formatSignature(own).trimEnd();
    });
  }

  #size(body: Uint8Array): number {
    const text = Buffer.from(body).toString('latin1');
    const size = Number(text);
    if (!/^(0|[1-9]\d*)\n$/.test(text) || !Number.isSafeInteger(size)) throw this.#silent(409);
    return size;
  }

  async #ask(path: string, body: Buffer | null) {
    const { url, timeoutMs = 2000 } = this.options;
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

  /** No further than an answer may be long: the rest is not even fetched. */
  async #read(response: Response): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      // Who leaves the loop cancels the stream.
      if (length > MAX_NOTE_BYTES) throw this.#silent(response.status);
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

  #objects(size: number): WitnessObjects {
    return new WitnessObjects('witness_objects', 'a witness does not take this tree as the next', {
      witness: this.name,
      size,
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
