import { createHash } from 'node:crypto';
import { CompactSign } from 'jose';
import { phoneFetch, signStatement } from '#libs/api-client';
import { canonicalize, utf8Bytes } from '#libs/kernel';
import { perform } from '../stage.js';
import { baseUrl, Door, explain, newKey, nowSeconds } from './door.js';

/** A holder's phone: its key never leaves it. It signs the hash of the text that it shows. */
const key = await newKey('ES256');
const door = new Door(baseUrl, phoneFetch(key));

interface Shown {
  readonly consent: string;
  readonly case: string;
  readonly notice: {
    readonly version: number;
    readonly zh: string;
    readonly en: string;
    readonly hash: string;
  };
}

async function show(consent: string): Promise<Shown> {
  const shown = (await door.get(`/v1/phone/consents/${consent}`)) as Shown;
  const { version, zh, en, hash } = shown.notice;
  const computed = createHash('sha256')
    .update(canonicalize({ version, zh, en, consent }))
    .digest('base64url');
  if (computed !== hash) throw new TypeError('the text shown is not the text that is hashed');
  return shown;
}

perform(
  {
    async offer({ code }: { code: string }) {
      const codeHash = createHash('sha256').update(code).digest('base64url');
      const proof = await signStatement(key, 'phone-key+jws', {
        codeHash,
        jkt: key.jkt,
        iat: nowSeconds(),
      });
      return door.post('/v1/enrolments/offer', { code, jwk: key.publicJwk, proof });
    },
    qr: () => door.post('/v1/phone/codes'),
    waiting: () => door.get('/v1/phone/consents'),
    show: ({ consent }: { consent: string }) => show(consent),
    async grant({ consent, capacity = 'self' }: { consent: string; capacity?: string }) {
      const { case: atCase, notice } = await show(consent);
      const payload = {
        answer: 'grant',
        capacity,
        case: atCase,
        consent,
        iat: nowSeconds(),
        noticeHash: notice.hash,
      };
      const jws = await new CompactSign(utf8Bytes(canonicalize(payload)))
        .setProtectedHeader({ alg: key.alg, typ: 'consent-grant+jws', kid: key.jkt })
        .sign(key.privateKey);
      return door.post(`/v1/phone/consents/${consent}/grant`, { jws });
    },
    refuse: ({ consent }: { consent: string }) => door.post(`/v1/phone/consents/${consent}/refuse`),
    withdraw: ({ consent }: { consent: string }) =>
      door.post(`/v1/phone/consents/${consent}/withdraw`),
    accesses: () => door.get('/v1/phone/accesses'),
    wallet: () => door.get('/v1/phone/wallet'),
  },
  explain,
);
