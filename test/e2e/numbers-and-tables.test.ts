/* eslint-disable @typescript-eslint/no-unsafe-return -- tests look into bodies without declaring them */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import pg from 'pg';
import { plusSeconds, residentIdCheck, shanghaiDay } from '#libs/kernel';
import { formatIdentifier } from '#libs/certificate';
import { signCertificate } from '#libs/department-client';
import { inventedCreditCode, inventedResidentId, sexOf } from '../support/authority.js';
import { type Answer, register } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { expectRefused } from '../support/refusal.js';
import { done, Town } from '../support/town.js';

let town: Town;
beforeAll(async () => {
  town = await Town.start();
});
afterAll(() => town.stop());

/** The same text with a last character that its check does not allow. */
const wrongCheck = (text: string) => text.slice(0, -1) + (text.endsWith('1') ? '2' : '1');

describe('a number of a person or an organisation that cannot be one is refused wherever it is asked for, and told to nobody:', () => {
  const first17 = (day: string) => `991234${day}001`;
  const withCheck = (text: string) => text + (residentIdCheck(text) ?? '');
  const numbers: [string, string, () => string, string][] = [
    [
      'a resident id number with a wrong check',
      '111',
      () => wrongCheck(inventedResidentId()),
      'identifier_check_failed',
    ],
    [
      'one born on 30 February',
      '111',
      () => withCheck(first17('19900230')),
      'identifier_birth_impossible',
    ],
    [
      'one of somebody born tomorrow',
      '111',
      () =>
        withCheck(
          first17(shanghaiDay(plusSeconds(new Date().toISOString(), 86_400)).replaceAll('-', '')),
        ),
      'identifier_birth_impossible',
    ],
    [
      'one of somebody born in 2190',
      '111',
      () => withCheck(first17('21900101')),
      'identifier_birth_impossible',
    ],
    [
      'one of somebody born in 1799',
      '111',
      () => withCheck(first17('17991231')),
      'identifier_birth_impossible',
    ],
    ['a passport whose state is not named', '414', () => 'E99123456', 'identifier_issuer_missing'],
    [
      'another paper whose issuer is not named',
      '999',
      () => '军字第99号',
      'identifier_issuer_missing',
    ],
    ['one of 17 digits', '111', () => inventedResidentId().slice(0, 17), 'identifier_malformed'],
    [
      'one with a letter',
      '111',
      () => `99123A${inventedResidentId().slice(6)}`,
      'identifier_malformed',
    ],
    [
      'one in full-width digits',
      '111',
      () => inventedResidentId().replace(/^99/, '９９'),
      'identifier_malformed',
    ],
    [
      'one with a space inside',
      '111',
      () => inventedResidentId().replace(/^(.{6})/, '$1 '),
      'identifier_malformed',
    ],
    [
      'a credit code with a wrong check',
      '001',
      () => wrongCheck(inventedCreditCode()),
      'identifier_check_failed',
    ],
    [
      'a credit code with a letter that none has',
      '001',
      () => `I${inventedCreditCode().slice(1)}`,
      'identifier_check_failed',
    ],
    ['a passport of control characters', '414', () => 'E12\u000734567', 'identifier_malformed'],
  ];
  test.each(numbers)('%s', async (_, kind, invent, code) => {
    const number = invent();
    const identifier = { kind, number };
    for (const act of [
      () => town.terminal.post('/v1/subjects/identify', { identifier, basis: 'document' }),
      () => town.terminal.post('/v1/enrolments', { identifier }),
      () =>
        town.terminal.post('/v1/cases', {
          matter: 'SX0001',
          participants: [{ role: 'applicant', identifier }],
        }),
    ])
      await expectRefused(town, { status: 400, code }, act, [number]);
  });

  test.each([
    ['a state that there is not', '414', 'E99123456', 'XYZ', 'identifier_issuer_unknown'],
    ['Germany as ISO writes it', '414', 'E99123456', 'DEU', 'identifier_issuer_unknown'],
    ['a specimen’s state', '414', 'E99123456', 'UTO', 'identifier_issuer_unknown'],
    [
      'the issuer of a resident id number',
      '111',
      inventedResidentId(),
      'CHN',
      'identifier_issuer_unwanted',
    ],
    [
      'an issuer with a zero-width space',
      '999',
      '军字第99号',
      '示例\u200b机关',
      'identifier_issuer_unknown',
    ],
  ])('with %s', async (_, kind, number, issuer, code) => {
    const identifier = { kind, number, issuer };
    await expectRefused(
      town,
      { status: 400, code },
      () => town.terminal.post('/v1/subjects/identify', { identifier, basis: 'document' }),
      [number],
    );
  });

  test('beside somebody nobody knows, it leaves no trace of them either', async () => {
    const unknown = {
      role: 'applicant',
      identifier: { kind: '111', number: inventedResidentId() },
    };
    const number = wrongCheck(inventedResidentId());
    await expectRefused(town, { status: 400, code: 'identifier_check_failed' }, () =>
      town.terminal.post('/v1/cases', {
        matter: 'SX0001',
        participants: [unknown, { role: 'spouse', identifier: { kind: '111', number } }],
      }),
    );
  });

  test('nor does a QR code that is none', async () => {
    const unknown = {
      role: 'applicant',
      identifier: { kind: '111', number: inventedResidentId() },
    };
    await expectRefused(town, { status: 403, code: 'participant_code_refused' }, () =>
      town.terminal.post('/v1/cases', {
        matter: 'SX0001',
        participants: [unknown, { role: 'spouse', code: 'A'.repeat(22) }],
      }),
    );
  });

  test('nor does an authority attest anything of such a number', async () => {
    for (const number of [wrongCheck(inventedResidentId()), inventedResidentId().slice(0, 17)]) {
      const sdJwt = await signCertificate(
        town.card(inventedResidentId(), { holders: [{ role: 'holder', kind: '111', number }] }),
        town.authority.key,
      );
      const answer = await expectEither(
        ['identifier_check_failed', 'identifier_malformed', 'holders_wrong'],
        () => town.authority.http.post('/v1/certificates', { sdJwt }),
        number,
      );
      expect(answer.status).toBe(400);
    }
  });

  test('an authority under a credit code with a wrong check is not registered', async () => {
    const creditCode = wrongCheck(inventedCreditCode());
    const details = {
      kind: 'issuing-authority',
      name: '示例颁发机构',
      department: '公安',
      authority: { creditCode, name: '示例颁发机构', types: ['ZZ001'] },
    };
    const keys = [await new TestKey().proved(details)];
    await expectRefused(town, { status: 400, code: 'client_authority_code_wrong' }, () =>
      town.city.admin.post('/v1/clients', { ...details, keys }),
    );
  });

  test('an identifier of a certificate with a wrong check is flagged, and the certificate kept: field data are dirty', async () => {
    const number = inventedResidentId();
    const right =
      formatIdentifier({
        type: '11100000000013127D001',
        authority: town.authority.creditCode,
        serial: number.slice(6, 17),
        version: 1,
      }) ?? '';
    const sdJwt = await signCertificate(
      town.card(number, { identifier: wrongCheck(right) }),
      town.authority.key,
    );
    expect(done(await town.authority.http.post('/v1/certificates', { sdJwt })).flags).toEqual([
      'identifier_check_wrong',
    ]);
  });
});

/** Like `expectRefused`, where more than one code would say it. */
async function expectEither(
  codes: readonly string[],
  act: () => Promise<Answer>,
  secret: string,
): Promise<Answer> {
  const before = await town.city.city.house.services.store.head();
  const answer = await act();
  expect(codes).toContain(answer.body.code);
  expect(JSON.stringify(answer.body)).not.toContain(secret);
  expect(await town.city.city.house.services.store.head()).toBe(before);
  return answer;
}

describe('a table of the catalogue', () => {
  const columns = [
    'code',
    'category',
    'name_zh',
    'name_en',
    'issuing_department_zh',
    'holder',
    'validity',
    'national_type_code',
    'number_unique',
    'number_field',
    'data_fields_zh',
  ];
  const proof = (code: string, change: Record<string, string> = {}) => {
    const cells: Record<string, string> = {
      code,
      category: 'proof',
      name_zh: '示例证明',
      name_en: 'Example',
      issuing_department_zh: '人社',
      holder: 'natural',
      validity: 'P3M',
      national_type_code: '',
      number_unique: 'none',
      number_field: '',
      data_fields_zh: '姓名;公民身份号码',
      ...change,
    };
    return columns.map((column) => cells[column] ?? '').join('\t');
  };
  const table = (lines: readonly string[], header = columns.join('\t'), end = '\n') =>
    [header, ...lines].map((line) => line + end).join('');
  let lastCode = 300;
  const take = (content: string) => town.city.admin.post('/v1/catalogue/import', { content });

  test('with a byte order mark and CRLF is read as any other, and changes nothing the second time', async () => {
    const content = `\ufeff${table([proof('ZM201'), proof('ZM202')], undefined, '\r\n')}`;
    expect(done(await take(content))).toMatchObject({ kind: 'types', added: 2, refused: [] });
    const before = await town.city.city.house.services.store.head();
    expect(done(await take(table([proof('ZM201'), proof('ZM202')])))).toMatchObject({
      added: 0,
      changed: 0,
      unchanged: 2,
    });
    expect(await town.city.city.house.services.store.head()).toBe(before);
  });

  test.each<[string, string, () => string]>([
    [
      'that misses a column',
      'column_missing',
      () => table(['x'], columns.filter((column) => column !== 'holder').join('\t')),
    ],
    [
      'whose columns are none of ours',
      'column_missing',
      () => '姓名,号码\n测试甲,990000199001010011\n',
    ],
    [
      'with a column more',
      'column_unknown',
      () => table([`${proof('ZM203')}\tx`], `${columns.join('\t')}\tremark`),
    ],
    [
      'with a column twice',
      'column_twice',
      () => table([`${proof('ZM203')}\tx`], `${columns.join('\t')}\tholder`),
    ],
    ['of nothing', 'file_empty', () => ' '],
    ['of a header’s first line break', 'file_empty', () => '\r\n\r\n'],
    ['with U+0000', 'json_nul', () => table([proof('ZM203', { name_en: 'Exam\u0000ple' })])],
  ])('%s is refused whole', async (_, code, content) => {
    await expectRefused(town, { status: 400, code }, () => take(content()));
  });

  test('with a code twice: the first line counts, the second is told of', async () => {
    const content = table([
      proof('ZM210'),
      proof('ZM211'),
      proof('ZM210', { name_zh: '另一证明' }),
    ]);
    expect(done(await take(content))).toMatchObject({
      added: 2,
      refused: [{ line: 4, code: 'ZM210', reason: 'code_duplicate' }],
    });
    await town.city.caughtUp();
    expect(done(await town.terminal.get('/v1/types/ZM210')).nameZh).toBe('示例证明');
  });

  test.each<[string, string, string]>([
    ['a short line', 'columns_wrong', 'ZM220\tproof'],
    ['a long line', 'columns_wrong', `${proof('ZM220')}\tx`],
    ['a code of another form', 'code_malformed', proof('__proto__')],
    [
      'a national code with a wrong check',
      'national_code_check',
      proof('ZM220', { national_type_code: `${wrongCheck('11430112000000001P')}001` }),
    ],
    ['a control character', 'value_malformed', proof('ZM220', { name_en: 'Exam\u0007ple' })],
    ['a number of no known kind', 'number_unique_unknown', proof('ZM220', { number_unique: 'x' })],
    [
      'a number that no field holds',
      'number_field_wrong',
      proof('ZM220', { number_unique: 'paper', number_field: '编号' }),
    ],
    [
      'a field that is no number',
      'number_field_wrong',
      proof('ZM220', { number_field: '公民身份号码' }),
    ],
    ['a field twice', 'field_duplicate', proof('ZM220', { data_fields_zh: '姓名;姓名' })],
    [
      'a field named like the prototype',
      'field_unknown',
      proof('ZM220', { data_fields_zh: '姓名;__proto__' }),
    ],
    [
      'a kind of field that there is not',
      'kind_unknown',
      proof('ZM220', { data_fields_zh: '姓名:magic' }),
    ],
  ])('with %s keeps that line out, says why, and takes the others', async (_, reason, line) => {
    const good = `ZM${String(++lastCode)}`;
    const { added, refused } = done(await take(table([line, proof(good)])));
    expect([added, refused.length, refused[0]]).toMatchObject([1, 1, { line: 2, reason }]);
  });
});

describe('before the yes a window learns nothing of who it asks about:', () => {
  interface Seen {
    readonly answers: unknown;
    readonly statements: readonly string[];
  }

  /** All that a window gets to see, and the statements by which the city found it. */
  async function look(number: string): Promise<Seen> {
    const seen: unknown[] = [];
    const statements: string[] = [];
    const watched = jest.spyOn(pg.Client.prototype, 'query');
    const note = async (act: () => Promise<Answer>) => {
      watched.mockClear();
      const answer = await act();
      statements.push(...watched.mock.calls.map(([query]) => textOf(query)).filter(ofRequests));
      seen.push(shapeOf(answer));
      return answer.body;
    };
    try {
      const identifier = { kind: '111', number };
      await note(() =>
        town.terminal.post('/v1/subjects/identify', { identifier, basis: 'document' }),
      );
      const { case: atCase } = await note(() => town.openCase(number));
      const { consent } = await note(() => town.ask(atCase));
      const at = `/v1/cases/${atCase as string}/consents/${consent as string}`;
      await note(() => town.terminal.get(at));
      await note(() => town.terminal.get(`/v1/cases/${atCase as string}`));
      await note(() => town.terminal.post(`${at}/token`));
      await note(() => town.ask(atCase));
      await note(() => town.terminal.post(`${at}/read-again`));
    } finally {
      watched.mockRestore();
    }
    return { answers: seen, statements };
  }

  test('somebody with everything, somebody with nothing and a number nobody knows: alike in status, members, size, headers and statements', async () => {
    const rich = await town.holder();
    await town.idCard(rich.number);
    const poor = await town.holder();
    await look(inventedResidentId()); // statements that a process makes once only
    const [all, nothing, unknown] = [
      await look(rich.number),
      await look(poor.number),
      await look(inventedResidentId()),
    ];
    expect(nothing.answers).toEqual(all.answers);
    expect(unknown.answers).toEqual(all.answers);
    expect(nothing.statements).toEqual(all.statements);
    expect(all.statements.length).toBeGreaterThan(10);
  });

  test('whoever it is, another department gets another name for them', async () => {
    const { number } = await town.holder();
    const tax = await register(town.city.admin, {
      kind: 'terminal',
      department: '税务',
      window: 'hall-1-03',
    });
    const body = { identifier: { kind: '111', number }, basis: 'document' };
    const [here, there] = [
      done(await town.terminal.post('/v1/subjects/identify', body)),
      done(await tax.post('/v1/subjects/identify', body)),
    ];
    expect(there.subject).not.toBe(here.subject);
    expect(there.subject).toHaveLength(here.subject.length as number);
  });

  const textOf = (query: unknown): string => {
    const { name, text } = (typeof query === 'string' ? { text: query } : query) as {
      readonly name?: string;
      readonly text?: string;
    };
    // Whether a request's rate is asked for depends on the clock: the rest of a second is known.
    if (name?.startsWith('door_')) return `idempotency: ${name.replace('rates_', '')}`;
    return (text ?? '').trim().split(/\s+/).join(' ');
  };
  /** Sealer, projections and listeners go their own pace beside the requests. */
  const ofRequests = (text: string) => /idempotency|vault\.|daily_|wallet|qr_code/i.test(text);

  /**
   * Members with the lengths of their values, for those that are random or the time; headers but
   * for the moment and the id.
   */
  function shapeOf({ status, headers, body }: Answer): unknown {
    const told = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
    return { status, told, body: sizes(body) };
  }
  /** The number of a request, which is drawn. */
  const isTwoDigits = (value: unknown) => typeof value === 'string' && /^\d\d$/.test(value);
  function sizes(value: unknown): unknown {
    if (typeof value === 'string') return /^[\w-]{12,}$|^\d{4}-/.test(value) ? value.length : value;
    if (Array.isArray(value)) return value.map(sizes);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [
        name,
        name === 'number' && isTwoDigits(member) ? 'two digits' : sizes(member),
      ]),
    );
  }
});

describe('one number is one person', () => {
  const who = async (kind: string, number: string, issuer?: string) =>
    done(
      await town.terminal.post('/v1/subjects/identify', {
        identifier: { kind, number, ...(issuer !== undefined && { issuer }) },
        basis: 'document',
      }),
    ).subject as string;

  test('and passports of two countries with the same number are two', async () => {
    const anna = await who('414', 'A1234567', 'FRA');
    expect(await who('414', 'A1234567', 'BGR')).not.toBe(anna);
    expect(await who('413', 'A1234567', 'FRA')).not.toBe(anna);
    expect(await who('414', ' a1234567', 'fra')).toBe(anna);
  });

  test.each([
    ['516', 'H98765432', ['H9876543201', 'h98765432', 'H98765432(02)', 'H98765432（02）']],
    ['511', '98765432', ['9876543201', '9876543202(B)', '9876543202（B）']],
  ])('of kind %s, whatever count of issues is printed', async (kind, number, writings) => {
    const known = await who(kind, number);
    for (const writing of writings) expect(await who(kind, writing)).toBe(known);
    expect(await who(kind, number.replace(/2$/, '3'))).not.toBe(known);
  });

  test('among those of the issuer alone, whatever parentheses are typed', async () => {
    const known = await who('999', '军字第（01）号', '示例军区');
    expect(await who('999', '军字第(01)号', '示例军区')).toBe(known);
    expect(await who('999', '军字第(01)号', '示例舰队')).not.toBe(known);
    const card = await who('999', 'H123456（7）', 'HKG');
    expect(await who('999', 'h123456(7)', 'HKG')).toBe(card);
  });
});

test('a certificate that contradicts its holder does not enter, and says where', async () => {
  const [number, other] = [inventedResidentId(), inventedResidentId()];
  const card = town.card(number);
  for (const [field, value, code] of [
    ['公民身份号码', other, 'field_contradicts'],
    ['公民身份号码', wrongCheck(number), 'field_wrong'],
    ['性别', sexOf(number) === '男' ? '女' : '男', 'field_contradicts'],
    ['出生日期', '1901-02-03', 'field_contradicts'],
    ['出生日期', '1990/1/1', 'field_wrong'],
    ['有效期限', '2020.02.31-2040.02.28', 'field_wrong'],
    ['住址', '示例\u202e路1号', 'text_refused'],
  ] as const) {
    const sdJwt = await signCertificate(
      { ...card, fields: { ...card.fields, [field]: value } },
      town.authority.key,
    );
    const answer = await expectRefused(
      town,
      { status: 400, code },
      () => town.authority.http.post('/v1/certificates', { sdJwt }),
      [number, other],
    );
    expect(answer.body.facts).toMatchObject({ field, expectedZh: expect.any(String) });
  }
});
