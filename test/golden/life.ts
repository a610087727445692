import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { caseRules } from '#libs/case';
import { signedDigest } from '#libs/certificate';
import { signCertificate } from '#libs/department-client';
import { type CommandContext, type EventStore, execute, recordedName } from '#libs/event-store';
import { actingKey, independenceOf, onOperator, readPublicKey } from '#libs/identity';
import type { ExclusionCommand } from '#libs/exclusion';
import { toldNothingAtMost } from '../../libs/consent/release-decisions.js';
import { onExclusions } from '../../libs/exclusion/exclusion.stream.js';
import { readInvitation } from '../../libs/identity/operators/invitations.js';
import { onSubject } from '../../libs/subject/subject.stream.js';
import { SoftwareAuthenticator } from '../support/authenticator.js';
import { register, type TestClient } from '../support/client.js';
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
  await online(town);
  await answers(town);
  await passkeys(town);
  await ended(town);
  await withheld(town);
  await certificates(town);
  await clients(town);
  const operator = await operators(town, store);
  await catalogue(town);
  await exclusions(town, store, await erasures(town, store));
  await subjects(town, store, pool, operator);
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

/**
 * One who applied online and was answered after a window had taken the case by mistake, and one who
 * withdrew what a window had taken.
 */
async function online(town: Town<WitnessedCity>): Promise<void> {
  const holder = await town.holder();
  await town.idCard(holder.number);
  const applied = async () => {
    const { case: id } = done(await town.apply(holder));
    done(await town.terminal.post(`/v1/cases/${id}/take`));
    return id as string;
  };
  const answered = await applied();
  done(await town.terminal.post(`/v1/cases/${answered}/return`));
  done(await town.terminal.post(`/v1/cases/${answered}/take`));
  const { consent } = done(await town.ask(answered));
  done(await town.grant(holder, consent));
  done(await town.pull(await town.token(`/v1/cases/${answered}/consents/${consent}`)));
  done(await town.terminal.post(`/v1/cases/${answered}/close`, { outcome: 'accepted' }));
  done(await holder.phone.post(`/v1/phone/cases/${await applied()}/withdraw`));
}

/**
 * One who granted and waits, one who typed a wrong number and then refused, one who took the yes
 * back, one who was asked after the own code was scanned, a phone that was lost.
 */
async function answers(town: Town<WitnessedCity>): Promise<void> {
  const waiting = await town.granted();
  const refused = await town.asked(waiting);
  const digits = town.wrongNumber(refused.consent);
  const missed = await town.grant(refused, refused.consent, { digits });
  if (missed.body.code !== 'number_mismatched') throw new RangeError('the number was not wrong');
  done(await refused.phone.post(`/v1/phone/consents/${refused.consent}/refuse`));
  const withdrawn = await town.granted();
  done(await withdrawn.phone.post(`/v1/phone/consents/${withdrawn.consent}/withdraw`));
  done(await town.openCase(withdrawn.number));
  const { code } = done(await withdrawn.phone.post('/v1/phone/codes'));
  const participants = [{ role: 'applicant', code }];
  const scanned = done(await town.terminal.post('/v1/cases', { matter: 'SX0001', participants }));
  const { consent } = done(await town.ask(scanned.case));
  done(await town.grant(withdrawn, consent));
  const lost = await town.holder();
  done(await lost.phone.post(`/v1/phone/keys/${lost.phone.key.jkt}/revoke`, { reason: 'lost' }));
}

/** A yes by passkey that was used, and a passkey that was taken back. */
async function passkeys(town: Town<WitnessedCity>): Promise<void> {
  const holder = await town.holder();
  await town.idCard(holder.number);
  const passkey = new SoftwareAuthenticator(town.url);
  done(await town.addPasskey(holder, passkey));
  const { consent, at } = await town.asked(holder);
  done(await town.grantByPasskey(holder, consent, passkey));
  done(await town.pull(await town.token(at)));
  const { jkt } = done(await town.addPasskey(holder)) as { jkt: string };
  done(await holder.phone.post(`/v1/phone/passkeys/${jkt}/revoke`, { reason: 'replaced' }));
}

/**
 * A yes whose phone was lost afterwards, and one whose certificate was suspended before it was
 * used.
 */
async function ended(town: Town<WitnessedCity>): Promise<void> {
  const { phone } = await town.granted();
  done(await phone.post(`/v1/phone/keys/${phone.key.jkt}/revoke`, { reason: 'lost' }));
  const { certificate, token } = await town.granted();
  const change = `/v1/certificates/${certificate}/suspend`;
  done(await town.authority.http.post(change, { reason: 'under_review' }));
  // The last time that the terminal is told so ends the consent.
  for (let times = 0; times < toldNothingAtMost; times++) {
    const { status } = await town.pull(token);
    if (status < 400) throw new RangeError(`a suspended certificate was answered with ${status}`);
  }
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
  done(
    await admin.post(
      `/v1/clients/${window.client}/keys`,
      await new TestKey().provedFor(window.client),
    ),
  );
  done(await admin.post(`/v1/clients/${window.client}/disable`, { reason: 'lost' }));
  done(await admin.post(`/v1/clients/${window.client}/enable`, { reason: 'returned' }));
  done(await admin.post(`/v1/clients/${town.authority.http.client}/types`, { add: ['ZZ019'] }));
}

/**
 * One who made a passkey, was given roles and closed a case; one who was invited again and bound an
 * account. @returns the first
 */
async function operators(town: Town<WitnessedCity>, store: EventStore): Promise<string> {
  const { admin } = town.city;
  const person = { name: '示例·甲', department: '人社', roles: ['clerk'] };
  const { operator, invitation } = done(await admin.post('/v1/operators', person)) as Record<
    'operator' | 'invitation',
    string
  >;
  const context = contextOf(town.terminal);
  await onOperator(store, context, operator, () => ({
    kind: 'add-passkey',
    operator,
    invitationHash: readInvitation(invitation)?.hash ?? '',
    passkey: {
      credential: randomBytes(16).toString('base64url'),
      jwk: { ...readPublicKey({ ...new TestKey('P-256').jwk }).jwk },
      transports: ['internal'],
      backedUp: false,
    },
    now: context.now,
  }));
  const path = `/v1/operators/${operator}`;
  done(await admin.post(`${path}/roles`, { roles: ['clerk', 'second-operator'] }));
  done(await admin.post(`${path}/disable`, { reason: 'lost' }));
  done(await admin.post(`${path}/enable`, { reason: 'returned' }));
  const other = done(await admin.post('/v1/operators', { ...person, name: '示例·乙' }));
  const again = done(await admin.post(`/v1/operators/${other.operator}/invite-again`));
  await onOperator(store, context, other.operator, () => ({
    kind: 'bind-account',
    operator: other.operator,
    invitationHash: readInvitation(again.invitation)?.hash ?? '',
    account: {
      issuer: 'https://staff.city.example/realms/hall',
      account: randomBytes(32).toString('base64url'),
    },
    now: context.now,
  }));
  const { case: atCase } = done(await town.openCase((await town.holder()).number));
  const closing = contextOf(town.terminal, operator);
  await execute(store, `case-${atCase}`, closing, caseRules, (state) =>
    caseRules.decide(
      { kind: 'close', by: { department: '人社', window: 'hall-1-03' }, outcome: 'accepted' },
      state,
    ),
  );
  return operator;
}

async function catalogue(town: Town<WitnessedCity>): Promise<void> {
  for (const content of [
    'code\tcategory\tname_zh\tname_en\tissuing_department_zh\tdepartment_en\tholder\tvalidity\tnational_type_code\tnumber_unique\tnumber_field\tdata_fields_zh\tfields_en\nZZ002\tcertificate\t居民户口簿（新版）\tHousehold Register\t公安\tPublic Security\tnatural\t\t\tpaper-and-holder\t户号\t户号;户主姓名;与户主关系;姓名;公民身份号码;户籍地址;婚姻状况\tHousehold number;Name of head of household;Relation to head of household;Name;Citizen identity number;Registered household address;\n',
    'code\tname_zh\tname_en\tdepartment_zh\tdepartment_en\tlevel\taudience\tmaterial_codes\tmaterials_zh\tmaterials_en\tscenario_zh\nSX0001\t灵活就业人员参保登记\tSocial insurance enrolment of the flexibly employed\t人社\tHuman Resources and Social Security\tdistrict\tnatural\tZZ001;ZZ019\t居民身份证;社会保障卡\tResident Identity Card;Social Security Card\t灵活就业\n',
  ])
    done(await town.city.admin.post('/v1/catalogue/import', { content }));
}

/** One erased, one whose erasure was taken back, one under a hold, one whose hold was lifted. */
async function erasures(town: Town<WitnessedCity>, store: EventStore): Promise<TestClient> {
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
  return second;
}

/**
 * Foreign events as another kind of store can have them: one left out, and one whose exclusion was
 * taken back.
 */
async function exclusions(
  town: Town<WitnessedCity>,
  store: EventStore,
  second: TestClient,
): Promise<void> {
  const { admin } = town.city;
  const act = (client: TestClient, command: ExclusionCommand) =>
    onExclusions(store, contextOf(client), command);
  for (const outcome of ['left out', 'taken back']) {
    const exclusion = randomBytes(16).toString('base64url');
    const foreign = {
      stream: recordedName(`orders of ${exclusion}`),
      found: [
        {
          part: 'events' as const,
          version: 0,
          position: 1n << 40n,
          hash: randomBytes(32).toString('hex'),
          deletes: false,
        },
      ],
      sealed: { size: 1, position: '1' },
      now: new Date().toISOString(),
    };
    const by = admin.client;
    const keyOf = ({ client, key: { jkt } }: TestClient) => actingKey(store, { client, jkt });
    const [asked, approved] = [await keyOf(admin), await keyOf(second)];
    await act(admin, {
      kind: 'request-exclusion',
      exclusion,
      by,
      with: asked,
      ended: new Set(),
      reason: 'another-program',
      ...foreign,
    });
    await (outcome === 'left out'
      ? act(second, {
          kind: 'approve-exclusion',
          exclusion,
          by: second.client,
          with: approved,
          ...(await independenceOf(
            store,
            { client: by, with: asked },
            { client: second.client, with: approved },
          )),
          ...foreign,
        })
      : act(admin, { kind: 'withdraw-exclusion', exclusion, by }));
  }
}

const contextOf = ({ client }: TestClient, operator?: string): CommandContext => ({
  actor: { client, ...(operator !== undefined && { operator }) },
  idempotencyKey: randomBytes(16).toString('hex'),
  seed: randomBytes(32).toString('hex'),
  now: new Date().toISOString(),
});

/**
 * Two numbers of one person: no route merges subjects yet, and the event exists from the first
 * version. An operator did it, which no route says yet either.
 */
async function subjects(
  town: Town<WitnessedCity>,
  store: EventStore,
  pool: pg.Pool,
  operator: string,
): Promise<void> {
  const subjectOf = async (): Promise<string> => {
    await town.holder();
    const { rows } = await pool.query<{ stream: string }>(
      `SELECT stream FROM log_record WHERE stream LIKE 'subject-%' ORDER BY position DESC LIMIT 1`,
    );
    return rows[0]?.stream.slice('subject-'.length) ?? '';
  };
  const [one, other] = [await subjectOf(), await subjectOf()];
  await onSubject(store, one, contextOf(town.terminal, operator), { kind: 'merge', from: other });
}
