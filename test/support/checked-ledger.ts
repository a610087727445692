import { randomBytes } from 'node:crypto';
import { canonicalize, type JsonObject } from '#libs/kernel';
import { formatCheckpoint } from '#libs/log';
import { bookOf } from '#libs/subject';
import { matchCommitment } from '#libs/verify';
import { checkLedger } from '../../libs/audit/ledger-check/check-ledger.js';
import { TestKey } from './keys.js';
import { city, type SealedLedger } from './sealed-ledger.js';

const patience = 30_000;

export const check = async (ledger: SealedLedger, checkpoints: readonly Uint8Array[] = []) =>
  checkLedger(ledger.database.pool, ledger.database.url, {
    city,
    policy: ledger.policy,
    checkpoints,
    threads: 0,
    // A store without a cache of what the tables held.
    ...(ledger.place === 'elsewhere' && { store: await ledger.openStore() }),
  });
export const findings = async (ledger: SealedLedger, checkpoints?: readonly Uint8Array[]) =>
  (await check(ledger, checkpoints)).findings;

export const sealAll = async (ledger: SealedLedger) => {
  const sealer = ledger.sealer();
  sealer.start();
  const checkpoint = await sealer.reached(await ledger.size(), patience);
  await sealer.stop();
  return Buffer.from(formatCheckpoint(checkpoint!));
};
export const moment = '2026-11-22T01:02:03.004Z';
export const minutesLater = '2026-11-22T01:12:03.004Z';
export const daysLater = '2026-11-25T01:02:03.004Z';

export interface Said {
  readonly time?: string;
  readonly schema?: number;
  readonly operator?: string;
}
export const sayIn =
  (ledger: () => SealedLedger) =>
  async (stream: string, type: string, data: JsonObject, { time, schema, operator }: Said = {}) => {
    const { store } = ledger();
    const expected = (await store.readStream(stream)).length - 1;
    await store.append(stream, expected, [
      {
        id: randomBytes(16).toString('hex'),
        type,
        schema: schema ?? 1,
        time: time ?? moment,
        actor: { client: 'window-7', ...(operator !== undefined && { operator }) },
        data,
      },
    ]);
  };
export type Say = ReturnType<typeof sayIn>;

export const phone = new TestKey();
export const id = () => randomBytes(16).toString('base64url');

/** A consent, from its request to the last reading; each step makes one record. */
export function scene(say: Say) {
  const [subject, ofCase, consent] = [id(), id(), id()];
  const book = bookOf(subject);
  const noticeHash = randomBytes(32).toString('base64url');
  const grant = {
    answer: 'grant',
    capacity: 'self',
    case: ofCase,
    consent,
    digits: '37',
    iat: 1,
    noticeHash,
  };
  const match = { digits: '37', salt: randomBytes(32).toString('base64url') };
  const used = { material: 'M1', certificate: id(), type: 'ZZ001' };
  const read = { ...used, number: 1, streamVersion: 0, head: '', fields: ['name'] };
  return {
    book,
    match,
    read,
    used,
    open: (identifiedBy = 'number') =>
      say(`case-${ofCase}`, 'CaseOpened', {
        case: ofCase,
        participants: [{ subject, role: 'applicant', identifiedBy }],
      }),
    close: (how?: Said) => say(`case-${ofCase}`, 'CaseClosed', { case: ofCase }, how),
    enrol: async (whose = subject) => {
      await say(`subject-${whose}`, 'PhoneKeyOffered', {
        jkt: phone.jkt,
        jwk: phone.jwk as JsonObject,
      });
      await say(`subject-${whose}`, 'PhoneEnrolled', { jkt: phone.jkt });
    },
    ask: (how?: Said, changed: JsonObject = {}) =>
      say(
        book,
        'ConsentRequested',
        {
          consent,
          case: ofCase,
          role: 'applicant',
          action: 'read',
          basis: 'consent',
          match: { commitment: matchCommitment(consent, match) },
          asks: [{ material: 'M1', answers: [{ type: 'ZZ001', fields: ['name', 'day'] }] }],
          notice: { hash: noticeHash },
          ...changed,
        },
        how,
      ),
    grant: (changed: object = {}, key = phone, recorded: JsonObject = {}) =>
      say(book, 'ConsentGranted', {
        consent,
        caller: subject,
        capacity: 'self',
        match,
        proof: {
          method: 'jws',
          jkt: phone.jkt,
          jws: key.sign({ typ: 'consent-grant+jws' }, canonicalize({ ...grant, ...changed })),
        },
        ...recorded,
      }),
    mismatch: (ends: boolean, caller = subject) =>
      say(book, 'NumberMismatched', { consent, caller, ends }),
    refuse: (caller = subject) => say(book, 'ConsentRefused', { consent, caller }),
    withdraw: (caller = subject) => say(book, 'ConsentWithdrawn', { consent, caller }),
    end: () => say(book, 'ConsentEnded', { consent, reason: 'material_brought' }),
    tellNothing: (ends = false, reading = 0) =>
      say(book, 'NothingReleased', { consent, reading, missing: [], ends }),
    redeem: (changed: JsonObject = {}, how?: Said) =>
      say(
        book,
        'ConsentRedeemed',
        {
          consent,
          case: ofCase,
          caseVersion: 0,
          action: 'read',
          basis: 'consent',
          read: [read],
          ...changed,
        },
        how,
      ),
    withhold: (reading = 0) => say(book, 'ReleaseWithheld', { consent, reading }),
    readAgain: (changed: JsonObject = {}, how?: Said) =>
      say(book, 'ReleaseReadAgain', { consent, reading: 1, used: [used], ...changed }, how),
  };
}
export type Scene = ReturnType<typeof scene>;
export type Steps = (s: Scene) => (() => Promise<void>)[];
