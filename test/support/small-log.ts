import { hex, utf8Bytes } from '#libs/kernel';
import {
  cosign,
  formatKey,
  formatReceipt,
  GrowingTree,
  leafHash,
  type NoteSigner,
  proveInclusion,
  recordBytes,
  type RecordBody,
  seedSigner,
  SignatureType,
  signCheckpoint,
  type SignedCheckpoint,
  type Tile,
  withSignature,
} from '#libs/log';
import { parsePolicy } from '#libs/verify';

export const origin = 'city.example/log';
export const seed = (n: number) => new Uint8Array(32).fill(n);
export const signerOf = (name: string) => seedSigner(name, SignatureType.ed25519, seed(1));
export const log = signerOf(origin);
export const witnesses = [2, 3, 4].map((n) =>
  seedSigner(`witness.example/${n}`, SignatureType.cosignature, seed(n)),
);

/**
 * The log (or several keys of it), three witnesses w0 to w2, and a group `two` of any two of them.
 */
export const policyText = (quorum: string, logs: readonly NoteSigner[] = [log]) => `# whom we trust
${logs.map(({ key }) => `log ${formatKey(key)} https://city.example/log/`).join('\n')}
${witnesses.map(({ key }, n) => `witness w${n} ${formatKey(key)}`).join('\n')}
group two 2 w0 w1 w2
quorum ${quorum}
`;
export const twoOfThree = parsePolicy(policyText('two'));
export const alone = parsePolicy(policyText('none'));

/** A log without a ledger: records that a test makes up, and receipts for them. */
export class SmallLog {
  /** @param of the log's origin */
  constructor(private readonly of = origin) {}

  readonly leaves: Uint8Array[] = [];

  /** @returns the record's bytes; its index is that of the last leaf */
  write(record: Pick<RecordBody, 'stream' | 'version' | 'prev'> & Partial<RecordBody>): Uint8Array {
    const bytes = recordBytes({
      v: 1,
      city: this.of,
      id: hex(leafHash(utf8Bytes(`${record.stream} ${record.version}`))).slice(0, 32),
      type: 'ReleaseReadAgain',
      schema: 1,
      time: '2026-11-22T01:02:03.004Z',
      actor: { client: 'window-7' },
      data: {},
      ...record,
    });
    this.leaves.push(leafHash(bytes));
    return bytes;
  }

  /**
   * Of all that was written so far; signed by the log's key, and cosigned by two of the three
   * witnesses.
   */
  checkpoint(signer = signerOf(this.of)): SignedCheckpoint {
    const { head } = this.#tree();
    return witnesses
      .slice(0, 2)
      .reduce<SignedCheckpoint>(
        (checkpoint, witness) =>
          withSignature(checkpoint, cosign(checkpoint, 1_763_800_000, witness)),
        signCheckpoint(head, signer),
      );
  }

  receipt(index: number, extra: Uint8Array | null, checkpoint = this.checkpoint()): Uint8Array {
    const { read } = this.#tree();
    const path = proveInclusion(index, checkpoint.size, read);
    return utf8Bytes(formatReceipt({ extra, index, path, checkpoint }));
  }

  #tree() {
    const tree = new GrowingTree();
    for (const leaf of this.leaves) tree.append(leaf);
    const read = ({ level, index }: Tile) => {
      if (level > 0) return tree.edgeTile(level)!.hashes;
      const tile = this.leaves.slice(index * 256, (index + 1) * 256);
      return new Uint8Array(tile.flatMap((leaf) => [...leaf]));
    };
    return { head: { origin: this.of, size: this.leaves.length, root: tree.root() }, read };
  }
}
