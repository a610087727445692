import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestCity } from '../support/city.js';
import { done, Town } from '../support/town.js';
import { hardship, Village } from '../support/village.js';

let town: Town;
let village: Village<TestCity>;
beforeAll(async () => {
  town = await Town.start();
  village = await Village.of(town);
});
afterAll(() => town.stop());

test('刘先生 asks at the village office for 经济困难证明 and brings nothing: the answers are those of the district', async () => {
  const liu = await town.holder();
  await village.papersOf(liu.number);
  const { office } = village;
  const at = async (code: string) =>
    done(await office.get(`/v1/matters/${code}/exemptions`)) as {
      rulesOf: string;
      materials: unknown[];
    };
  const [ofVillage, ofDistrict] = [await at(hardship.matter), await at(hardship.basic)];
  expect(ofVillage.rulesOf).toBe(hardship.basic);
  expect(ofVillage.materials).toEqual(ofDistrict.materials);
  expect(ofVillage.materials).toHaveLength(3);

  const { matters } = done(await office.get('/v1/matters?q=jjknzm%20931'));
  expect(matters).toMatchObject([{ code: hardship.matter, place: '示例村931' }]);
  const { case: id } = done(
    await office.post('/v1/cases', {
      matter: hardship.matter,
      participants: [{ role: 'applicant', identifier: { kind: '111', number: liu.number } }],
    }),
  );
  const materials = ['ZZ001', 'ZZ002', 'ZZ018'];
  const { consent } = done(await town.ask(id, materials, office));
  done(await town.grant(liu, consent));
  const consentPath = `/v1/cases/${id}/consents/${consent}`;
  const { token } = done(await office.post(`${consentPath}/token`));
  const { handedOver } = done(await town.pull(token, office)) as {
    handedOver: { missing: unknown[]; materials: { material: string; fields: object }[] };
  };
  expect(handedOver.missing).toEqual([]);
  expect(
    handedOver.materials.map(({ material, fields }) => [material, Object.keys(fields).sort()]),
  ).toEqual([
    ['ZZ001', ['住址', '公民身份号码', '姓名'].sort()],
    ['ZZ002', ['与户主关系', '户主姓名', '户籍地址'].sort()],
    ['ZZ018', ['户主姓名', '证号'].sort()],
  ]);
  expect(done(await office.get(`/v1/cases/${id}`))).toMatchObject({ answered: 3 });
  done(await office.post(`/v1/cases/${id}/close`, { outcome: 'accepted' }));
  await town.city.caughtUp();
  expect(done(await office.get('/v1/board/today'))).toMatchObject({
    cases: [{ case: id, answered: 3, brought: 0, materials: 3, outcome: 'accepted' }],
  });
});
