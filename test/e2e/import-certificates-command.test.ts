import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inventedCreditCode, inventedResidentId } from '../support/authority.js';
import { gb18030 } from '../support/gb18030.js';
import { ImportingAuthority, permit, permitHeader } from '../support/importing.js';

let authority: ImportingAuthority;
beforeAll(async () => {
  authority = await ImportingAuthority.start([
    'ZZ003',
    'ZZ011',
    'ZZ013',
    'ZZ018',
    'ZZ046',
    'ZM001',
  ]);
});
afterAll(() => authority.stop());

const permits = (count: number) => Array.from({ length: count }, () => permit());
const plain = (change: Record<string, string> = {}) =>
  permit(undefined, { name: '测试甲', address: '示例市示例路1号', ...change });
const read = (path: string) => readFile(path, 'utf8');
const beside = (name: string) => join(authority.folder, name);

/** Lines of a file of bad lines: line and code, by its first columns. */
async function badLines(path: string): Promise<[number, string][]> {
  return [...(await read(path)).matchAll(/^"(\d+)".?"(\w+)"/gm)].map(([, line, code = '']) => [
    Number(line),
    code,
  ]);
}

describe('a CSV that is none by RFC 4180', () => {
  test('costs the lines that are wrong, no other is joined to them, and every line is accounted for', async () => {
    const before = (await authority.recorded()).length;
    const lines = [permitHeader, ...Array.from({ length: 12 }, () => plain())];
    lines[2] = plain({ address: '"阳光小区3号' });
    lines[9] = plain({ address: '虚构市"阳光"小区' });
    lines[11] = plain({ address: '"虚构市"阳光小区' });
    const file = await authority.write('quotes.csv', lines);
    const { words, exitCode } = await authority.command(file, '--stop-percent', 'none');
    expect(exitCode).toBe(1);
    expect(words).toContain('9 recorded, 0 unchanged, 3 refused');
    expect(words).toContain('13 lines in all: 1 header, 0 blank, 12 of certificates');
    expect(await badLines(beside('quotes.bad.csv'))).toEqual([
      [3, 'quote_unclosed'],
      [10, 'quote_in_text'],
      [12, 'text_behind_quote'],
    ]);
    expect((await authority.recorded()).length - before).toBe(9);
    const results = (await read(beside('quotes.results.csv'))).trimEnd().split('\n');
    expect(results[0]).toBe('\ufeffline,id,version,record,state,flags');
    expect(results.slice(1).map((line) => Number(line.split(',')[0]))).toEqual([
      2, 4, 5, 6, 7, 8, 9, 11, 13,
    ]);
    expect(results[1]).toMatch(/^2,[\w-]{22},1,[0-9a-f]{64},recorded,identifier_type_local$/);
  });

  test('may have a cell over several lines where the field is a text of several lines, and nowhere else', async () => {
    const number = authority.creditCode;
    const header =
      'type,holder_kind,holder_number,valid_from,统一社会信用代码,名称,类型,法定代表人,经营范围,注册资本,成立日期,住所,登记机关';
    const licence = (scope: string, name: string) =>
      `ZZ046,001,${number},2026-01-01,${number},${name},有限责任公司,测试甲,${scope},壹佰万元,2026-01-01,示例市示例路1号,示例市市场监管局`;
    const file = await authority.write('licences.csv', [
      header,
      licence('"销售：茶叶；\n""示例""咨询"', '示例甲有限公司'),
      licence('"一行', '"示例乙有限公司\n'),
      licence('"没有结束', '示例丙有限公司'),
    ]);
    const { words } = await authority.command(file, '--dry-run', '--stop-percent', 'none');
    expect(words).toContain('6 lines in all: 1 header, 0 blank, 5 of certificates');
    expect(words).toContain('1 可送入 good');
    expect(await badLines(beside('licences.bad.csv'))).toEqual([
      [4, 'quote_unclosed'],
      [5, 'quote_unclosed'],
      [6, 'quote_unclosed'],
    ]);
  });
});

test('a quotation mark that swallows other companies’ lines costs these lines, and is told with what to do', async () => {
  const header =
    'type,holder_kind,holder_number,valid_from,统一社会信用代码,名称,类型,法定代表人,经营范围,注册资本,成立日期,住所,登记机关';
  const licence = (scope: string) => {
    const number = inventedCreditCode();
    return `ZZ046,001,${number},2026-01-01,${number},示例有限公司,有限责任公司,测试甲,${scope},壹佰万元,2026-01-01,示例市示例路1号,示例市市场监管局`;
  };
  const file = await authority.write('swallowed.csv', [
    header,
    ...['销售', '"没关上', '咨询', '批发', '关在这"', '零售'].map(licence),
  ]);
  const { words, exitCode } = await authority.command(file, '--dry-run', '--stop-percent', 'none');
  expect(exitCode).toBe(1);
  expect(words).toContain('2 可送入 good');
  expect(words).toContain('第 3–6 行 / line 3–6: row_within_cell: 经营范围');
  expect(words).toContain('take the stray quotation mark out, or close it in its own line');
  expect(await badLines(beside('swallowed.bad.csv'))).toEqual([[3, 'row_within_cell']]);
});

test('births and periods that cannot be are refused, also where no number says when somebody was born', async () => {
  const line = (birth: string, period = '2026.01.01-2036.01.01') =>
    `ZZ011,516,H12345678,2026-01-01,测试甲,H12345678,${birth},${period}`;
  const births = ['2190-01-01', '2190', '1799-01-01', '1799-00-00'];
  const file = await authority.write('births.csv', [
    'type,holder_kind,holder_number,valid_from,姓名,证件号码,出生日期,有效期限',
    line('1985-00-00'),
    ...births.map((birth) => line(birth)),
    line('1985', '2046.01.01-2026.01.01'),
    line('1985', '1990.01.01-2000.01.01'),
  ]);
  const { words } = await authority.command(file, '--dry-run', '--stop-percent', 'none');
  expect(words).toContain('1 可送入 good');
  expect(await badLines(beside('births.bad.csv'))).toEqual(
    [3, 4, 5, 6, 7, 8].map((n) => [n, 'field_wrong']),
  );
  expect(words.match(/expected: a day of birth from 1800 on that has come/g)).toHaveLength(4);
  expect(words).toContain('expected: a period that ends no earlier than it begins');
  expect(words).toContain('expected: the period for which the certificate is valid');
});

test('a second valid one of a holder and a type without number is told: on the screen, in the results and in JSON', async () => {
  const header =
    'type,holder_kind,holder_number,valid_from,valid_until,姓名,证件号码,个人账号,缴存单位,缴存基数,月缴存额,缴至年月,账户余额,账户状态,出具日期';
  const proof = (holder: string, base: string) =>
    `ZM001,111,${holder},2026-01-01,长期,测试甲,${holder},示例账号,示例单位,${base},100,2026-01,1000,正常,2026-01-01`;
  const [one, two] = [inventedResidentId(), inventedResidentId()];
  const file = await authority.write('second.csv', [
    header,
    proof(one, '1000'),
    proof(two, '1000'),
    proof(one, '2000'),
  ]);
  const { words, exitCode } = await authority.command(file, '--as-of', '2026-01-01');
  expect(exitCode ?? 0).toBe(0);
  expect(words).toContain('3 recorded, 0 unchanged, 0 refused');
  expect(words).toContain('the holders of 1 lines have another valid certificate of the same type');
  expect(words).toContain('lines 4 (holder_has_another)');
  const flags = async (name: string) =>
    (await read(beside(name)))
      .trimEnd()
      .split('\n')
      .map((line) => line.split(',').at(-1)?.split(' ').includes('holder_has_another'));
  expect(await flags('second.results.csv')).toEqual([false, false, false, true]);
  await authority.city.caughtUp();
  const later = await authority.write('second-later.csv', [header, proof(two, '3000')]);
  const { out } = await authority.command(later, '--as-of', '2026-02-01', '--json');
  expect(JSON.parse(out)).toMatchObject({
    imported: { recorded: 1, another: 1 },
    another: [{ line: 2 }],
  });
  expect(await flags('second-later.results.csv')).toEqual([false, true]);
  const again = await authority.command(file, '--as-of', '2026-01-01');
  expect(again.words).toContain('0 recorded, 3 unchanged');
  expect(again.words).not.toContain('holder_has_another');
});

test('values of a file are shown so that a terminal obeys none of them', async () => {
  const hostile = ['\u001b]0;甲\u0007', '\u202e乙', '\u009b2J', '丙\u2028丁'];
  const file = await authority.write('hostile.csv', [
    permitHeader,
    ...hostile.map((name) => permit(undefined, { name: '测试甲', address: `示例${name}` })),
    ...hostile.map((from) => permit(undefined, { name: '测试甲', from: `2026${from}` })),
  ]);
  const obeyed = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
  for (const options of [['--dry-run'], ['--dry-run', '--json']]) {
    const { out, err } = await authority.command(file, '--stop-percent', 'none', ...options);
    expect(out + err).toContain(
      options.length === 1 ? String.raw`\u{202e}` : String.raw`\\u{202e}`,
    );
    expect((out + err).replaceAll('\n', '')).not.toMatch(obeyed);
  }
  const reasons = (await read(beside('hostile.bad.csv')))
    .split('\n')
    .slice(1, -1)
    .map((line) => /^(?:"(?:[^"]|"")*",){3}/.exec(line)?.[0] ?? '');
  expect(reasons).toHaveLength(8);
  for (const reason of reasons) expect(reason).not.toMatch(obeyed);
});

describe('two lines that say different things of one paper as of one time', () => {
  const header =
    'type,holder_kind,holder_number,valid_from,as_of,户主姓名,公民身份号码,保障人数,保障金额,证号';
  const holder = inventedResidentId();
  const line = (paper: string, amount: number, asOf = '2026-11-22') =>
    ['ZZ018', '111', holder, '2026-01-01', asOf, '测试甲', holder, '1', amount, paper].join(',');
  const others = Array.from({ length: 2100 }, (_, n) => line(`别 ${n} 号`, 1));

  test('are both told before anything is written, however far apart they stand', async () => {
    const before = (await authority.recorded()).length;
    const file = await authority.write('apart.csv', [
      header,
      line('低保 1 号', 600),
      ...others,
      line('低保 1 号', 600), // the same again is no contradiction
      line('低保 1 号', 0, '2026-11-23'), // nor is another time
      line('低保 1 号', 0),
    ]);
    const told: [number, string][] = [2, 2103, 2105].map((at) => [at, 'as_of_repeated']);
    const dry = await authority.command(file, '--dry-run');
    expect(dry.exitCode).toBe(1);
    expect(dry.words).toContain('2101 可送入 good, 3 不可 refused');
    expect(await badLines(beside('apart.bad.csv'))).toEqual(told);
    const stopped = await authority.command(file, '--stop-after', '3');
    expect(stopped.words).toContain('什么也没有写入');
    expect((await authority.recorded()).length).toBe(before);
  });

  test('keep no other line out, and do not come in', async () => {
    const file = await authority.write('pages.csv', [
      header,
      line('低保 2 号', 600),
      ...others.slice(0, 12),
      line('低保 2 号', 0),
    ]);
    const { words } = await authority.command(file, '--batch', '5', '--stop-percent', 'none');
    expect(words).toContain('12 recorded, 0 unchanged, 2 refused');
    expect(await badLines(beside('pages.bad.csv'))).toEqual([
      [2, 'as_of_repeated'],
      [15, 'as_of_repeated'],
    ]);
  });
});

describe('a file of another encoding or separator', () => {
  test('is the same certificates, or is refused by name', async () => {
    const lines = [permitHeader, ...Array.from({ length: 3 }, () => plain())];
    const text = lines.map((line) => `${line}\r\n`).join('');
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    const first = await authority.command(await authority.write('utf8.csv', text));
    expect(first.words).toContain('3 recorded, 0 unchanged, 0 refused');
    const same: [string, string | Uint8Array, ...string[]][] = [
      ['mark.csv', `\ufeff${text}`],
      ['utf16le.csv', utf16],
      ['utf16be.csv', Buffer.from(utf16).swap16()],
      ['gb18030.csv', gb18030(text)],
      ['named.csv', gb18030(text), '--encoding', 'GBK'],
      ['semicolons.csv', text.replaceAll(',', ';')],
      ['tabs.tsv', text.replaceAll(',', '\t')],
    ];
    for (const [name, content, ...options] of same) {
      const { words, error } = await authority.command(
        await authority.write(name, content),
        ...options,
      );
      expect([name, error, words]).toEqual([
        name,
        null,
        expect.stringContaining('0 recorded, 3 unchanged, 0 refused'),
      ]);
    }
    const refused: [string, string | Uint8Array, string, ...string[]][] = [
      ['bars.csv', text.replaceAll(',', '|'), 'import_separator_unknown'],
      ['unmarked.csv', utf16.subarray(2), 'encoding_unknown'],
      ['latin.csv', text, 'encoding_unknown', '--encoding', 'latin1'],
      ['contradicted.csv', utf16, 'encoding_contradicted', '--encoding', 'utf-8'],
    ];
    for (const [name, content, code, ...options] of refused)
      expect([
        name,
        (await authority.command(await authority.write(name, content), ...options)).error?.code,
      ]).toEqual([name, code]);
  });

  test('within another is the fault of its lines', async () => {
    const [a, b] = [plain(), plain()];
    const mixed = Buffer.concat([Buffer.from(`${permitHeader}\n${a}\n`), gb18030(`${b}\n`)]);
    await authority.command(await authority.write('mixed.csv', mixed));
    expect(await badLines(beside('mixed.bad.csv'))).toEqual([[3, 'not_in_encoding']]);
    const other = Buffer.concat([gb18030(`${permitHeader}\n${a}\n`), Buffer.from(`${b}\n`)]);
    await authority.command(await authority.write('other.csv', other));
    expect(await badLines(beside('other.bad.csv'))).toEqual([
      [3, expect.stringMatching(/^(not_in_encoding|utf8_among_gb18030)$/)],
    ]);
  });
});

describe('a file that a spreadsheet or an old program wrote', () => {
  const refusalOf = async (name: string, content: string | Uint8Array, ...options: string[]) => {
    const { error } = await authority.command(await authority.write(name, content), ...options);
    return error;
  };

  test('and that is no text is told by its first bytes, whatever its name', async () => {
    const xls = Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0);
    for (const content of [xls, 'PK\u0003\u0004 示例'])
      expect(await refusalOf('renamed.csv', content)).toMatchObject({
        code: 'file_is_spreadsheet',
        hint: expect.stringContaining('CSV UTF-8'),
      });
  });

  test('with lone carriage returns, or a header alone, is told so', async () => {
    expect(await refusalOf('mac.csv', `${permitHeader}\r${plain()}\r`)).toMatchObject({
      code: 'line_ends_unknown',
    });
    expect(await refusalOf('header.csv', `${permitHeader}\n\n`)).toMatchObject({
      code: 'import_empty',
      message: expect.stringContaining('只有表头'),
    });
  });

  test('in GBK, called UTF-8, is told by line, and what to say instead', async () => {
    const file = gb18030(`${permitHeader}\n${plain()}\n`);
    expect(await refusalOf('gbk.csv', file, '--encoding', 'utf-8')).toMatchObject({
      code: 'not_in_encoding',
      message: expect.stringMatching(/第 1 行.*line 1/),
      hint: expect.stringContaining('--encoding gb18030'),
    });
    const ascii = 'type,holder_kind,holder_number,valid_from,姓名'; // the fault is told by column
    const mixed = Buffer.concat([
      Buffer.from(`${ascii}\n`),
      gb18030('ZZ003,111,x,2026-01-01,测\n'),
    ]);
    const { words } = await authority.command(await authority.write('cell.csv', mixed));
    expect(words).toMatch(/line 2: not_in_encoding: 姓名：第 24 字节/);
  });
});

describe('what the city would refuse of every line', () => {
  test('a dry run refuses too: types that are not the authority’s, and days to come', async () => {
    const before = (await authority.recorded()).length;
    const file = await authority.write('foreign.csv', [
      `${permitHeader},as_of`,
      `${plain({ type: 'ZZ001' })},`,
      `${plain()},2999-01-01`,
      `${plain()},2026-01-01`,
    ]);
    for (const options of [['--dry-run'], ['--stop-after', '2']]) {
      const { words, exitCode } = await authority.command(file, ...options);
      expect(exitCode).toBe(1);
      expect(words).toContain('1 可送入 good, 2 不可 refused');
      expect(words).toContain(
        'line 2: type_not_of_authority: type：“ZZ001”：本机构没有登记这种证照',
      );
      expect(words).toContain('line 3: as_of_to_come: as_of：“2999-01-01”：时点不得晚于今天');
    }
    expect((await authority.recorded()).length).toBe(before);
  });

  test('another authority’s credit code ends it at the start', async () => {
    const file = await authority.write('other-authority.csv', [permitHeader, plain()]);
    const { error } = await authority.command(
      file,
      ...['--dry-run', '--authority', inventedCreditCode()],
    );
    expect(error).toMatchObject({
      code: 'issuer_not_caller',
      message: expect.stringContaining(authority.creditCode),
    });
  });

  test.each([
    ['--as-of', '2999-01-01', 'option_wrong'],
    ['--as-of', 'yesterday', 'option_wrong'],
    ['--reason', 'reissue', 'option_wrong'],
    ['--stop-after', '0', 'number_wrong'],
    ['--stop-percent', '101', 'number_wrong'],
    ['--batch', '0', 'number_wrong'],
    ['--at-once', '1e1', 'number_wrong'],
    ['--authority', '11430112000000001X', 'credit_code_wrong'],
    ['--city', '11430112000000001X', 'credit_code_wrong'],
  ])('and options that cannot be used are named: %s %s', async (option, value, code) => {
    const file = await authority.write('options.csv', [permitHeader, plain()]);
    const { error, words } = await authority.command(file, option, value);
    expect(error).toMatchObject({ code });
    expect(error?.message).toMatch(new RegExp(`^${option} .*[\\p{Script=Han}].*/ `, 'u'));
    expect(words).not.toContain('再次运行同一命令');
  });
});

test('a bad file at one line is that line’s fault, and the others come in', async () => {
  await writeFile(beside('good.pdf'), '%PDF-1.7 示例');
  await writeFile(beside('none.pdf'), 'PK示例');
  await writeFile(beside('none.ofd'), '%PDF-1.7');
  await writeFile(beside('empty.pdf'), '');
  await writeFile(beside('large.pdf'), '%PDF-1.7');
  await truncate(beside('large.pdf'), 11 * 1024 * 1024);
  const names = [
    'good.pdf',
    'large.pdf',
    'none.pdf',
    'good.pdf',
    'none.ofd',
    'empty.pdf',
    'no.pdf',
  ];
  const file = await authority.write('files.csv', [
    `${permitHeader},file.original`,
    ...names.map((name) => `${permit()},${name}`),
  ]);
  const { words } = await authority.command(file, '--stop-percent', 'none');
  expect(words).toContain('2 recorded, 0 unchanged, 5 refused');
  expect(await badLines(beside('files.bad.csv'))).toEqual([
    [3, 'file_too_large'],
    [4, 'file_wrong'],
    [6, 'file_wrong'],
    [7, 'file_empty'],
    [8, 'file_unreadable'],
  ]);
});

describe('before anything is written', () => {
  test('numbers that a spreadsheet rounded are found out, those too whose check fits by chance', async () => {
    const before = (await authority.recorded()).length;
    const rounded = Array.from({ length: 110 }, () => `${inventedResidentId().slice(0, 15)}000`);
    const lines = [permitHeader, ...rounded.map((number) => plain({ number, id: number }))];
    lines.push(plain({ number: '1.1E+17' }));
    const { words, exitCode } = await authority.command(
      await authority.write('rounded.csv', lines),
      ...['--stop-after', 'none', '--stop-percent', 'none'],
    );
    expect(exitCode).toBe(1);
    expect(words).toContain('the numbers of 110 lines end in 000');
    expect((await badLines(beside('rounded.bad.csv'))).at(-1)).toEqual([112, 'number_rounded']);
    expect((await authority.recorded()).length).toBe(before);
  });

  test('a file of which too much is wrong is left, and how much that is can be said', async () => {
    const before = (await authority.recorded()).length;
    const wrong = Array.from({ length: 20 }, () => plain({ from: '2026-02-30' }));
    const twenty = await authority.write('twenty.csv', [permitHeader, ...permits(5), ...wrong]);
    expect((await authority.command(twenty, '--stop-percent', 'none')).exitCode).toBe(1);
    const percent = [permitHeader, ...permits(40), ...wrong.slice(0, 3)];
    const share = await authority.write('share.csv', percent);
    expect((await authority.command(share)).words).toContain('too many lines are refused');
    expect((await authority.recorded()).length).toBe(before);
    const allowed = await authority.command(share, '--stop-percent', '7');
    expect(allowed.words).toContain('40 recorded, 0 unchanged, 3 refused');
  });

  test('a dry run reports as the import does, and writes nothing', async () => {
    const before = (await authority.recorded()).length;
    const lines = [permitHeader, ...permits(3), plain({ from: '2020/1/1' }), ',,,,,,,,,,', ''];
    const file = await authority.write('dry.csv', lines);
    const dry = await authority.command(file, '--dry-run');
    expect((await authority.recorded()).length).toBe(before);
    await expect(stat(beside('dry.results.csv'))).rejects.toThrow('ENOENT');
    const real = await authority.command(file);
    expect((await authority.recorded()).length).toBe(before + 3);
    for (const { words } of [dry, real]) {
      expect(words).toContain('7 lines in all: 1 header, 2 blank, 4 of certificates');
      expect(words).toContain('valid_from：“2020/1/1”：');
    }
    expect(await read(beside('dry.bad.csv'))).toBe(await read(beside('dry.bad.2.csv')));
  });

  test('mistakes in the header are told at once, and no line is read', async () => {
    const header = `${permitHeader},备注,姓名,,电话`;
    const file = await authority.write('header.csv', [header, ...permits(30)]);
    const { error, words } = await authority.command(file);
    expect(error?.message).toContain('备注, 电话');
    expect(error?.message).toContain('columns that stand twice: 姓名');
    expect(error?.message).toContain('columns without a name: 14');
    expect(words).toBe('');
    const nobody = await authority.command(await authority.write('headless.csv', [plain()]));
    expect(nobody.error).toMatchObject({ code: 'import_column_missing' });
    expect(nobody.error?.message).not.toContain('测试甲');
  });
});

test('what is refused is told by column, value and what is expected, in two languages, and nobody is named', async () => {
  const number = inventedResidentId();
  const header =
    'type,holder_kind,holder_number,valid_from,valid_until,户主姓名,公民身份号码,保障人数,保障金额,证号';
  const line = (from: string, until = '', change: [string, string] = ['', '']) =>
    `ZZ018,111,${number},${from},${until},测试甲,${number},3,600.5,D1`.replace(...change);
  const file = await authority.write('values.csv', [
    header,
    line('2020/1/1'),
    line('44931'),
    line('2026-01-01', '长期'),
    line('2026-01-01', '永久'),
    line('2026-01-01', '不限'),
    line('2026-01-01', '', ['600.5', '六百']),
    line('2026-01-01', '', [number, '110105194912310021']),
  ]);
  const { words } = await authority.command(file, '--dry-run', '--stop-percent', 'none');
  expect(words).toContain('2 可送入 good');
  expect(words).toContain(
    'valid_from：“2020/1/1”：日期应写作 2020-01-01（年-月-日），此处应为 2020-01-01 / a day is written 2020-01-01 (year-month-day); here: 2020-01-01',
  );
  expect(words).toContain('valid_from：“44931”');
  expect(words).toContain("a spreadsheet's day number");
  expect(words).toContain('valid_until：“不限”');
  expect(words).toContain('保障金额：“六*”');
  expect(words).toContain('holder_number：“1*****************”：校验码不符');
  for (const secret of [number, '110105194912310021', '测试甲'])
    expect(words).not.toContain(secret);
});

test('bad lines can be mended and imported themselves, and no run overwrites those of another', async () => {
  const file = await authority.write('mend.csv', [
    permitHeader,
    permit(),
    permit('110105194912310021'),
  ]);
  const { words, exitCode } = await authority.command(file);
  expect(exitCode).toBe(1);
  expect(words).toContain('第 3 行 / line 3: identifier_check_failed');
  expect(words).not.toContain('110105194912310021');
  const bad = beside('mend.bad.csv');
  expect((await stat(bad)).mode & 0o777).toBe(0o600);
  expect((await stat(beside('mend.results.csv'))).mode & 0o777).toBe(0o600);
  const kept = await read(bad);
  expect(
    kept.startsWith(`\ufeffrefused.line,refused.code,refused.reason,${permitHeader}\n"3",`),
  ).toBe(true);
  const again = await authority.command(bad);
  expect(again.words).toContain('0 recorded, 0 unchanged, 1 refused');
  expect(await read(bad)).toBe(kept);
  const second = await read(beside('mend.bad.2.csv'));
  expect(second.split('\n')[0]).toBe(kept.split('\n')[0]);
  await writeFile(bad, kept.replaceAll('110105194912310021', inventedResidentId()));
  const mended = await authority.command(bad);
  expect(mended).toMatchObject({ exitCode: undefined, error: null });
  expect(mended.words).toContain('1 recorded, 0 unchanged, 0 refused');

  const lines = await authority.write('mend.ndjson', ['not json', '{"type":"ZZ013"}']);
  await authority.command(lines);
  const badJson = await read(beside('mend.bad.ndjson'));
  expect(badJson).toMatch(
    /^\{"refused":\{"line":1,.*"text":"not json"\}\}\n\{"refused":\{"line":2,.*\},"type":"ZZ013"\}\n$/,
  );
  const repeated = await authority.command(beside('mend.bad.ndjson'));
  expect(repeated.words).toContain('0 recorded, 0 unchanged, 2 refused');
});

test('who interrupts it is told where it stands, results and bad lines are whole up to there, and it goes on from there', async () => {
  const lines = [permitHeader, ...permits(60)];
  lines[3] = plain({ from: '2026-02-30' });
  const file = await authority.write('interrupted.csv', lines);
  const real = globalThis.fetch;
  const spy = jest.spyOn(globalThis, 'fetch').mockImplementation(async (...call) => {
    const answer = await real(...call);
    if ((call[0] as string).endsWith('/batch')) process.emit('SIGINT');
    return answer;
  });
  const { words, exitCode } = await authority.command(file, '--batch', '10', '--at-once', '1');
  spy.mockRestore();
  expect(exitCode).toBe(130);
  const upTo = Number(/all lines up to (\d+) were answered/.exec(words)?.[1]);
  expect(upTo).toBe(11);
  const results = (await read(beside('interrupted.results.csv'))).trimEnd().split('\n').slice(1);
  expect(results.map((line) => Number(line.split(',')[0]))).toEqual([2, 3, 5, 6, 7, 8, 9, 10, 11]);
  expect(await badLines(beside('interrupted.bad.csv'))).toEqual([[4, 'value_malformed']]);
  const { words: then } = await authority.command(file);
  expect(then).toContain('50 recorded, 9 unchanged, 1 refused');
});

describe('with --json and --quiet', () => {
  const bad = '110105194912310021'; // a wrong check

  test('a check and an import say all of it in one object, and keep the values of persons out', async () => {
    const file = await authority.write('facts.csv', [
      permitHeader,
      ...permits(3),
      permit(bad, { name: '测试乙' }),
    ]);
    const options = ['--json', '--stop-percent', 'none'];
    const dry = await authority.command(file, '--dry-run', ...options);
    expect([dry.err, dry.exitCode]).toEqual(['', 1]);
    expect(JSON.parse(dry.out)).toMatchObject({
      complete: false,
      dryRun: true,
      checked: { good: 3, refused: 1, lines: { header: 1, blank: 0, rows: 4 }, stop: false },
      refused: [{ line: 5, lines: 1, code: 'identifier_check_failed' }],
      badFile: beside('facts.bad.csv'),
      resultsFile: null,
    });
    const run = await authority.command(file, ...options);
    expect([run.err, run.exitCode]).toEqual(['', 1]);
    expect(JSON.parse(run.out)).toMatchObject({
      complete: false,
      dryRun: false,
      imported: { recorded: 3, unchanged: 0, refused: 1, upToLine: 5, stopped: null },
      badFile: beside('facts.bad.2.csv'),
      resultsFile: beside('facts.results.csv'),
      interrupted: false,
    });
    for (const { out } of [dry, run]) {
      expect(out).not.toContain(bad);
      expect(out).not.toContain('测试乙');
    }
  });

  test('an import that ends in an error says so in the same object', async () => {
    const file = await authority.write('unknown.csv', [`${permitHeader},备注`, `${plain()},无`]);
    const { out, exitCode } = await authority.command(file, '--json');
    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      complete: false,
      error: { code: 'import_column_unknown' },
    });
  });

  test('the exit code says all that is said where nobody listens', async () => {
    const good = await authority.write('quiet.csv', [permitHeader, plain()]);
    expect(await authority.command(good, '--quiet')).toMatchObject({ words: '', error: null });
    const wrong = await authority.write('wrong.csv', [permitHeader, plain(), permit(bad)]);
    expect(await authority.command(wrong, '--quiet', '--stop-percent', 'none')).toMatchObject({
      words: '',
      exitCode: 1,
    });
  });
});
