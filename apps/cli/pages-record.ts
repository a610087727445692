import {
  InvalidError,
  isObject,
  type JsonValue,
  parseJson,
  utf8Bytes,
  utf8Text,
} from '#libs/kernel';
import { PagesRecordRefused, type Policy, type VerifiedPages, verifyPages } from '#libs/verify';
import type { CityDoor } from './city-door.js';
import { exitCodeOf } from './judged.js';
import { means } from './offline.js';

/** The city answers at `/log/pages` with something else than a set of pages. */
class PagesAnswerWrong extends InvalidError<'pages_answer_wrong'> {}

/** Bytes that an answer with a record may take: the record itself has less than 64 KiB. */
const most = 512 * 1024;

/** What a city's log shows of a set of pages: its record, or why that does not hold. */
export type ShownInLog =
  | { readonly recorded: true; readonly pages: VerifiedPages }
  | { readonly recorded: false; readonly code: string; readonly why: string };

/**
 * Whether the log of a city has a record of the set.
 * @throws CityUnreachable and what else keeps from finding out
 */
export async function shownInLog(door: CityDoor, set: string, policy: Policy): Promise<ShownInLog> {
  const answer = await door.read(`/log/pages/${set}`, most, false);
  if (answer === null)
    return { recorded: false, code: 'pages_not_recorded', why: 'it has no record of the set' };
  const { record, receipt } = answerIn(answer);
  try {
    const pages = verifyPages(utf8Bytes(record), utf8Bytes(receipt), policy, means);
    if (pages.set !== set)
      throw new PagesRecordRefused('pages_record_other', 'the record is of another set');
    return { recorded: true, pages };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error) || exitCodeOf(error) !== 1) throw error;
    return { recorded: false, code: String(error.code), why: error.message };
  }
}

/** @throws PagesAnswerWrong */
function answerIn(bytes: Uint8Array) {
  const value = jsonIn(bytes);
  const record = isObject(value) && isObject(value['record']) ? value['record']['bytes'] : null;
  const receipt = isObject(value) ? value['receipt'] : null;
  if (typeof record !== 'string' || typeof receipt !== 'string')
    throw new PagesAnswerWrong(
      'pages_answer_wrong',
      'the city does not answer with a record and its receipt',
    );
  return { record, receipt };
}

function jsonIn(bytes: Uint8Array): JsonValue {
  try {
    return parseJson(utf8Text(bytes), 8);
  } catch {
    return null;
  }
}
