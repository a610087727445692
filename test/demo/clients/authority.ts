import { createPrivateKey } from 'node:crypto';
import { type CertificateContent, signCertificate } from '#libs/certificate';
import { perform } from '../stage.js';
import { explain } from './door.js';
import { own, registered } from './registered.js';

/** An issuing authority's program: signs certificates with its own key, and hands them in. */
const sign = (content: CertificateContent) =>
  signCertificate(content, {
    kid: own.key.jkt,
    alg: own.key.alg,
    key: createPrivateKey({ key: own.privateJwk, format: 'jwk' }),
  });

perform(
  {
    ...registered,
    async issueMany({ contents }: { contents: readonly CertificateContent[] }) {
      const lines = await Promise.all(
        contents.map(async (content) => JSON.stringify({ sdJwt: await sign(content) })),
      );
      return own.door().post('/v1/certificates/batch', `${lines.join('\n')}\n`, {
        'content-type': 'application/x-ndjson',
      });
    },
    async issue({ content }: { content: CertificateContent }) {
      return own.door().post('/v1/certificates', { sdJwt: await sign(content) });
    },
    revoke: ({ certificate, reason }: { certificate: string; reason: string }) =>
      own.door().post(`/v1/certificates/${certificate}/revoke`, { reason }),
    find: ({ certificate }: { certificate: string }) =>
      own.door().get(`/v1/certificates/${certificate}`),
  },
  explain,
);
