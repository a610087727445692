import { describe, expect, test } from '@jest/globals';
import { MemoryEventStore } from '#libs/event-store/memory';
import type { ActingFor } from '#libs/identity';
import { givenTo } from '../../test/support/given.js';
import {
  NoPlaces,
  OtherProcess,
  ReleaseScene,
  sceneMaterials,
} from '../../test/support/release-scene.js';
import { StreamBooks } from '../consent/stream-books.js';
import { StreamCaseReader } from './case-reader.js';
import { type CaseCommand, caseDecider } from './case.decider.js';
import type { CaseEvent, CaseOpened, CaseTerms } from './case.events.js';

const refusedWith = (code: string) => expect.objectContaining({ code });

const opened: CaseOpened['data'] = {
  case: 'case-of-the-test-00000',
  matter: 'SX0001',
  matterName: '灵活就业人员参保登记',
  matterNameEn: 'Social insurance enrolment',
  matterDepartment: '人社',
  ruleVersion: 1,
  materials: sceneMaterials,
  window: 'window-1',
  department: '人社',
  town: null,
  terminal: 'terminal-1',
  participants: [{ subject: 'somebody', role: 'applicant', identifiedBy: 'number' }],
  books: { applicant: 0 },
  queueNumber: null,
};
const own = { department: '人社', window: 'window-1' };
const open: CaseEvent = { type: 'CaseOpened', data: opened };
const brought: CaseEvent = {
  type: 'MaterialBrought',
  data: { case: opened.case, material: 'ZZ900', reason: 'no_rule' },
};
const closed: CaseEvent = {
  type: 'CaseClosed',
  data: { case: opened.case, outcome: 'accepted' },
};

const given = givenTo(caseDecider);

const bring: CaseCommand = { kind: 'bring', by: own, material: 'ZZ900', reason: 'no_rule' };
const close: CaseCommand = { kind: 'close', by: own, outcome: 'accepted' };

describe('a case', () => {
  test('is opened once', () => {
    given().when({ kind: 'open', opened }).then(open);
    given(open).when({ kind: 'open', opened }).refuses('case_already_open');
  });
  test('has participants, each in a role of its own', () => {
    given()
      .when({ kind: 'open', opened: { ...opened, participants: [] } })
      .refuses('participant_missing');
    const [one] = opened.participants;
    given()
      .when({ kind: 'open', opened: { ...opened, participants: [one!, one!] } })
      .refuses('role_twice');
  });
  test('notes a material that was brought, once', () => {
    given(open).when(bring).then(brought);
    given(open, brought).when(bring).then();
  });
  test('knows only the materials of its matter', () => {
    given(open)
      .when({ ...bring, material: 'ZZ777' })
      .refuses('material_absent');
  });
  test('is closed once; the same end again changes nothing, another is refused', () => {
    given(open).when(close).then(closed);
    given(open, closed).when(close).then();
    given(open, closed)
      .when({ ...close, outcome: 'rejected' })
      .refuses('case_closed');
    given(open, closed).when(bring).refuses('case_closed');
  });
  test.each([
    ['another window of the department', { department: '人社', window: 'window-2' }],
    ['a window of that name in another department', { department: '公安', window: 'window-1' }],
    ['a client without a window', { department: '人社', window: null }],
  ])('is not for %s', (_, by) => {
    given(open)
      .when({ ...bring, by })
      .refuses('case_of_another_window');
    given(open)
      .when({ ...close, by })
      .refuses('case_of_another_window');
  });
  test('that was never opened is told absent', () => {
    given().when(bring).refuses('case_absent');
    given().when(close).refuses('case_absent');
  });
});

describe('a case opened online', () => {
  const terms: CaseTerms = {
    case: opened.case,
    matter: opened.matter,
    matterName: opened.matterName,
    matterNameEn: opened.matterNameEn,
    matterDepartment: opened.department,
    ruleVersion: 1,
    materials: sceneMaterials,
    department: opened.department,
    participants: [{ subject: 'somebody', role: 'applicant', identifiedBy: 'key' }],
    books: { applicant: 0 },
  };
  const proof = { method: 'jws', jws: 'signed', jkt: 'key' } as const;
  const applicant: ActingFor = {
    caller: 'somebody',
    principal: { capacity: 'self', subject: 'somebody' },
  };
  const another: ActingFor = { caller: 'other', principal: { capacity: 'self', subject: 'other' } };
  const apply: CaseCommand = { kind: 'open-online', by: applicant, terms, proof };
  const online: CaseEvent = {
    type: 'CaseOpenedOnline',
    data: { ...terms, caller: 'somebody', proof },
  };
  const place = { window: 'window-1', town: '示例镇', terminal: 'terminal-1' };
  const taken: CaseEvent = { type: 'CaseTaken', data: { case: opened.case, ...place } };
  const at = { department: '人社', ...place };
  const take: CaseCommand = { kind: 'take', by: at };
  const withdraw: CaseCommand = { kind: 'withdraw', by: applicant };
  const withdrawn: CaseEvent = {
    type: 'CaseWithdrawn',
    data: { case: opened.case, caller: 'somebody' },
  };

  test('has one participant, whose own key opened it, once', () => {
    given().when(apply).then(online);
    given(online).when(apply).refuses('case_already_open');
    given()
      .when({ ...apply, by: another })
      .refuses('participant_missing');
    given()
      .when({ ...apply, by: { ...another, principal: applicant.principal } })
      .refuses('mandate_not_supported');
    given()
      .when({ ...apply, terms: { ...terms, participants: [] } })
      .refuses('participant_missing');
  });
  test('is open at no window before one takes it', () => {
    given(online).when(bring).refuses('case_not_taken');
    given(online).when(close).refuses('case_not_taken');
    given(online, taken).when(bring).then(brought);
    given(online, taken).when(close).then(closed);
  });
  test('is given back by the window that took it, while nothing of it is in hand there', () => {
    const inHand = { isAsked: false, isAnswered: false };
    const giveBack: CaseCommand = { kind: 'return', by: at, inHand };
    const returned: CaseEvent = {
      type: 'CaseReturned',
      data: { case: opened.case, window: at.window },
    };
    given(online, taken).when(giveBack).then(returned);
    given(online, taken, returned).when(take).then(taken);
    given(online, taken, returned).when(giveBack).refuses('case_not_taken');
    given(online, taken, returned).when(bring).refuses('case_not_taken');
    given(online, taken)
      .when({ ...giveBack, by: { ...at, window: 'window-2' } })
      .refuses('case_of_another_window');
    given(online, taken)
      .when({ ...giveBack, inHand: { ...inHand, isAsked: true } })
      .refuses('case_request_under_way');
    given(online, taken)
      .when({ ...giveBack, inHand: { ...inHand, isAnswered: true } })
      .refuses('case_in_hand');
    given(online, taken, brought).when(giveBack).refuses('case_in_hand');
    given(online, taken, closed).when(giveBack).refuses('case_closed');
    given(online, taken, withdrawn).when(giveBack).refuses('case_closed');
    given({ type: 'CaseOpened', data: opened }).when(giveBack).refuses('case_not_online');
    given().when(giveBack).refuses('case_absent');
  });
  test('is taken by one window of its department; another is told so', () => {
    given(online).when(take).then(taken);
    given(online, taken).when(take).then();
    given(online, taken)
      .when({ ...take, by: { ...at, window: 'window-2' } })
      .refuses('case_already_taken');
    given(online)
      .when({ ...take, by: { ...at, department: '公安' } })
      .refuses('case_of_another_window');
    given(online)
      .when({ ...take, by: { ...at, window: null } })
      .refuses('window_required');
    given(open)
      .when({ ...take, by: { ...at, window: 'window-2' } })
      .refuses('case_of_another_window');
    given(online, taken, closed).when(take).refuses('case_closed');
    given().when(take).refuses('case_absent');
  });
  test('is withdrawn by its applicant until it is closed, and by nobody else', () => {
    given(online).when(withdraw).then(withdrawn);
    given(online, taken).when(withdraw).then(withdrawn);
    given(online, withdrawn).when(withdraw).then();
    given(online, taken, closed).when(withdraw).refuses('case_closed');
    given(online)
      .when({ ...withdraw, by: another })
      .refuses('case_absent');
    // What a window opened, its clerk ends.
    given(open).when(withdraw).refuses('case_absent');
    given(online, withdrawn).when(take).refuses('case_closed');
    given(online, taken, withdrawn).when(bring).refuses('case_closed');
  });
});

describe('opening a case', () => {
  const stage = () => new ReleaseScene(new MemoryEventStore('city.example'));
  const applicant = {
    role: 'applicant',
    identifier: { kind: '111', number: '11010519491231002X' },
  } as const;

  test('shows each material with what would answer it, before anybody is asked', async () => {
    const scene = stage();
    const { requirements, status } = await scene.view(await scene.open([applicant]));
    expect(status).toBe('open');
    expect(requirements).toMatchObject([
      { material: 'ZZ001', state: 'exemptible', reason: null, mayAsk: true },
      { material: 'ZZ002', state: 'exemptible', reason: null, mayAsk: true },
      { material: 'ZZ900', state: 'to-be-brought', reason: 'no_rule', mayAsk: false },
    ]);
    expect(requirements[0]?.answers).toEqual([
      { type: 'ZZ001', whose: 'applicant', fields: ['姓名', '公民身份号码'] },
    ]);
  });

  test('says where nobody in the case could answer', async () => {
    const scene = stage();
    const atCase = await scene.open([{ ...applicant, role: 'spouse' }]);
    expect((await scene.view(atCase)).requirements[0]).toMatchObject({
      state: 'to-be-brought',
      reason: 'no_participant',
      mayAsk: false,
    });
  });

  test('takes a participant by the code on a phone, once', async () => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    scene.codes.set('q2m0bR7cV1xJ3kYt8wZ5dA', {
      shown: { subject: holder.subject, jkt: holder.key.jkt },
    });
    const byCode = [{ role: 'applicant', code: 'q2m0bR7cV1xJ3kYt8wZ5dA' }] as const;
    const first = await scene.open(byCode, scene.terminal, 'SX0001', 'one-key-for-both');
    expect(await scene.open(byCode, scene.terminal, 'SX0001', 'one-key-for-both')).toBe(first);
    await expect(scene.open(byCode)).rejects.toEqual(refusedWith('participant_code_refused'));
    expect((await scene.cases.read(first))?.opened.participants).toEqual([
      { subject: holder.subject, role: 'applicant', identifiedBy: 'code' },
    ]);
  });

  test('with a code that is none counts nobody and uses nothing up, whoever the number is of', async () => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    await scene.qrCodes.issue('a-good-code', holder.caller, scene.clock.now());
    for (const number of [holder.number, '110105198001010010'])
      await expect(
        scene.open([
          { role: 'applicant', identifier: { kind: '111', number } },
          { role: 'spouse', code: 'no such code' },
          { role: 'child', code: 'a-good-code' },
        ]),
      ).rejects.toEqual(refusedWith('participant_code_refused'));
    expect(scene.counted).toEqual([]);
    await scene.open([{ role: 'applicant', code: 'a-good-code' }]);
  });

  test('counts a number under one name, known or not, how often it is named', async () => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    for (const number of [holder.number, '110105198001010010'])
      for (let time = 0; time < 3; time++) await scene.openFor(number);
    expect(new Set(scene.counted).size).toBe(2);
  });

  test('reads of a participant’s book what came after it was opened, in a process that knows nothing of it, too', async () => {
    const scene = stage();
    const holder = scene.person('11010519491231002X');
    for (let n = 0; n < 5; n++)
      await scene.request(
        await scene.open([applicant], scene.otherWindow),
        ['ZZ001'],
        scene.otherWindow,
      );
    const atCase = await scene.open([applicant]);
    const read: number[] = [];
    const readStream = scene.store.readStream.bind(scene.store);
    scene.store.readStream = async (...of) => {
      const records = await readStream(...of);
      if (of[0].startsWith('book-')) read.push(records.length);
      return records;
    };
    await scene.view(atCase);
    const consent = await scene.request(atCase);
    await scene.view(atCase);
    expect(read).toEqual([]);
    const elsewhere = new OtherProcess(scene.store);
    const { opened } = await new StreamCaseReader(elsewhere).own(atCase, scene.terminal);
    const books = new StreamBooks(elsewhere, new NoPlaces());
    const { book } = await books.read(holder.subject, { ofCase: opened });
    expect([...book.consents.keys()]).toEqual([consent]);
    expect(read).toEqual([1]);
    await scene.grant(holder, consent);
    expect((await scene.view(atCase)).consents).toMatchObject([{ consent, state: 'granted' }]);
  });

  test('is refused for a matter nobody knows, a role twice, and a client without a window', async () => {
    const scene = stage();
    await expect(scene.open([applicant], scene.terminal, 'SX9999')).rejects.toEqual(
      refusedWith('matter_absent'),
    );
    await expect(scene.open([applicant, applicant])).rejects.toEqual(refusedWith('role_twice'));
    const nowhere = scene.caller('department-1', null, 'key');
    await expect(scene.open([applicant], nowhere)).rejects.toEqual(refusedWith('window_required'));
    expect(scene.counted).toEqual([]);
  });

  test('again under the same Idempotency-Key is the same case', async () => {
    const scene = stage();
    const key = 'the-key-of-one-request';
    const first = await scene.open([applicant], scene.terminal, 'SX0001', key);
    expect(await scene.open([applicant], scene.terminal, 'SX0001', key)).toBe(first);
  });

  test('is seen by its own window alone', async () => {
    const scene = stage();
    const atCase = await scene.open([applicant]);
    await expect(scene.view(atCase, scene.otherWindow)).rejects.toEqual(
      refusedWith('case_of_another_window'),
    );
    await expect(scene.view('no such case')).rejects.toEqual(refusedWith('case_absent'));
  });
});
