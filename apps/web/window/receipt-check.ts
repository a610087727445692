import type { Schemas } from '#libs/api-client';
import { type JsonObject, type JsonValue, ProductError, utf8Bytes } from '#libs/kernel';
import { parseCheckpoint } from '#libs/log';
import {
  isQuorum,
  openAuthorityKeys,
  parsePolicy,
  type Policy,
  trustCheckpoint,
  verifyAuthorityWords,
  verifyReceipt,
  verifyRelease,
} from '#libs/verify';

export type Reply = Schemas['ReceiptedDto'];

/** What the page checks with: texts that it fetched before, so that no check needs the network. */
export interface Trust {
  /** C2SP tlog-policy. */
  readonly policy: string;
  /** The log's note of all keys of authorities. */
  readonly authorityKeys: string;
  /** Null while the seal is pending. */
  readonly receipt: string | null;
}

/** Whether a certificate is the word of its authority. */
export interface WordCheck {
  readonly material: string;
  readonly type: string;
  readonly ok: boolean;
  /** Thumbprint of the key; null where none was found. */
  readonly key: string | null;
  /** Why not: a code of contracts/codes.json. */
  readonly code: string | null;
}

/** One line of the receipt's check. */
export interface CheckLine {
  readonly is: 'log' | 'witnesses' | 'content' | 'authority';
  readonly state: 'ok' | 'failed' | 'pending';
  readonly code: string | null;
  /** The log's name, counts of witnesses, a certificate's type and key: by kind of line. */
  readonly facts: Readonly<Record<string, string | number>>;
}

const anyQuorum = (policy: Policy): Policy => ({
  ...policy,
  quorum: { is: 'group', needed: 0, of: [] },
});

/** The code of a typed refusal; anything else that is thrown is a fault of the page. */
function codeOf(error: unknown): string {
  if (error instanceof ProductError) return String(error.code);
  throw error;
}

/** Each certificate of a release by itself: one that is wrong takes no other with it. */
export function checkWords(reply: Reply, trust: Trust): readonly WordCheck[] {
  const policy = parsePolicy(trust.policy);
  const keys = openAuthorityKeys(utf8Bytes(trust.authorityKeys), policy);
  const leaf =
    trust.receipt === null
      ? keys.size
      : verifyReceipt(utf8Bytes(trust.receipt), anyQuorum(policy), utf8Bytes(reply.record.bytes))
          .index;
  return reply.handedOver.materials.map((one): WordCheck => {
    const { material, type } = one;
    try {
      const [word] = verifyAuthorityWords(
        { materials: [one as unknown as JsonObject] },
        keys,
        leaf,
      );
      return { material, type, ok: word !== undefined, key: word?.key.kid ?? null, code: null };
    } catch (error) {
      return { material, type, ok: false, key: null, code: codeOf(error) };
    }
  });
}

/** Line by line, from texts alone. */
export function checkReceipt(reply: Reply, trust: Trust): readonly CheckLine[] {
  const { receipt } = trust;
  const words = checkWords(reply, trust).map(({ type, ok, key, code }): CheckLine => ({
    is: 'authority',
    state: ok ? 'ok' : 'failed',
    code,
    facts: { type, key: key ?? '' },
  }));
  if (receipt === null) {
    const pending = { state: 'pending', code: null, facts: {} } as const;
    return [
      { is: 'log', ...pending },
      { is: 'witnesses', ...pending },
      { is: 'content', ...pending },
      ...words,
    ];
  }
  const policy = parsePolicy(trust.policy);
  const record = utf8Bytes(reply.record.bytes);
  const lines: CheckLine[] = [];
  const line = (is: CheckLine['is'], check: () => CheckLine['facts']) => {
    try {
      lines.push({ is, state: 'ok', code: null, facts: check() });
    } catch (error) {
      lines.push({ is, state: 'failed', code: codeOf(error), facts: {} });
    }
  };
  line('log', () => {
    const { checkpoint, index } = verifyReceipt(utf8Bytes(receipt), anyQuorum(policy), record);
    return { origin: checkpoint.origin, index, size: checkpoint.size };
  });
  line('witnesses', () => {
    const { witnesses } = verifyReceipt(utf8Bytes(receipt), policy, record);
    return { seen: witnesses.length, of: policy.witnesses.length };
  });
  line('content', () => {
    verifyRelease(
      {
        handedOver: reply.handedOver as unknown as JsonValue,
        record,
        salt: reply.record.salt,
        receipt: utf8Bytes(receipt),
      },
      anyQuorum(policy),
    );
    return { materials: reply.handedOver.materials.length };
  });
  return [...lines, ...words];
}

/** How the log stands by its latest checkpoint. */
export interface LogStatus {
  readonly state: 'ok' | 'witnesses-missing' | 'broken';
  readonly seen: number;
  readonly of: number;
}

export function checkLog(policyText: string, checkpointText: string): LogStatus {
  const policy = parsePolicy(policyText);
  const of = policy.witnesses.length;
  try {
    const { witnesses } = trustCheckpoint(
      parseCheckpoint(utf8Bytes(checkpointText)),
      anyQuorum(policy),
    );
    const names = new Set(witnesses.map(({ name }) => name));
    const enough = isQuorum(policy.quorum, names) && names.size === of;
    return { state: enough ? 'ok' : 'witnesses-missing', seen: names.size, of };
  } catch (error) {
    codeOf(error);
    return { state: 'broken', seen: 0, of };
  }
}
