import { fromHex, hex, ProductError, utf8Bytes } from '#libs/kernel';
import { parsePolicy, verifyBook, verifyRelease } from '#libs/verify';
import type { City } from '../city.js';
import type { Script } from '../script.js';
import type { Done } from './window.js';

interface Book {
  readonly stream: string;
  readonly records: readonly string[];
  readonly receipts: readonly string[];
  readonly head: string;
}

/**
 * Everything that window and holder can prove, computed here from public keys alone, without asking
 * the city.
 */
export async function nothingNeedsToBeBelieved(
  script: Script,
  city: City,
  { release }: Done,
): Promise<void> {
  script.title(
    'The release is in the sealed log, and the holder’s book is complete: shown offline',
  );
  const policy = parsePolicy(await (await fetch(`${city.baseUrl}/log/policy`)).text());
  const { handedOver, receipt, record } = release;
  script.check('the reply carried a receipt', receipt.receipt !== null, receipt);
  if (receipt.receipt === null) return;
  const file = {
    handedOver,
    record: utf8Bytes(record.bytes),
    salt: record.salt,
    receipt: utf8Bytes(receipt.receipt),
  };
  const shown = verifyRelease(file, policy);
  script.same(
    'the log has the record of exactly what was handed over',
    shown.record.type,
    'ConsentRedeemed',
  );
  script.same('which is the one that the reply named', hex(shown.leaf), record.hash);
  const other = { ...handedOver, purpose: { zh: '另一个用途', en: 'something else' } };
  script.same(
    'with anything else under the same record and receipt it is refused',
    refusal(() => verifyRelease({ ...file, handedOver: other }, policy)),
    'handed_over_other',
  );
  script.say(
    `leaf ${shown.index} of ${shown.checkpoint.origin}, signed at ${shown.checkpoint.size} leaves, cosigned by ${shown.witnesses.map(({ name }) => name).join(', ') || 'nobody'}`,
  );
  const book = script.must<Book>('the phone fetches its book', await city.phone(0).ask('book'));
  const whole = verifyBook(
    {
      stream: book.stream,
      records: book.records.map(utf8Bytes),
      receipts: book.receipts.map(utf8Bytes),
      head: utf8Bytes(book.head),
    },
    policy,
  );
  script.same(
    'contiguous, chained, each record sealed, up to a head that the city signed',
    whole.head.version,
    book.records.length - 1,
  );
  script.same('the release is among them', whole.leaves[record.version], fromHex(record.hash));
}

/** The code with which it is refused. */
function refusal(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ProductError) return String(error.code);
    throw error;
  }
  return 'accepted';
}
