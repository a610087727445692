import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { creditCodeCheck } from '#libs/kernel';
import {
  cosign,
  formatKey,
  formatNote,
  leafHash,
  type NoteSigner,
  seedSigner,
  SignatureType,
  signCheckpoint,
  TreeEdge,
} from '#libs/log';
import {
  type AuthorityKey,
  type AuthorityKeys,
  openAuthorityKeys,
  parsePolicy,
  type Policy,
  signAuthorityKeys,
  thumbprintOf,
} from '#libs/verify';
import {
  emptyPrintLeaf,
  encodeFacts,
  originOfPrints,
  placeOfPrints,
  type PrintedFacts,
  printedFactsLimits,
  type PrintedProof,
  printedKey,
  printHash,
  printLeaf,
  type ReaderKnowledge,
  signedFacts,
} from '#libs/verify/printed-proof';
import { seed, witnesses } from './small-log.js';

/** A code of a made-up authority, valid by its check character. */
const creditCode = (first17: string) => `${first17}${creditCodeCheck(first17) ?? ''}`;
/** Of 30 November 2026 in Shanghai, seconds since 1970. */
export const noon = Date.UTC(2026, 10, 30, 4) / 1000;
export const day = 24 * 3600;

/** A key by which a made-up authority signs facts. */
export interface FactsSigner {
  readonly entry: AuthorityKey;
  sign(message: Uint8Array): Uint8Array;
}

const entryOf = (
  authority: string,
  key: Pick<AuthorityKey, 'alg' | 'publicKey'>,
  from: number,
  until: number | null,
): AuthorityKey => ({ authority, kid: thumbprintOf(key), ...key, from, until });

/** @param until the leaf that retired it */
export function ed25519Authority(n: number, until: number | null = null): FactsSigner {
  const publicKey = ed25519.getPublicKey(seed(n));
  const authority = creditCode('11430000TE5T00001');
  return {
    entry: entryOf(authority, { alg: 'EdDSA', publicKey }, n, until),
    sign: (message) => ed25519.sign(message, seed(n)),
  };
}

export function p256Authority(n: number): FactsSigner {
  const publicKey = p256.getPublicKey(seed(n), false).slice(1);
  const authority = creditCode('11430000TE5T00002');
  return {
    entry: entryOf(authority, { alg: 'ES256', publicKey }, n, null),
    sign: (message) => p256.sign(message, seed(n), { prehash: true, lowS: false }),
  };
}

export const authorities = {
  fund: ed25519Authority(11),
  court: p256Authority(12),
  /** Retired at leaf 500. */
  retired: ed25519Authority(13, 500),
  /** In no list. */
  stranger: ed25519Authority(14),
} as const;

/** Facts of a made-up person. */
export const factsOf = (
  signer: FactsSigner = authorities.fund,
  more: Partial<PrintedFacts> = {},
): PrintedFacts => ({
  city: 'ledger.city.example',
  authority: signer.entry.authority,
  key: printedKey(signer.entry.kid),
  type: 'ZM001',
  code: 'QWER-TY23-ASDF',
  issued: noon,
  checkAgain: noon + 30 * day,
  expires: noon + 180 * day,
  name: '测*甲',
  number: '002X',
  compare: [
    { label: '缴存单位', value: '虚构示例有限公司' },
    { label: '缴存至', value: '2026-11' },
  ],
  ...more,
});

/** Facts that take all the room that the form has. */
export function fullFacts(signer = authorities.fund): PrintedFacts {
  const facts = (filling: string) =>
    factsOf(signer, {
      name: '𠮷*',
      compare: [
        { label: '甲'.repeat(12), value: '乙'.repeat(25) },
        { label: '丙', value: `丁${filling}` },
      ],
    });
  const left = printedFactsLimits.whole - encodeFacts(facts('')).length;
  return facts('x'.repeat(left));
}

export interface PrintOptions {
  readonly signer?: FactsSigner;
  /** Leaves that the log has before. */
  readonly before?: number;
  /** Pages of others behind this one, under the same checkpoint. */
  readonly after?: number;
  readonly ledgerSize?: number;
  readonly cosigners?: readonly NoteSigner[];
  /** When they cosigned. */
  readonly time?: number;
  readonly logSigner?: NoteSigner;
}

export const cityOf = (facts: Pick<PrintedFacts, 'city'>) =>
  seedSigner(facts.city, SignatureType.ed25519, seed(1));

/** A page in a log of prints whose other leaves are made up. */
export function printedProof(
  facts: PrintedFacts = factsOf(),
  {
    signer = authorities.fund,
    before = 1234,
    after = 0,
    ledgerSize = 1000,
    cosigners = witnesses.slice(0, 2),
    time = noon + 5,
    logSigner = cityOf(facts),
  }: PrintOptions = {},
): PrintedProof {
  const factBytes = encodeFacts(facts);
  const factsSignature = signer.sign(signedFacts(factBytes));
  const own = printLeaf(printHash({ factBytes, factsSignature }), ledgerSize);
  const index = placeOfPrints(before, after + 1) ?? 0;
  const leaves = [own, ...Array.from({ length: after }, (_, n) => leafHash(seed(100 + n)))];
  // A tree of any size: what stands before the page are subtrees that nobody has looked into.
  const bits = index.toString(2).replaceAll('0', '').length;
  const edge = TreeEdge.of(
    index,
    Array.from({ length: bits }, (_, n) => leafHash(seed(200 + n))),
    emptyPrintLeaf(),
  );
  const [path = []] = edge.pathsOf(leaves);
  for (const leaf of leaves) edge.append(leaf);
  const checkpoint = signCheckpoint(
    { origin: originOfPrints(facts.city, 1), size: edge.size, root: edge.root() },
    logSigner,
  );
  return {
    factBytes,
    facts,
    factsSignature,
    log: 1,
    index,
    size: edge.size,
    ledgerSize,
    path,
    signature: checkpoint.note.signatures[0]?.signature ?? new Uint8Array(),
    cosignatures: cosigners
      .map((one) => {
        const { id, signature } = cosign(checkpoint, time, one);
        return { id, time, signature: signature.slice(8) };
      })
      .sort((a, b) => Buffer.compare(a.id, b.id)),
  };
}

/** @param needed of the group `two` */
export const policyOfPrints = (
  city = 'ledger.city.example',
  quorum = 'two',
  needed = 2,
) => `log ${formatKey(cityOf({ city }).key)} https://${city}/log/
${witnesses.map(({ key }, n) => `witness w${n} ${formatKey(key)}`).join('\n')}
group two ${needed} w0 w1 w2
quorum ${quorum}
`;

/** The note of `/log/authority-keys` of a city. @param size its leaves */
export const keysNote = (size = 2000, city = 'ledger.city.example'): string =>
  formatNote(
    signAuthorityKeys(
      {
        size,
        keys: [authorities.fund, authorities.court, authorities.retired].map(({ entry }) => entry),
      },
      cityOf({ city }),
    ),
  );

export const openKeys = (note: string, policy: Policy): AuthorityKeys =>
  openAuthorityKeys(new TextEncoder().encode(note), policy);

/** What a device knows that asked a minute after the page was printed, and reads a minute later. */
export function knowledgeOf(more: Partial<ReaderKnowledge> = {}): ReaderKnowledge {
  const policy = parsePolicy(policyOfPrints());
  return {
    city: 'ledger.city.example',
    policy,
    authorityKeys: openKeys(keysNote(), policy),
    now: noon + 120,
    answered: { at: noon + 60, city: noon + 60 },
    standing: { is: 'current', asOf: noon + 60 },
    ...more,
  };
}
