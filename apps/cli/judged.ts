import { CheckpointError, NoteError, ProofError, RecordError, ReceiptError } from '#libs/log';
import {
  AuthorityKeysRefused,
  AuthorityRefused,
  BookConsentsRefused,
  BookRefused,
  NotProved,
  PagesRecordRefused,
  ReleaseRefused,
  StatementKeysRefused,
  StatementRefused,
} from '#libs/verify';
import { couldNotBeChecked } from './group.js';
import { KeysOfOtherLog, OtherRecord } from './offline.js';
import { isQuiet } from './output.js';

/** What was looked at and does not hold. Whatever else goes wrong kept us from looking. */
const verdicts = [
  NotProved,
  PagesRecordRefused,
  BookRefused,
  BookConsentsRefused,
  ReleaseRefused,
  StatementRefused,
  StatementKeysRefused,
  AuthorityKeysRefused,
  AuthorityRefused,
  KeysOfOtherLog,
  OtherRecord,
  ReceiptError,
  RecordError,
  CheckpointError,
  NoteError,
  ProofError,
] as const;

/**
 * What a check that was ended by an error comes to: 1 where something does not hold, 2 where that
 * could not be found out.
 */
export const exitCodeOf = (error: unknown): number =>
  verdicts.some((kind) => error instanceof kind) ? 1 : couldNotBeChecked;

/**
 * A check that ends the program with 0 where it holds, 1 where it does not, and 2 where that could
 * not be found out.
 */
export const judged =
  <Given extends readonly unknown[]>(check: (...given: Given) => Promise<void>) =>
  async (...given: Given): Promise<void> => {
    try {
      await check(...given);
    } catch (error) {
      const code = exitCodeOf(error);
      process.exitCode = code;
      // The exit code says that the check failed; why nothing could be checked needs a message.
      if (code === 1 && isQuiet()) return;
      throw error;
    }
  };
