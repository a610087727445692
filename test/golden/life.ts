import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { signCertificate, signedDigest } from '#libs/certificate';
import type { CommandContext, EventStore } from '#libs/event-store';
import { onSubject } from '../../libs/privacy/subject.stream.js';
import { register } from '../support/client.js';
import { TestKey } from '../support/keys.js';
import { admitSecond } from '../support/second-administrator.js';
import { done, type Town } from '../support/town.js';
import type { WitnessedCity } from '../support/witnessed-city.js';
import type { GoldenPeople } from './people.js';

/** Something of everything that a record can say: at least one event of each type. */
export async function liveThrough(
  town: Town<WitnessedCity>,
  store: EventStore,
  pool: pg.Pool,
): Promise<GoldenPeople> {
  const people = await releases(town);
  await answers(town);
  await withheld(town);
  await certificates(town);
  await clients(town);
  await catalogue(town);
  await erasures(town, store);
  await subjects(town, store, pool);
  return people;
}

async function releases(town: Town<WitnessedCity>): Promise<GoldenPeople> {
  const used = await town.granted();
  const release = done(await town.pull(used.token));
  done(await town.terminal.post(`${used.at}/read-again`));
  done(
    await town.terminal.post(`/v1/cases/${used.case}/materials/ZZ019/bring`, { reason: 'no_rule' }),
  );
  done(await town.terminal.post(`/v1/cases/${used.case}/close`, { outcome: 'accepted' }));
  const { stream, version, hash } = release.record;
  return {
    terminal: {
      client: town.terminal.client,
      key: town.terminal.key.exported(),
      scopes: [...town.terminal.scopes],
    },
    holder: { number: used.number, phone: used.phone.key.exported() },
    released: { stream, version, hash },
  };
}

/** One who granted and waits, one who refused, one who took the yes back, a case that stays open, a phone that was lost. */
async function answers(town: Town<WitnessedCity>): Promise<void> {
  const waiting = await town.granted();
  const refused = await town.asked(waiting);
  done(await refused.phone.post(`/v1/phone/consents/${refused.consent}/refuse`));
  const withdrawn = await town.granted();
  done(await withdrawn.phone.post(`/v1/phone/consents/${withdrawn.consent}/withdraw`));
  done(await town.openCase(withdrawn.number));
  const lost = await town.holder();
  done(await lost.phone.post(`/v1/phone/keys/${lost.phone.key.jkt}/revoke`, { reason: 'lost' }));
}

/** A case that is closed in the very moment of a release: tried until it was. */
async function withheld(town: Town<WitnessedCity>): Promise<void> {
  for (let round = 0; round < 100; round++) {
    const { token, case: atCase, phone } = await town.granted();
    await Promise.all([
      town.pull(token),
      town.terminal.post(`/v1/cases/${atCase}/close`, { outcome: 'accepted' }),
    ]);
    const { accesses } = done(await phone.get('/v1/phone/accesses')) as {
      accesses: { kind: string }[];
    };
    if (accesses.at(-1)?.kind === 'withheld') return;
  }
  throw new RangeError('no case was closed in the very moment of a release: make it again');
}

async function certificates(town: Town<WitnessedCity>): Promise<void> {
  const { http, key } = town.authority;
  const holder = await town.holder();
  const content = town.card(holder.number);
  const sdJwt = await signCertificate(content, key);
  const { certificate } = done(await http.post('/v1/certificates', { sdJwt }));
  const path = `/v1/certificates/${certificate}`;
  done(await http.post(`${path}/suspend`, { reason: 'under_review' }));
  done(await http.post(`${path}/reinstate`, { reason: 'review_closed' }));
  const amended = {
    ...content,
    version: 2,
    validUntil: '2045-12-31',
    supersedes: { digest: signedDigest(sdJwt.split('~')[0] ?? ''), reason: 'renewal' as const },
  };
  done(await http.post(`${path}/amend`, { sdJwt: await signCertificate(amended, key) }));
  for (const [change, reason] of [
    ['suspend', 'court_order'],
    ['revoke', 'wrongly_issued'],
    ['cancel', 'superseded'],
  ] as const) {
    const other = await town.idCard((await town.holder()).number);
    done(await http.post(`/v1/certificates/${other}/${change}`, { reason }));
  }
}

async function clients(town: Town<WitnessedCity>): Promise<void> {
  const { admin } = town.city;
  const window = await register(admin, {
    kind: 'terminal',
    department: '人社',
    town: '示例镇',
    window: 'hall-2-01',
  });
  done(await admin.post(`/v1/clients/${window.client}/keys`, { jwk: new TestKey().jwk }));
  done(await admin.post(`/v1/clients/${window.client}/disable`, { reason: 'lost' }));
  done(await admin.post(`/v1/clients/${window.client}/enable`, { reason: 'returned' }));
}

async function catalogue(town: Town<WitnessedCity>): Promise<void> {
  for (const content of [
    'code\tcategory\tname_zh\tname_en\tissuing_department_zh\tholder\tvalidity\tnational_type_code\tdata_fields_zh\nZZ002\tcertificate\t居民户口簿（新版）\tHousehold Register\t公安\tnatural\t\t\t户号;户主姓名;与户主关系;姓名;公民身份号码;户籍地址;婚姻状况\n',
    'code\tname_zh\tname_en\tdepartment_zh\tlevel\taudience\tmaterial_codes\tmaterials_zh\tscenario_zh\nSX0001\t灵活就业人员参保登记\tSocial insurance enrolment of the flexibly employed\t人社\tdistrict\tnatural\tZZ001;ZZ019\t居民身份证;社会保障卡\t灵活就业\n',
  ])
    done(await town.city.admin.post('/v1/catalogue/import', { content }));
}

/** One erased, one whose erasure was taken back, one under a hold, one whose hold was lifted. */
async function erasures(town: Town<WitnessedCity>, store: EventStore): Promise<void> {
  const { admin } = town.city;
  const second = await admitSecond(store, admin);
  const whose = async () => ({
    identifier: { kind: '111', number: (await town.granted()).number },
  });
  const ask = async () => {
    const asked = await admin.post('/v1/erasures', { ...(await whose()), reason: 'unlawful' });
    return `/v1/erasures/${done(asked).erasure}`;
  };
  done(await second.post(`${await ask()}/approve`));
  done(await admin.post(`${await ask()}/withdraw`));
  const hold = async () => {
    const placed = await admin.post('/v1/legal-holds', {
      ...(await whose()),
      basis: 'litigation',
    });
    return `/v1/legal-holds/${done(placed).hold}`;
  };
  await hold();
  done(await second.post(`${await hold()}/lift`, { basis: 'ended' }));
}

/** Two numbers of one person: no route merges subjects yet, and the event exists from the first version. */
async function subjects(
  town: Town<WitnessedCity>,
  store: EventStore,
  pool: pg.Pool,
): Promise<void> {
  const subjectOf = async (): Promise<string> => {
    await town.holder();
    const { rows } = await pool.query<{ stream: string }>(
      `SELECT stream FROM log_record WHERE stream LIKE 'subject-%' ORDER BY position DESC LIMIT 1`,
    );
    return rows[0]?.stream.slice('subject-'.length) ?? '';
  };
  const [one, other] = [await subjectOf(), await subjectOf()];
  const context: CommandContext = {
    actor: { client: town.city.admin.client },
    idempotencyKey: randomBytes(16).toString('hex'),
    seed: randomBytes(32).toString('hex'),
    now: new Date().toISOString(),
  };
  await onSubject(store, one, context, { do: 'merge', from: other });
}
