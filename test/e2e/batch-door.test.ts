import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { type ClientRequest, request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { Town } from '../support/town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.start();
});
afterAll(() => town.stop());

const path = '/v1/certificates/batch';
const ndjson = 'application/x-ndjson';

/** A request whose body is sent piece by piece, and is never finished. */
async function beginning(type: string, headers: Record<string, string> = {}) {
  const { http } = town.authority;
  const url = town.url + path;
  const accessToken = await http.token();
  return httpRequest(url, {
    method: 'POST',
    headers: {
      authorization: `DPoP ${accessToken}`,
      dpop: http.key.proof({ method: 'POST', url, accessToken }),
      'content-type': type,
      'idempotency-key': randomUUID(),
      ...headers,
    },
  });
}

async function answerTo(request: ClientRequest) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; code: unknown }>();
  request.on('error', reject);
  request.on('response', (response) => {
    text(response)
      .then((body) => {
        const { code } = JSON.parse(body) as { code: unknown };
        resolve({ status: response.statusCode ?? 0, code });
      })
      .catch(reject);
  });
  try {
    return await promise;
  } finally {
    request.destroy();
  }
}

describe('a batch is answered before all of it is sent', () => {
  test.each([
    ['at the first line too many', ndjson, '{}\n'.repeat(1001), 'batch_too_long'],
    ['at the first empty line too many', ndjson, '\n'.repeat(1001), 'batch_too_long'],
    ['at a header without the column', 'text/csv', 'jwt\n', 'batch_column_missing'],
    [
      'at a header of too many columns',
      'text/csv',
      `${'sd_jwt,'.repeat(65)}\n`,
      'batch_column_missing',
    ],
    ['at bytes that are no UTF-8', ndjson, Buffer.from([0xff, 0x0a]), 'batch_not_text'],
  ])('%s', async (_, type, body, code) => {
    const request = await beginning(type);
    request.write(body);
    expect(await answerTo(request)).toEqual({ status: 400, code });
  });

  test('where its caller is not proved, before anything of it is read', async () => {
    const request = await beginning(ndjson, { authorization: 'DPoP a.b.c' });
    request.flushHeaders();
    expect(await answerTo(request)).toEqual({ status: 401, code: 'token_malformed' });
  });

  test('where its proof is of another request', async () => {
    const { http } = town.authority;
    const accessToken = await http.token();
    const url = `${town.url}/v1/files`;
    const dpop = http.key.proof({ method: 'POST', url, accessToken });
    const request = await beginning(ndjson, { dpop });
    request.flushHeaders();
    expect(await answerTo(request)).toEqual({ status: 401, code: 'proof_url_wrong' });
  });
});

test('a batch whose proof is of another body is refused when it is there, and nothing is acted on', async () => {
  const answer = await town.authority.http.post(path, '{}\n', {
    contentType: ndjson,
    claims: { bh: 'A'.repeat(43) },
  });
  expect(answer).toMatchObject({ status: 401, body: { code: 'proof_body_wrong' } });
});
