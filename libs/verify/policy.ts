import { hex, InvalidError } from '#libs/kernel';
import { NoteError, parseKey, SignatureType, type VerifierKey } from '#libs/log';
import { opaqueText } from './opaque-text.js';

/**
 * Whom a verifier trusts: C2SP tlog-policy. The logs whose checkpoints count, the witnesses that
 * are known, and which of them must have cosigned.
 */
export interface Policy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly quorum: Quorum;
}

/**
 * A log's key name is its origin, exactly. A log may have several keys, each on a line of its own:
 * any one of them may have signed.
 */
export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url: string | null;
}

export interface PolicyWitness {
  /** Only within the policy. */
  readonly name: string;
  readonly key: VerifierKey;
  /** Its submission prefix (tlog-witness). */
  readonly url: string | null;
  /**
   * Its monitoring prefix, where that is another: from a comment line `#monitoring <name> <url>`,
   * which other readers of policies pass over.
   */
  readonly monitoringUrl: string | null;
}

/**
 * `of` at least `needed`; no members and nothing needed is `quorum none`. A witness is a leaf of
 * the tree.
 */
export type Quorum =
  | { readonly is: 'witness'; readonly name: string }
  | { readonly is: 'group'; readonly needed: number; readonly of: readonly Quorum[] };

export class PolicyError extends InvalidError<
  'policy_malformed' | 'policy_duplicate' | 'policy_unknown_name' | 'policy_too_large'
> {}

const none: Quorum = { is: 'group', needed: 0, of: [] };
const maxLines = 1000;

/**
 * @param policy the file's octets, or its text. Octets that are no UTF-8 may occur in comments,
 * names and URLs, and are kept distinct
 * @throws PolicyError, naming the line
 */
export function parsePolicy(policy: string | Uint8Array): Policy {
  const reader = new PolicyReader();
  const lines = (typeof policy === 'string' ? policy : opaqueText(policy)).split('\n');
  if (lines.length > maxLines)
    throw new PolicyError('policy_too_large', `a policy has at most ${maxLines} lines`);
  lines.forEach((line, n) => {
    reader.read(line, n + 1);
  });
  return reader.policy();
}

/** The keys of the log whose name is exactly `origin`; none where the policy does not name it. */
export const keysOfLog = ({ logs }: Policy, origin: string): readonly VerifierKey[] =>
  logs.map(({ key }) => key).filter(({ name }) => name === origin);

/** Whether the witnesses named are enough. Each name counts once, however often it cosigned. */
export function isQuorum(quorum: Quorum, witnesses: ReadonlySet<string>): boolean {
  switch (quorum.is) {
    case 'witness':
      return witnesses.has(quorum.name);
    case 'group':
      return quorum.of.filter((member) => isQuorum(member, witnesses)).length >= quorum.needed;
  }
}

class PolicyReader {
  readonly #logs: PolicyLog[] = [];
  readonly #witnesses: PolicyWitness[] = [];
  readonly #names = new Map<string, Quorum>();
  /** tlog-policy: a name is a member once at most, so that a witness can count in one way only. */
  readonly #members = new Set<string>();
  readonly #keys = new Set<string>();
  readonly #monitoring = new Map<string, { readonly url: string; readonly bad: Complaint }>();
  #quorum: Quorum | undefined;

  read(line: string, at: number) {
    const bad = (code: PolicyError['code'], what: string, cause?: unknown) =>
      new PolicyError(code, `line ${at} of the policy: ${what}`, { line: at }, { cause });
    if (/[^\t\x20-\x7e\x80-\u{10ffff}]/u.test(line))
      throw bad('policy_malformed', 'a control character');
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    const [keyword = '#', ...rest] = words;
    if (keyword.startsWith('#') && keyword !== '#monitoring') return;
    switch (keyword) {
      case '#monitoring': {
        const [name = '', url = '', ...more] = rest;
        // A comment may begin with any word: this line is a comment unless it has a URL here.
        if (!/^https?:\/\//.test(url) || more.length > 0) return;
        if (this.#monitoring.has(name)) throw bad('policy_duplicate', 'a second monitoring prefix');
        this.#monitoring.set(name, { url, bad });
        return;
      }
      case 'log': {
        const [vkey = '', url = null, ...more] = rest;
        if (more.length > 0) throw bad('policy_malformed', 'too many words');
        this.#logs.push({ key: this.#key(vkey, 'log', SignatureType.ed25519, bad), url });
        return;
      }
      case 'witness': {
        const [name = '', vkey = '', url = null, ...more] = rest;
        if (more.length > 0) throw bad('policy_malformed', 'too many words');
        const key = this.#key(vkey, 'witness', SignatureType.cosignature, bad);
        this.#name(name, { is: 'witness', name }, bad);
        this.#witnesses.push({ name, key, url, monitoringUrl: null });
        return;
      }
      case 'group': {
        const [name = '', count = '', ...names] = rest;
        const of = names.map((member) => this.#member(member, bad));
        const needed = count === 'any' ? 1 : count === 'all' ? of.length : Number(count);
        const written = /^(any|all|[1-9]\d*)$/.test(count);
        if (!written || of.length === 0 || needed > of.length)
          throw bad('policy_malformed', 'a group needs some of its members');
        this.#name(name, { is: 'group', needed, of }, bad);
        return;
      }
      case 'quorum': {
        const [name = '', ...more] = rest;
        if (more.length > 0) throw bad('policy_malformed', 'too many words');
        if (this.#quorum !== undefined) throw bad('policy_duplicate', 'a second quorum');
        const quorum = name === 'none' ? none : this.#names.get(name);
        if (quorum === undefined)
          throw bad('policy_unknown_name', 'the name is not defined before this line');
        this.#quorum = quorum;
        return;
      }
      default:
        throw bad('policy_malformed', 'an unknown keyword');
    }
  }

  policy(): Policy {
    if (this.#quorum === undefined)
      throw new PolicyError('policy_malformed', 'the policy has no quorum line');
    for (const [name, { bad }] of this.#monitoring)
      if (!this.#witnesses.some((witness) => witness.name === name))
        throw bad('policy_unknown_name', 'a monitoring prefix of no witness');
    const witnesses = this.#witnesses.map((witness) => ({
      ...witness,
      monitoringUrl: this.#monitoring.get(witness.name)?.url ?? null,
    }));
    return { logs: this.#logs, witnesses, quorum: this.#quorum };
  }

  #key(
    vkey: string,
    of: 'log' | 'witness',
    type: VerifierKey['type'],
    bad: Complaint,
  ): VerifierKey {
    let key: VerifierKey;
    try {
      key = parseKey(vkey);
    } catch (cause) {
      if (!(cause instanceof NoteError)) throw cause;
      throw bad('policy_malformed', 'no verifier key', cause);
    }
    if (key.type !== type) throw bad('policy_malformed', `no key of a ${of}`);
    // The same public key under two names, or as a log's and a witness's, would let one signer
    // count twice.
    const known = hex(key.publicKey);
    if (this.#keys.has(known)) throw bad('policy_duplicate', 'the same public key again');
    this.#keys.add(known);
    return key;
  }

  #name(name: string, quorum: Quorum, bad: Complaint) {
    if (name === '' || name === 'none') throw bad('policy_malformed', 'a name that cannot be');
    if (this.#names.has(name)) throw bad('policy_duplicate', 'the same name again');
    this.#names.set(name, quorum);
  }

  #member(name: string, bad: Complaint): Quorum {
    const quorum = this.#names.get(name);
    if (quorum === undefined)
      throw bad('policy_unknown_name', 'the name is not defined before this line');
    if (this.#members.has(name)) throw bad('policy_duplicate', 'a member of two groups');
    this.#members.add(name);
    return quorum;
  }
}

type Complaint = (code: PolicyError['code'], what: string, cause?: unknown) => PolicyError;
