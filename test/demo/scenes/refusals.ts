import { inventPeople } from '../people.js';
import type { City } from '../city.js';
import type { Script } from '../script.js';
import type { Answer } from '../stage.js';
import { type Case, type Done, matter, type Release } from './window.js';

const opening = (number: string) => ({
  matter,
  participants: [{ role: 'applicant', identifier: { kind: '111', number } }],
});

/** Everything that must not work, each refused with its reason, and nothing changed by it. */
export async function whatMustNotWork(script: Script, city: City, done: Done): Promise<void> {
  script.title('A consent counts once, for one terminal, for one case');
  script.refused(
    'the same token again',
    await city.windowOne.ask('pull', { token: done.token }),
    'consent_spent',
  );
  script.refused(
    'the token at another window',
    await city.windowTwo.ask('pull', { token: done.token }),
    'token_of_another_client',
  );
  script.refused(
    'another window looks at the case',
    await city.windowTwo.ask('viewCase', { id: done.case }),
    'case_of_another_window',
  );
  script.refused(
    'a token with one letter changed',
    await city.windowOne.ask('pull', { token: changed(done.token) }),
    'token_signature_refused',
  );
  const again = script.must<Release>(
    'the same terminal reads the same again (a reloaded page)',
    await city.windowOne.ask('readAgain', { id: done.case, consent: done.consent }),
  );
  script.same(
    'and gets the same fields',
    again.handedOver.materials.map(({ fields }) => fields),
    done.release.handedOver.materials.map(({ fields }) => fields),
  );
  script.check('which is a record of its own', again.record.version > done.release.record.version);

  script.title('Only what the rule names can be asked for');
  const other = await openFor(script, city, 1);
  const ask = (body: Record<string, unknown>) =>
    city.windowOne.ask('ask', { id: other, role: 'applicant', ...body });
  script.refused(
    'a type that is no material of the case',
    await ask({ materials: ['ZZ013'] }),
    'material_absent',
  );
  script.refused(
    'fields named by the caller',
    await ask({ materials: ['ZZ001'], fields: ['住址'] }),
    'request_invalid',
  );

  script.title('Only the holder’s own phone grants, and only for the holder');
  const waiting = await askFor(script, city, other);
  script.refused(
    'the phone of someone else',
    await city.phone(2).ask('grant', waiting),
    'consent_absent',
  );
  script.refused(
    'a number that the window does not show',
    await city.phone(1).ask('grant', { ...waiting, number: otherNumber(waiting.number) }),
    'number_mismatched',
  );
  script.refused(
    'a capacity without a mandate',
    await city.phone(1).ask('grant', { ...waiting, capacity: 'agent' }),
    'capacity_not_supported',
  );
  script.must(
    'the holder refuses',
    await city.phone(1).ask('refuse', { consent: waiting.consent }),
  );
  script.refused(
    'a token after a no',
    await city.windowOne.ask('token', { id: other, consent: waiting.consent }),
    'consent_refused',
  );

  script.title('A certificate that was revoked answers nothing');
  const revoked = await openFor(script, city, 2);
  script.must('the authority revokes the ID card of holder 2', await revoke(city, 2));
  const grantedLate = await askFor(script, city, revoked, ['ZZ001']);
  script.must('the holder grants', await city.phone(2).ask('grant', grantedLate));
  script.refused(
    'the pull',
    await pull(script, city, revoked, grantedLate.consent),
    'certificate_revoked',
  );

  script.title('Nor one that is revoked between the yes and the pull');
  const between = await openFor(script, city, 3);
  const granted = await askFor(script, city, between, ['ZZ001']);
  script.must('holder 3 grants', await city.phone(3).ask('grant', granted));
  const { token } = script.must<{ token: string }>(
    'the window has its token',
    await city.windowOne.ask('token', { id: between, consent: granted.consent }),
  );
  script.must('now the authority revokes', await revoke(city, 3));
  script.refused('the pull', await city.windowOne.ask('pull', { token }), 'certificate_revoked');
  script.title('A number that nobody knows is answered like any other');
  const [stranger] = inventPeople(1);
  const unknown = script.must<Case>(
    'a case for a stranger',
    await city.windowOne.ask('openCase', opening(stranger?.number ?? '')),
  );
  const known = script.must<Case>(
    'and one for somebody known',
    await city.windowOne.ask('openCase', opening(city.person(4).number)),
  );
  script.same('look the same', shape(unknown), shape(known));
  const [a, b] = [await askFor(script, city, unknown.case), await askFor(script, city, known.case)];
  const stateOf = async (id: string, consent: string) =>
    shape(script.must('how it stands', await city.windowOne.ask('state', { id, consent })));
  script.same(
    'before and after asking',
    await stateOf(unknown.case, a.consent),
    await stateOf(known.case, b.consent),
  );

  script.title('A closed case gives nothing more');
  script.must(
    'the clerk closes the case',
    await city.windowOne.ask('closeCase', { id: done.case }),
  );
  script.refused(
    'reading again',
    await city.windowOne.ask('readAgain', { id: done.case, consent: done.consent }),
    'case_closed',
  );
}

async function openFor(script: Script, city: City, n: number): Promise<string> {
  const opened = script.must<Case>(
    `a case for holder ${n}`,
    await city.windowOne.ask('openCase', opening(city.person(n).number)),
  );
  return opened.case;
}

/** What the window shows: the holder, who stands before it, reads the number from it. */
interface Asked {
  readonly consent: string;
  readonly number: string;
}

async function askFor(
  script: Script,
  city: City,
  id: string,
  materials = ['ZZ001', 'ZZ019'],
): Promise<Asked> {
  const answer = await city.windowOne.ask('ask', { id, role: 'applicant', materials });
  return script.must<Asked>('the window asks', answer);
}

async function pull(script: Script, city: City, id: string, consent: string): Promise<Answer> {
  const { token } = script.must<{ token: string }>(
    'the window has its token',
    await city.windowOne.ask('token', { id, consent }),
  );
  return city.windowOne.ask('pull', { token });
}

const revoke = (city: City, n: number) =>
  city.police.ask('revoke', {
    certificate: city.certificate(n, 'ZZ001'),
    reason: 'wrongly_issued',
  });

const otherNumber = (number: string): string => String((Number(number) + 1) % 100).padStart(2, '0');

const changed = (token: string): string => {
  const at = token.lastIndexOf('.') + 10;
  return token.slice(0, at) + (token.charAt(at) === 'A' ? 'B' : 'A') + token.slice(at + 1);
};

/** A reply with its ids and times taken out: what is left must not tell who was asked about. */
function shape(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, member: unknown) =>
      ['case', 'consent', 'number', 'answerBy', 'opened'].includes(name) && member !== null
        ? 'x'
        : member,
    ),
  );
}
