import { createPrivateKey } from 'node:crypto';
import { Readable } from 'node:stream';
import { clientFetch } from '#libs/api-client';
import {
  Contradictions,
  CityRefused,
  importCertificates,
  ImportingCity,
  type Row,
  saltSecretOf,
  type SigningKey,
  type Source,
} from '#libs/department-client';
import type { Authority } from './authorities.js';
import { answered } from './answered.js';
import type { OwnClient } from './clients.js';
import type { Paper } from './population/paper.js';
import type { TrialState } from './state.js';

type OwnAuthority = OwnClient & { readonly is: Authority };

/** Authorities that sign and hand in beside one another. */
const atOnce = 3;

/**
 * Every authority signs its certificates with its own key and submits them, like an import; those
 * submitted before a crash are recognised by their content.
 * @param onIssued called after each authority, with its number of certificates so far
 * @throws CityRefused, CityUnreachable
 */
export async function issueAll(
  url: string,
  own: readonly OwnAuthority[],
  papers: readonly Paper[],
  state: TrialState,
  onIssued: (authority: Authority, count: number) => void,
): Promise<void> {
  const { issued } = state.kept;
  const waiting = own.filter(({ is }) => !issued.includes(is.department));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { is } = next;
      const its = papers.filter(({ type }) => is.types.includes(type));
      await issue(url, next, its);
      issued.push(is.department);
      await state.save();
      onIssued(is, its.length);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

async function issue(url: string, own: OwnAuthority, papers: readonly Paper[]): Promise<void> {
  const { client, key, scopes, details } = own;
  const creditCode = details.authority?.creditCode ?? '';
  const privateKey = createPrivateKey({ key: { ...own.privateJwk }, format: 'jwk' });
  const signing: SigningKey = { kid: key.jkt, alg: key.alg, key: privateKey };
  const certificates = new Map<number, string>();
  await importCertificates({
    // No paper of the trial has files, which would lie beside it.
    file: '',
    city: new ImportingCity(url, clientFetch({ baseUrl: url, client, key, scopes })),
    issuer: { creditCode, cityCreditCode: creditCode, secret: saltSecretOf(privateKey) },
    key: signing,
    source: sourceOf(papers),
    contradictions: new Contradictions(),
    onResult: ({ line, certificate }) => void certificates.set(line, certificate),
    onBad: ({ line, code, detail }) => {
      throw new CityRefused(
        'city_refused',
        `a certificate of the trial was refused: ${code}: ${detail}`,
        { problem: code, type: papers[line - 1]?.type ?? '' },
      );
    },
  });
  for (const [n, { isRevoked }] of papers.entries()) {
    const certificate = certificates.get(n + 1);
    if (!isRevoked || certificate === undefined) continue;
    await answered(
      own.api.POST('/v1/certificates/{certificate}/revoke', {
        // The same after a crash, so that it is one revocation.
        params: {
          header: { 'Idempotency-Key': `trial-revoke-${certificate}` },
          path: { certificate },
        },
        body: { reason: 'wrongly_issued' },
      }),
    );
  }
}

function sourceOf(papers: readonly Paper[]): Source {
  const rows = papers.map(({ type, holders, validFrom, validUntil, fields }, n): Row => ({
    line: n + 1,
    lines: 1,
    raw: '',
    read: { type, holders, validFrom, validUntil, fields, files: {} },
    value: () => null,
    upTo: n + 1,
  }));
  const counts = () => ({ header: 0, blank: 0, rows: papers.length });
  return { rows: Readable.from(rows) as AsyncIterable<Row>, format: { is: 'ndjson' }, counts };
}
