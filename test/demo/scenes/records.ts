import { fromHex, hex, utf8Bytes } from '#libs/kernel';
import { leafHash, readRecord } from '#libs/log';
import type { City } from '../city.js';
import type { Script } from '../script.js';
import type { Done } from './window.js';

interface Accesses {
  readonly accesses: readonly {
    readonly kind: string;
    readonly version: number;
    readonly hash: string;
    readonly department: string;
  }[];
}
interface Records {
  readonly records: readonly {
    readonly version: number;
    readonly hash: string;
    readonly bytes: string;
  }[];
}

/**
 * The holder's book on the phone, and the same records as an auditor reads them: the stored bytes
 * are hashed here, not believed.
 */
export async function recordsAreAsToldThem(script: Script, city: City, done: Done): Promise<void> {
  script.title(
    'The access appears in the holder’s book, and the ledger holds what the replies said',
  );
  const { accesses } = script.must<Accesses>(
    'the holder looks at the accesses',
    await city.phone(0).ask('accesses'),
  );
  script.same(
    'newest last: asked, granted, released',
    accesses.map(({ kind }) => kind).toSorted(),
    ['granted', 'released', 'requested'],
  );
  const { record } = done.release;
  script.check(
    'the release stands there with the hash that the window was given',
    accesses.some(({ kind, hash }) => kind === 'released' && hash === record.hash),
    accesses,
  );

  const book = script.must<Records>(
    'the auditor reads the book',
    await city.auditor.ask('records', { stream: record.stream }),
  );
  const bodies = book.records.map(({ bytes }) => readRecord(utf8Bytes(bytes)));
  script.same(
    'its versions are contiguous from 0',
    bodies.map(({ version }) => version),
    bodies.map((_, n) => n),
  );
  script.check(
    'every stored record has the hash that is told, and the next one carries it',
    book.records.every(({ bytes, hash }, n) => {
      const computed = hex(leafHash(utf8Bytes(bytes)));
      const next = bodies[n + 1];
      return computed === hash && (next === undefined || next.prev === computed);
    }),
  );
  const redeemed = bodies[record.version];
  script.check(
    'the record of the release: type, case, fields, commitment',
    redeemed?.type === 'ConsentRedeemed' &&
      redeemed.data['case'] === done.case &&
      redeemed.data['commitment'] === record.commitment,
    redeemed,
  );
  script.same('its hash is the one on the reply', fromHex(record.hash)?.length, 32);

  const certificate = city.certificate(0, 'ZZ001');
  const issued = script.must<Records>(
    'the auditor reads the certificate',
    await city.auditor.ask('records', { stream: `certificate-${certificate}` }),
  );
  const everything = [...book.records, ...issued.records].map(({ bytes }) => bytes).join('\n');
  const { name, number, address } = city.person(0);
  script.check(
    'no name, number or address stands in any of these records',
    ![name, number, address].some((personal) => everything.includes(personal)),
  );
}
