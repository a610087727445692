import { createPrivateKey } from 'node:crypto';
import type { Schemas } from '#libs/api-client';
import { type CertificateContent } from '#libs/certificate';
import { signCertificate } from '#libs/department-client';
import { perform } from '../stage.js';
import { command, commandOn, explain, told } from './door.js';
import { own, registered } from './registered.js';

/** An issuing authority's program: signs certificates with its own key, and submits them. */
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
      const answer = await told(
        own.api().POST('/v1/certificates/batch', {
          params: command(),
          headers: { 'content-type': 'application/x-ndjson' },
          body: `${lines.join('\n')}\n`,
          bodySerializer: (body: unknown) => body as string,
          parseAs: 'text',
        }),
      );
      return answer
        .trimEnd()
        .split('\n')
        .map((line): unknown => JSON.parse(line));
    },
    async issue({ content }: { content: CertificateContent }) {
      const body = { sdJwt: await sign(content) };
      return told(own.api().POST('/v1/certificates', { params: command(), body }));
    },
    revoke: ({ certificate, ...body }: { certificate: string } & Schemas['RevokeDto']) =>
      told(
        own.api().POST('/v1/certificates/{certificate}/revoke', {
          params: commandOn({ certificate }),
          body,
        }),
      ),
  },
  explain,
);
