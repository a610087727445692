import { createHash } from 'node:crypto';
import { CompactSign } from 'jose';
import { createPhoneClient, type Schemas, signStatement } from '#libs/api-client';
import { canonicalize, utf8Bytes } from '#libs/kernel';
import { perform } from '../stage.js';
import { baseUrl, command, commandOn, explain, newKey, nowSeconds, told } from './door.js';

/** A holder's phone: its key never leaves it. It signs the hash of the text that it shows. */
const key = await newKey('ES256');
const api = createPhoneClient(baseUrl, key);

async function show(consent: string): Promise<Schemas['HolderConsentDto']> {
  const shown = await told(
    api.GET('/v1/phone/consents/{consent}', { params: { path: { consent } } }),
  );
  const { version, zh, en, hash } = shown.notice;
  const text = canonicalize({ version, zh, en, consent });
  const computed = createHash('sha256').update(text).digest('base64url');
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
      const body = { code, jwk: { ...key.publicJwk }, proof };
      return told(api.POST('/v1/enrolments/offer', { params: command(), body }));
    },
    qr: () => told(api.POST('/v1/phone/codes', { params: command() })),
    show: ({ consent }: { consent: string }) => show(consent),
    async grant({
      consent,
      number = null,
      capacity = 'self',
    }: {
      consent: string;
      number?: string | null;
      capacity?: string;
    }) {
      const { case: atCase, notice } = await show(consent);
      const payload = {
        answer: 'grant',
        capacity,
        case: atCase,
        consent,
        digits: number,
        iat: nowSeconds(),
        noticeHash: notice.hash,
      };
      const jws = await new CompactSign(utf8Bytes(canonicalize(payload)))
        .setProtectedHeader({ alg: key.alg, typ: 'consent-grant+jws', kid: key.jkt })
        .sign(key.privateKey);
      return told(
        api.POST('/v1/phone/consents/{consent}/grant', {
          params: commandOn({ consent }),
          body: { jws },
        }),
      );
    },
    refuse: ({ consent }: { consent: string }) =>
      told(api.POST('/v1/phone/consents/{consent}/refuse', { params: commandOn({ consent }) })),
    accesses: () => told(api.GET('/v1/phone/accesses')),
    book: () => told(api.GET('/v1/phone/book')),
  },
  explain,
);
