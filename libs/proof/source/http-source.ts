import { Injectable } from '@nestjs/common';
import { LedgerKeys } from '#libs/consent';
import { ClientDirectory, JwsRefused } from '#libs/identity';
import { Clock, epochSeconds, isObject, JsonError, type JsonObject, parseJson } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { type ProofMade, ProofSource, type ProofWanted } from './ports.js';
import { ProofAnswerRefused, ProofSourceAway, ProofSourceMissing } from './source.errors.js';
import { type NamedSource, sourcesIn } from './sources-file.js';
import { maxAnswerBytes, readAnswer, signRequest } from './wire.js';

/** Longest that a person at a kiosk waits for a department, in milliseconds. */
const patienceMs = 5000;

/**
 * Departments' services over HTTP: `POST <url>/proofs`. The request is signed by the ledger's key,
 * the answer by a key that the authority registered.
 */
@Injectable()
export class HttpProofSource extends ProofSource {
  constructor(
    private readonly settings: Settings,
    private readonly keys: LedgerKeys,
    private readonly clients: ClientDirectory,
    private readonly clock: Clock,
  ) {
    super();
  }

  async has(type: string): Promise<boolean> {
    return (await this.#sourceOf(type)) !== null;
  }

  async ask({ request, type, holder, purpose, now }: ProofWanted): Promise<ProofMade | null> {
    const source = await this.#sourceOf(type);
    if (source === null)
      throw new ProofSourceMissing(
        'proof_source_missing',
        'no department makes e-proofs of this type for this city',
        { type },
        { hint: 'A window can tell where it is issued.' },
      );
    const { kid, privateKey } = await this.keys.current();
    const jws = signRequest(
      {
        iss: this.settings.city,
        aud: source.client,
        request,
        type,
        holder,
        purpose,
        iat: epochSeconds(now),
      },
      { kid, alg: 'EdDSA', key: privateKey },
    );
    const answered = await post(source, jws, type);
    const { answer, sdJwt = null, ...others } = answered;
    if (
      typeof answer !== 'string' ||
      (sdJwt !== null && typeof sdJwt !== 'string') ||
      Object.keys(others).length > 0
    )
      throw refused(type, 'members');
    // A key that was replaced a moment ago is believed no more.
    this.clients.forget(source.client);
    const registered = await this.clients.find(source.client);
    if (registered?.enabled !== true || registered.authority === null)
      throw refused(type, 'authority');
    try {
      readAnswer(
        answer,
        (kid) => registered.keys.find((key) => key.kid === kid)?.jwk ?? null,
        // What was asked at `now` is answered some seconds later.
        { request: jws, sdJwt, now: this.clock.now() },
      );
    } catch (cause) {
      if (!(cause instanceof JwsRefused)) throw cause;
      throw refused(type, cause.code, cause);
    }
    return sdJwt === null ? null : { client: source.client, sdJwt };
  }

  async #sourceOf(type: string): Promise<NamedSource | null> {
    const sources = await sourcesIn(this.settings.proofSources);
    return sources.find(({ types }) => types.includes(type)) ?? null;
  }
}

async function post({ url }: NamedSource, jws: string, type: string): Promise<JsonObject> {
  try {
    const response = await fetch(`${url}/proofs`, {
      method: 'POST',
      headers: { 'content-type': 'application/jose', accept: 'application/json' },
      body: jws,
      redirect: 'error',
      signal: AbortSignal.timeout(patienceMs),
    });
    if (response.status !== 200) {
      await response.body?.cancel();
      throw away(type, { status: response.status });
    }
    const value = parseJson(await textOf(response, type), 4);
    if (isObject(value)) return value;
  } catch (cause) {
    if (cause instanceof ProofSourceAway || cause instanceof ProofAnswerRefused) throw cause;
    if (!(cause instanceof JsonError)) throw away(type, {}, cause);
  }
  throw refused(type, 'json');
}

/** Read in pieces: what is too long is not taken into memory. */
async function textOf(response: Response, type: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > maxAnswerBytes) throw refused(type, 'size');
    chunks.push(chunk);
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
}

const away = (type: string, facts: JsonObject = {}, cause?: unknown) =>
  new ProofSourceAway(
    'proof_source_away',
    'the department’s service did not answer, and nothing was made',
    { type, ...facts },
    { cause, hint: 'Try again within the ten minutes of the yes, or later.' },
  );

const refused = (type: string, check: string, cause?: unknown) =>
  new ProofAnswerRefused(
    'proof_answer_refused',
    'the department’s service answered with something else than was asked of it',
    { type, check },
    { cause },
  );
