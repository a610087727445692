import { utf8Bytes } from '#libs/kernel';
import {
  checkpointText,
  findCosignature,
  isTrialOrigin,
  NoteError,
  ProofError,
  sameBytes,
  type SignedCheckpoint,
  verifyEd25519,
  type VerifyEd25519,
} from '#libs/log';
import type { AuthorityKey, AuthorityKeys } from '../authority-keys.js';
import { isQuorum, keysOfLog, type Policy } from '../policy.js';
import type { Means } from '../receipt.js';
import { isSignedBy } from '../signing-key.js';
import type {
  CheckState,
  CityLine,
  KeyLine,
  LoggedLine,
  PrintedCheck,
  PrintedVerdict,
  SignatureLine,
  WitnessedLine,
} from './checks.js';
import { printedKey, signedFacts } from './facts.js';
import { originOfPrints, type PrintedProof, rootOfPrints } from './proof.js';
import { judgeTime, type KnownTime } from './standing.js';

/** What the reader's device knows; nothing is fetched. */
export interface ReaderKnowledge extends KnownTime {
  /** Origin of the log of the city whose page reads. */
  readonly city: string;
  /** Null where the device never had it. */
  readonly policy: Policy | null;
  /** As `/log/authority-keys` has them, opened under the policy; null where never had. */
  readonly authorityKeys: AuthorityKeys | null;
}

/** A witness of the policy, with the time of its cosignature in seconds since 1970. */
export interface PrintWitness {
  readonly name: string;
  readonly time: number;
}

export interface JudgedPrint {
  readonly verdict: PrintedVerdict;
  /** Whether the page says that it is one of a trial: to be said with every verdict. */
  readonly trial: boolean;
  /** Each check once, in the order of `PrintedCheck`. */
  readonly checks: readonly PrintedCheck[];
  readonly witnesses: readonly PrintWitness[];
}

/**
 * What can be said of a printed proof with what the reader's device knows. Whether the paper around
 * the code says the same is the reader's task: a genuine code can be copied onto another page.
 */
export function judgePrint(
  proof: PrintedProof,
  known: ReaderKnowledge,
  means: Means = {},
): JudgedPrint {
  const signature = judgeSignature(proof, known, means);
  const log = judgeLog(proof, known.policy, means);
  const { checks: ofTime, ended } = judgeTime(proof.facts, log.witnesses, known);
  const checks: readonly PrintedCheck[] = [
    judgeCity(proof, known),
    signature.line,
    judgeKey(proof, known.authorityKeys, signature.key),
    log.logged,
    log.witnessed,
    ...ofTime,
    { check: 'paper-text', state: 'readers-task', why: 'compare_the_facts' },
  ];
  const { witnesses } = log;
  const trial = isTrialOrigin(proof.facts.city);
  return { verdict: verdictOf(checks, ended), trial, checks, witnesses };
}

/** Without these a page shows nothing; the others are about what became of it. */
const essential: ReadonlySet<PrintedCheck['check']> = new Set([
  'city',
  'authority-signature',
  'authority-key',
  'logged',
  'witnessed',
  'issued-time',
]);

function verdictOf(checks: readonly PrintedCheck[], ended: PrintedVerdict | null): PrintedVerdict {
  const base = checks.filter(({ check }) => essential.has(check));
  if (base.some(({ state }) => state === 'failed')) return 'not-issued-here';
  const missing = base.filter(
    ({ state, why }) => state === 'not-checked' && why !== 'none_needed' && why !== 'no_witness',
  );
  // Keys that are older than the page tell whose key it is, and not that it was in force.
  if (missing.some(({ check }) => check !== 'authority-key')) return 'undecided';
  if (ended !== null) return ended;
  const stands = checks.some(({ check, state }) => check === 'standing' && state === 'passed');
  return stands && missing.length === 0 ? 'genuine' : 'standing-unknown';
}

function judgeCity({ facts }: PrintedProof, { city }: ReaderKnowledge): CityLine {
  if (facts.city === city) return { check: 'city', state: 'passed', why: null };
  const why = isTrialOrigin(facts.city) ? 'city_trial' : 'city_other';
  return { check: 'city', state: 'failed', why };
}

/** With the entries of the key that signed; none where none did. */
function judgeSignature(
  { facts, factBytes, factsSignature, ledgerSize }: PrintedProof,
  { city, authorityKeys }: ReaderKnowledge,
  means: Means,
): { readonly line: SignatureLine; readonly key: readonly AuthorityKey[] } {
  const told = (
    state: CheckState,
    why: SignatureLine['why'],
    key: readonly AuthorityKey[] = [],
  ) => ({ line: { check: 'authority-signature', state, why } as const, key });
  // Another city's authorities are in another list.
  if (facts.city !== city) return told('not-checked', 'city_other');
  if (authorityKeys?.origin !== city) return told('not-checked', 'keys_missing');
  const named = authorityKeys.keys.filter(
    ({ authority, kid }) => authority === facts.authority && sameBytes(printedKey(kid), facts.key),
  );
  if (named.length === 0)
    return authorityKeys.size < ledgerSize
      ? told('not-checked', 'keys_older_than_page')
      : told('failed', 'key_unknown');
  const signed = signedFacts(factBytes);
  const key = named.filter((one) => isSignedBy(one, signed, factsSignature, means));
  return key.length === 0 ? told('failed', 'signature_wrong') : told('passed', null, key);
}

/** Whether the key was in force when the page was logged, by the leaves of the city's main log. */
function judgeKey(
  { ledgerSize }: PrintedProof,
  authorityKeys: AuthorityKeys | null,
  key: readonly AuthorityKey[],
): KeyLine {
  const told = (state: CheckState, why: KeyLine['why']) =>
    ({ check: 'authority-key', state, why }) as const;
  if (key.length === 0 || authorityKeys === null)
    return told('not-checked', 'signature_not_checked');
  // The list does not have what came after it.
  if (authorityKeys.size < ledgerSize) return told('not-checked', 'keys_older_than_page');
  return key.some(({ from, until }) => from < ledgerSize && (until === null || until >= ledgerSize))
    ? told('passed', null)
    : told('failed', 'key_not_in_force');
}

interface JudgedLog {
  readonly logged: LoggedLine;
  readonly witnessed: WitnessedLine;
  readonly witnesses: readonly PrintWitness[];
}

function judgeLog(
  proof: PrintedProof,
  policy: Policy | null,
  { hash, verify = verifyEd25519 }: Means,
): JudgedLog {
  const without = (
    state: 'failed' | 'not-checked',
    why: NonNullable<LoggedLine['why']>,
  ): JudgedLog => ({
    logged: { check: 'logged', state, why },
    witnessed: {
      check: 'witnessed',
      state: 'not-checked',
      why: why === 'policy_missing' || why === 'log_unknown' ? why : 'not_logged',
    },
    witnesses: [],
  });
  if (policy === null) return without('not-checked', 'policy_missing');
  const { facts, log, size } = proof;
  const keys = keysOfLog(policy, facts.city);
  if (keys.length === 0) return without('not-checked', 'log_unknown');
  let root: Uint8Array;
  try {
    root = rootOfPrints(proof, hash);
  } catch (error) {
    if (!(error instanceof ProofError)) throw error;
    return without('failed', 'not_included');
  }
  const checkpoint = { origin: originOfPrints(facts.city, log), size, root };
  const text = checkpointText(checkpoint);
  // With another leaf or path the root is another one, which nobody signed.
  if (!keys.some(({ publicKey }) => verify(proof.signature, utf8Bytes(text), publicKey)))
    return without('failed', 'log_signature_wrong');
  const unsigned = { ...checkpoint, note: { text, signatures: [] } };
  return {
    logged: { check: 'logged', state: 'passed', why: null },
    ...judgeWitnesses(proof, unsigned, policy, verify),
  };
}

/** A cosignature of an unknown key is passed over; a wrong one in a known key's name fails. */
function judgeWitnesses(
  { cosignatures }: PrintedProof,
  checkpoint: SignedCheckpoint,
  policy: Policy,
  verify: VerifyEd25519,
): Omit<JudgedLog, 'logged'> {
  const line = (state: CheckState, why: WitnessedLine['why']): WitnessedLine => ({
    check: 'witnessed',
    state,
    why,
  });
  const witnesses: PrintWitness[] = [];
  for (const { name, key } of policy.witnesses) {
    const own = cosignatures.find(({ id }) => sameBytes(id, key.id));
    if (own === undefined) continue;
    const signature = new Uint8Array(8 + own.signature.length);
    new DataView(signature.buffer).setUint32(4, own.time);
    signature.set(own.signature, 8);
    const note = { ...checkpoint.note, signatures: [{ name: key.name, id: key.id, signature }] };
    try {
      findCosignature({ ...checkpoint, note }, key, verify);
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      return { witnessed: line('failed', 'cosignature_wrong'), witnesses: [] };
    }
    witnesses.push({ name, time: own.time });
  }
  if (!isQuorum(policy.quorum, new Set(witnesses.map(({ name }) => name))))
    return { witnessed: line('failed', 'quorum_missing'), witnesses };
  return witnesses.length === 0
    ? { witnessed: line('not-checked', 'none_needed'), witnesses }
    : { witnessed: line('passed', null), witnesses };
}
