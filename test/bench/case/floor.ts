import { generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';

const text = Buffer.alloc(400, 0x61);
const rounds = 400;

interface Signature {
  readonly what: string;
  readonly of: 'Ed25519' | 'P-256';
  readonly times: number;
}

/**
 * What a case needs at the least, where nothing is verified twice: the proofs of five requests of a
 * terminal (Ed25519) and two of a phone (P-256), the grant, and the consent token, made and read.
 */
const verified: readonly Signature[] = [
  { what: "a terminal's proof", of: 'Ed25519', times: 5 },
  { what: "a phone's proof", of: 'P-256', times: 2 },
  { what: 'the grant', of: 'P-256', times: 1 },
  { what: 'the consent token', of: 'Ed25519', times: 1 },
];

/** Milliseconds of processor time that the signatures of one case take, alone, on one thread. */
export function floorMs(): number {
  const pairs = {
    Ed25519: generateKeyPairSync('ed25519'),
    'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  let sum = timed(() => sign(null, text, pairs.Ed25519.privateKey)); // the consent token is made
  for (const { of, times } of verified) {
    const { publicKey, privateKey } = pairs[of];
    const signature =
      of === 'P-256' ? sign('sha256', text, p1363(privateKey)) : sign(null, text, privateKey);
    sum +=
      times *
      timed(() =>
        of === 'P-256'
          ? verify('sha256', text, p1363(publicKey), signature)
          : verify(null, text, publicKey, signature),
      );
  }
  return sum;
}

const p1363 = (key: KeyObject) => ({ key, dsaEncoding: 'ieee-p1363' }) as const;

/** The mean of many, without the first ones. */
function timed(once: () => unknown): number {
  for (let n = 0; n < rounds / 4; n++) once();
  const before = process.threadCpuUsage();
  for (let n = 0; n < rounds; n++) once();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / rounds;
}
