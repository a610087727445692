import type { City } from '../city.js';
import type { Script } from '../script.js';
import type { Client } from '../stage.js';

interface Line {
  readonly line: number;
  readonly state: 'recorded' | 'unchanged' | 'refused';
  readonly certificate?: string;
}

const idCard = 'ZZ001';
const socialCard = 'ZZ019';

export async function clientsAreRegistered(script: Script, city: City): Promise<void> {
  script.title(
    'An administrator registers the public keys of authorities, windows, a department and an auditor',
  );
  script.must(
    'the administrator unlocks the key of the first start',
    await city.administrator.ask('unlock', { keyFile: city.keyFile }),
  );
  const register = async (client: Client, registration: Record<string, unknown>) => {
    const key = script.must(
      `${client.role} made a key of its own, and signed for whom it is`,
      await client.ask('proveKey', registration),
    );
    const answer = await city.administrator.ask('register', { ...registration, keys: [key] });
    const { client: id, scopes } = script.must<{ client: string; scopes: readonly string[] }>(
      `${client.role} is registered`,
      answer,
    );
    city.ids.set(client, id);
    await client.ask('registered', { client: id, scopes });
  };
  await register(city.police, {
    kind: 'issuing-authority',
    name: '演示公安机关（虚构）',
    department: '公安',
    authority: { creditCode: city.policeCode, name: '演示公安机关（虚构）', types: [idCard] },
  });
  await register(city.labour, {
    kind: 'issuing-authority',
    name: '演示人社部门（虚构）',
    department: '人社',
    authority: { creditCode: city.labourCode, name: '演示人社部门（虚构）', types: [socialCard] },
  });
  const window = (n: number) => ({
    kind: 'terminal',
    name: `演示窗口${n}号（虚构）`,
    department: '人社',
    window: `demo-${city.run}-${n}`,
  });
  await register(city.windowOne, window(1));
  await register(city.windowTwo, window(2));
  await register(city.department, {
    kind: 'department',
    name: '演示医保系统（虚构）',
    department: '医保',
    window: `demo-${city.run}-medical`,
  });
  await register(city.auditor, { kind: 'auditor', name: '演示审计（虚构）', department: '审计' });
}

export async function certificatesAreIssued(script: Script, city: City): Promise<void> {
  script.title(
    `Two authorities sign certificates for ${city.people.length} synthetic holders and hand them in`,
  );
  const today = new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10);
  const year = Number(today.slice(0, 4));
  const common = (number: string) => ({
    validFrom: today,
    validUntil: `${year + 10}-01-31`,
    holders: [{ role: 'holder', kind: '111', number }],
  });
  const idCards = city.people.map(({ name, number, address }) => ({
    ...common(number),
    authority: city.policeCode,
    type: idCard,
    fields: {
      姓名: name,
      性别: Number(number.charAt(16)) % 2 === 1 ? '男' : '女',
      民族: '汉',
      出生日期: `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`,
      住址: address,
      公民身份号码: number,
      签发机关: '演示公安机关（虚构）',
      有效期限: `${today}至${year + 10}-01-31`,
    },
  }));
  const socialCards = city.people.map(({ name, number, card }) => ({
    ...common(number),
    authority: city.labourCode,
    type: socialCard,
    fields: {
      姓名: name,
      社会保障号码: number,
      卡号: card,
      发卡日期: today,
      有效期限: `${today}至${year + 10}-01-31`,
    },
  }));
  for (const [authority, type, contents] of [
    [city.police, idCard, idCards],
    [city.labour, socialCard, socialCards],
  ] as const) {
    const lines = script.must<Line[]>(
      `${authority.role} hands in ${contents.length}`,
      await authority.ask('issueMany', { contents }),
    );
    script.same(
      'each of them is recorded',
      lines.filter(({ state }) => state === 'recorded').length,
      contents.length,
    );
    for (const [n, { certificate }] of lines.entries())
      if (certificate !== undefined) city.certificates.set(`${n}/${type}`, certificate);
  }
  const foreign = await city.labour.ask('issue', {
    content: { ...idCards[0], authority: city.labourCode },
  });
  script.refused(
    'an authority that hands in a type which is not its own',
    foreign,
    'type_not_of_authority',
  );
}

export async function phonesAreEnrolled(script: Script, city: City): Promise<void> {
  script.title('Holders enrol their phones at the window; the window signs whose key it is');
  for (const n of [0, 1, 2, 3]) city.startPhone(n);
  for (const n of [0, 1, 2, 3]) {
    const identifier = { kind: '111', number: city.person(n).number };
    script.must(
      `holder ${n} is identified by a document`,
      await city.windowOne.ask('identify', { identifier, basis: 'document' }),
    );
    const { enrolment, code } = script.must<{ enrolment: string; code: string }>(
      'the window gets a one-time code',
      await city.windowOne.ask('openEnrolment', { identifier }),
    );
    const { jkt } = script.must<{ jkt: string }>(
      'the phone shows the code and proves that it holds its key',
      await city.phone(n).ask('offer', { code }),
    );
    script.must(
      'the window signs that this key is this person’s',
      await city.windowOne.ask('confirmEnrolment', { enrolment, jkt }),
    );
    if (n === 0)
      script.refused(
        'another phone with the same code',
        await city.phone(1).ask('offer', { code }),
        'enrolment_code_refused',
      );
  }
}
