import { describe, expect, test } from '@jest/globals';
import { namesOf, windowName } from './names.ts';
import { noticeHash, readNotice } from './notice.ts';

const zh = [
  '人社（窗口：hall-1-03）请您同意，为办理“灵活就业人员参保登记”使用您的下列电子证照信息，您即可免于提交相应材料：',
  '1. 居民身份证：《居民身份证》中的姓名、公民身份号码',
  '2. 户籍材料：《居民户口簿》中的户号；或《户籍证明》中的姓名、住址',
  '办件编号：b0mC3rWkTq6L1sXvY9zH4g。',
  '以上信息只用于本办件。',
].join('\n');
const en = [
  'Social security (window: hall-1-03) asks you to agree that it uses the following data from your certificates to handle “Registering as a flexible worker”, so that you need not bring the papers:',
  '1. Resident identity card: from Resident Identity Card: Name, Citizen number',
  '2. Proof of household: from Household Register: Household number; or from Certificate of Household: Name, Address',
  'Case: b0mC3rWkTq6L1sXvY9zH4g.',
  'They are used for this case alone.',
].join('\n');
const consent = {
  consent: 'Zk3nT0bqVxS8hHqY2cJ4Rw',
  case: 'b0mC3rWkTq6L1sXvY9zH4g',
  asks: [
    { material: 'ZZ001', answers: [{ type: 'ZZ001', fields: ['姓名', '公民身份号码'] }] },
    {
      material: 'M2',
      answers: [
        { type: 'ZZ002', fields: ['户号'] },
        { type: 'ZZ003', fields: ['姓名', '住址'] },
      ],
    },
  ],
  notice: { version: 1, zh, en, hash: '' },
};

describe('the text that is signed', () => {
  test('is taken apart into who, what for, and which data, in both languages', () => {
    expect(readNotice(consent, 'zh')).toEqual({
      department: '人社',
      window: 'hall-1-03',
      matter: '灵活就业人员参保登记',
      materials: [
        { name: '居民身份证', answers: [{ type: '居民身份证', fields: ['姓名', '公民身份号码'] }] },
        {
          name: '户籍材料',
          answers: [
            { type: '居民户口簿', fields: ['户号'] },
            { type: '户籍证明', fields: ['姓名', '住址'] },
          ],
        },
      ],
    });
    expect(readNotice(consent, 'en')).toMatchObject({
      department: 'Social security',
      materials: [
        { name: 'Resident identity card', answers: [{ fields: ['Name', 'Citizen number'] }] },
        {
          name: 'Proof of household',
          answers: [{ type: 'Household Register' }, { fields: ['Name', 'Address'] }],
        },
      ],
    });
  });

  const changed = (text: string) => ({ ...consent, notice: { ...consent.notice, zh: text } });
  test.each([
    ['names another field than is asked', changed(zh.replace('公民身份号码', '住址'))],
    ['names another case', changed(zh.replace('b0mC', 'c0mC'))],
    [
      'has a material more than is asked',
      changed(zh.replace('\n办件', '\n3. 病历：《病历》中的诊断\n办件')),
    ],
    ['is in other words', changed(zh.replace('请您同意', '请同意'))],
    ['is of another wording', { ...consent, notice: { ...consent.notice, version: 2 } }],
  ])('is shown whole where it %s', (_, other) => {
    expect(readNotice(other, 'zh')).toBeNull();
  });

  test('is hashed with its consent', async () => {
    const hash = await noticeHash(consent);
    expect(hash).toMatch(/^[\w-]{43}$/);
    expect(await noticeHash({ ...consent, consent: 'Ak3nT0bqVxS8hHqY2cJ4Rw' })).not.toBe(hash);
    expect(await noticeHash(changed(`${zh} `))).not.toBe(hash);
  });
});

test('codes have the names that the holder was told, and else themselves', () => {
  const whole = {
    ...consent,
    state: 'waiting',
    department: '人社',
    window: 'hall-1-03',
    matter: 'SX0001',
    purpose: '办理“灵活就业人员参保登记”',
    answerBy: '2026-11-30T08:00:00.000Z',
    redeemBy: null,
  } as unknown as Parameters<typeof namesOf>[0][number];
  const names = namesOf([whole], 'en');
  expect(names.type('ZZ003')).toBe('Certificate of Household');
  expect(names.field('ZZ001', '公民身份号码')).toBe('Citizen number');
  expect(names.department(consent.consent, '人社')).toBe('Social security');
  expect(names.type('ZZ099')).toBe('ZZ099');
  expect(names.matter('another', '办理“别的”')).toBe('办理“别的”');
});

test.each([
  ['3', '3 号窗口', 'Window 3'],
  ['hall-1-03', 'hall-1-03 窗口', 'Window hall-1-03'],
  ['window-3', 'window-3', 'window-3'],
  ['不动产窗口', '不动产窗口', '不动产窗口'],
])('the window %s is called %s', (window, chinese, english) => {
  expect(windowName(window, 'zh')).toBe(chinese);
  expect(windowName(window, 'en')).toBe(english);
});
