import type { JsonObject, JsonValue } from '#libs/kernel';
import type { FindingCode } from './finding.js';

/** What a record says, as the rules take it. */
export interface DecodedRecord {
  readonly at: { readonly leaf: number; readonly stream: string; readonly version: number };
  readonly said: JsonObject;
  /** Reports a finding about the record. */
  readonly found: (what: FindingCode) => void;
}

export function text(said: JsonObject, member: string): string {
  const value = said[member];
  return typeof value === 'string' ? value : '';
}

export const list = (value: JsonValue | undefined): readonly JsonValue[] =>
  Array.isArray(value) ? (value as readonly JsonValue[]) : [];
