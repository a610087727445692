import { describe, expect, test } from '@jest/globals';
import { ownMaterial } from './own-materials.ts';
import type { Certificate } from './wallet.ts';

type Material = Parameters<typeof ownMaterial>[0];

const answer = (type: string, whose: 'applicant' | 'spouse' = 'applicant') => ({
  type,
  nameZh: type,
  nameEn: type,
  department: '公安',
  whose,
  fields: [{ key: '姓名' }],
});
const material = (...answers: Material['answers']): Material => ({
  material: 'ZZ001',
  nameZh: '居民身份证',
  exemptible: answers.length > 0,
  reason: null,
  answers,
});
const held = (type: string, standing: Certificate['standing'] = 'valid') =>
  ({ type, standing }) as unknown as Certificate;

describe('whether a material has to be brought', () => {
  test('not where the holder has a valid certificate that answers it', () => {
    const either = material(answer('ZZ001'), answer('ZZ002'));
    expect(ownMaterial(either, [held('ZZ002')])).toMatchObject({
      is: 'free',
      answer: { type: 'ZZ002' },
    });
  });
  test('where the holder has none, or none that is valid', () => {
    expect(ownMaterial(material(answer('ZZ001')), [])).toMatchObject({ is: 'none' });
    expect(ownMaterial(material(answer('ZZ001')), [held('ZZ001', 'revoked')])).toMatchObject({
      is: 'none',
    });
  });
  test('where only another person’s certificate answers it', () => {
    expect(ownMaterial(material(answer('ZZ001', 'spouse')), [held('ZZ001')])).toEqual({
      is: 'other',
      whose: 'spouse',
    });
  });
  test('perhaps, before anybody is known', () => {
    const one = answer('ZZ001');
    expect(ownMaterial(material(one), null)).toEqual({ is: 'could', answers: [one] });
  });
  test('where there is no rule, or the original is needed', () => {
    expect(ownMaterial(material(), [])).toEqual({ is: 'paper', reason: 'no_rule' });
    expect(ownMaterial({ ...material(), reason: 'original_surrendered' }, [held('ZZ001')])).toEqual(
      { is: 'paper', reason: 'original_surrendered' },
    );
  });
});
