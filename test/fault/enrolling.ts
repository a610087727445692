import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { JWK } from 'jose';
import { type ApiKey, newPrivateJwk, phoneFetch, readKey, signStatement } from '#libs/api-client';
import type { Person } from '../demo/people.js';

export type Send = (request: Request) => Promise<Response>;
export interface Holder {
  readonly person: Person;
  readonly key: ApiKey;
  readonly send: Send;
}
/** A POST of JSON under an Idempotency-Key; a new one where none is given. */
export const post = (
  send: Send,
  url: string,
  body: unknown,
  idempotencyKey: string = randomUUID(),
) =>
  send(
    new Request(url, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
    }),
  );

/** The body of an answer without which nothing can begin; who is told to come later does. */
export async function must<T>(send: () => Promise<Response>): Promise<T> {
  let response = await send();
  while (response.status === 429) {
    await wait(1000);
    response = await send();
  }
  if (!response.ok) throw new TypeError(`the preparation was refused: ${await response.text()}`);
  return (await response.json()) as T;
}

/** Identifies a person at a terminal and enrols a phone for them, with a new key or this one. */
export async function enrol(
  baseUrl: string,
  terminal: { send: Send; key: ApiKey },
  person: Person,
  jwk?: JWK,
): Promise<Holder> {
  const identifier = { kind: '111', number: person.number };
  const key = await readKey(jwk ?? (await newPrivateJwk('ES256')));
  const { send } = terminal;
  await must(() =>
    post(send, `${baseUrl}/v1/subjects/identify`, { identifier, basis: 'document' }),
  );
  const { enrolment, code } = await must<{ enrolment: string; code: string }>(() =>
    post(send, `${baseUrl}/v1/enrolments`, { identifier }),
  );
  const iat = Math.floor(Date.now() / 1000);
  const codeHash = createHash('sha256').update(code).digest('base64url');
  const proof = await signStatement(key, 'phone-key+jws', { codeHash, jkt: key.jkt, iat });
  await must(() =>
    post(phoneFetch(key), `${baseUrl}/v1/enrolments/offer`, { code, jwk: key.publicJwk, proof }),
  );
  const { subject } = await must<{ subject: string }>(() =>
    send(new Request(`${baseUrl}/v1/enrolments/${enrolment}`)),
  );
  const statement = await signStatement(terminal.key, 'enrolment+jws', {
    sub: subject,
    enrolment,
    jkt: key.jkt,
    iat,
  });
  await must(() => post(send, `${baseUrl}/v1/enrolments/${enrolment}/confirm`, { statement }));
  return { person, key, send: phoneFetch(key) };
}
