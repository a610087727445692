import { randomUUID } from 'node:crypto';
import type { Answer, TestPhone } from '../support/client.js';
import type { Town } from '../support/town.js';
import type { Services } from './services.js';

export interface Ready {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request as it goes over the wire: the same again is the same proof again. */
export async function ready(
  town: Pick<Town<Services>, 'url' | 'terminal'>,
  method: string,
  path: string,
  body?: string,
  phone?: TestPhone,
): Promise<Ready> {
  const url = town.url + path;
  const accessToken = phone === undefined ? await town.terminal.token() : undefined;
  const { key } = phone ?? town.terminal;
  return {
    method,
    path,
    ...(body !== undefined && { body }),
    headers: {
      ...(accessToken !== undefined && { authorization: `DPoP ${accessToken}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      'idempotency-key': randomUUID(),
      dpop: key.proof({ method, url, accessToken, body }),
    },
  };
}

export async function sendTo(
  base: string,
  { method, path, headers, body }: Ready,
): Promise<Answer> {
  const response = await fetch(base + path, {
    method,
    headers,
    ...(body !== undefined && { body }),
    signal: AbortSignal.timeout(30_000),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: await response.json().catch(() => null),
  };
}

export const tally = (answers: readonly Answer[]): Record<string, number> => {
  const seen: Record<string, number> = {};
  for (const { status, body } of answers) {
    const name = `${status} ${(body as { code?: string } | null)?.code ?? ''}`.trim();
    seen[name] = (seen[name] ?? 0) + 1;
  }
  return seen;
};
export const isTally = (answers: readonly Answer[], expected: Record<string, number>): boolean => {
  const seen = tally(answers);
  return (
    Object.keys(seen).length === Object.keys(expected).length &&
    Object.entries(expected).every(([name, times]) => seen[name] === times)
  );
};
