import type { City } from '../city.js';
import type { Script } from '../script.js';
import { type Case, checkRelease, type Release } from './window.js';

/**
 * Another department's system asks and is answered: the same road, another matter, another id for
 * the same person.
 */
export async function departmentAsks(script: Script, city: City): Promise<void> {
  script.title('医保’s own system handles 灵活就业人员基本医疗保险参保登记 for holder 1');
  const opened = script.must<Case>(
    'it opens a case',
    await city.department.ask('openCase', {
      matter: 'SX0003',
      participants: [
        { role: 'applicant', identifier: { kind: '111', number: city.person(1).number } },
      ],
    }),
  );
  const { consent, number } = script.must<{ consent: string; number: string }>(
    'it asks for the ID card',
    await city.department.ask('ask', { id: opened.case, role: 'applicant', materials: ['ZZ001'] }),
  );
  script.check(
    'its board shows the case',
    (await city.department.ask('board', { id: opened.case })).ok,
  );
  script.must('the holder grants', await city.phone(1).ask('grant', { consent, number }));
  const { token } = script.must<{ token: string }>(
    'a token',
    await city.department.ask('token', { id: opened.case, consent }),
  );
  const release = script.must<Release>('it pulls', await city.department.ask('pull', { token }));
  script.same('name and number', release.handedOver.materials[0]?.fields, {
    姓名: city.person(1).name,
    公民身份号码: city.person(1).number,
  });
  await checkRelease(script, city, release);
  script.must('it closes the case', await city.department.ask('closeCase', { id: opened.case }));
}
