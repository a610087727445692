import type { MatterWithRules } from '#libs/catalogue';
import { type EventStore, NONE } from '#libs/event-store';
import { bookOf } from '#libs/subject';
import type { CaseTerms, Participant } from './case.events.js';

/** What a case records of its matter, and of the department that handles it. */
export function termsOf(
  { matter, ruleVersion, materials }: MatterWithRules,
  about: Pick<CaseTerms, 'case' | 'department' | 'participants' | 'books'>,
): CaseTerms {
  const { department, departmentEn } = matter;
  return {
    case: about.case,
    matter: matter.code,
    matterName: matter.nameZh,
    matterNameEn: matter.nameEn,
    matterDepartment: department,
    ...(departmentEn !== undefined && { matterDepartmentEn: departmentEn }),
    ruleVersion,
    materials,
    ...(matter.selfService !== undefined && { selfService: matter.selfService }),
    department: about.department,
    // The catalogue has English names of departments beside the matters that they handle.
    ...(department === about.department && departmentEn !== undefined && { departmentEn }),
    participants: about.participants,
    books: about.books,
  };
}

/** By role: how many records each participant's book has now. */
export async function booksOf(
  store: EventStore,
  participants: readonly Participant[],
): Promise<CaseTerms['books']> {
  const heads = await store.streamHeads(participants.map(({ subject }) => bookOf(subject)));
  return Object.fromEntries(
    participants.map(({ role }, n) => [role, (heads[n]?.version ?? NONE) + 1] as const),
  );
}
