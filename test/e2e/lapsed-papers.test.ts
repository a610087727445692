import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { signCertificate } from '#libs/department-client';
import { done, holderName, Town } from '../support/town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.start();
  const { client } = town.authority.http;
  done(await town.city.admin.post(`/v1/clients/${client}/types`, { add: ['ZZ019'] }));
});
afterAll(() => town.stop());

test('a window gets the valid one of sixty-one papers of a holder, of which sixty lapsed and are newer', async () => {
  const holder = await town.holder();
  const { authority } = town;
  const cardOf = (n: number, validUntil: string) =>
    signCertificate(
      {
        authority: authority.creditCode,
        type: 'ZZ019',
        validFrom: '2016-01-01',
        validUntil,
        holders: [{ role: 'holder', kind: '111', number: holder.number }],
        fields: {
          姓名: holderName,
          社会保障号码: holder.number,
          卡号: `虚构${String(n).padStart(8, '0')}`,
          发卡日期: '2016-01-01',
          有效期限: '2016.01.01-2026.01.01',
        },
      },
      authority.key,
    );
  const first = await cardOf(0, '2046-01-01');
  done(await authority.http.post('/v1/certificates', { sdJwt: first }));
  const lapsed = await Promise.all(
    Array.from({ length: 60 }, (_, n) => cardOf(n + 1, '2025-12-31')),
  );
  const answer = done(
    await authority.http.post(
      '/v1/certificates/batch',
      lapsed.map((sdJwt) => `${JSON.stringify({ sdJwt })}\n`).join(''),
      { contentType: 'application/x-ndjson' },
    ),
  ) as string;
  expect(answer.match(/"state":"recorded"/g)).toHaveLength(60);
  await town.city.caughtUp();

  const { case: atCase } = done(await town.openCase(holder.number));
  const { consent } = done(await town.ask(atCase, ['ZZ019']));
  done(await town.grant(holder, consent));
  const token = await town.token(`/v1/cases/${atCase}/consents/${consent}`);
  const { handedOver } = done(await town.pull(token));
  expect(handedOver).toMatchObject({
    missing: [],
    materials: [{ material: 'ZZ019', fields: { 社会保障号码: holder.number } }],
  });
  const [, payload = ''] = String(handedOver.materials[0].signed).split('.');
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    valid_until: '2046-01-01',
  });
});
