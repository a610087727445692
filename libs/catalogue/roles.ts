/**
 * As what somebody takes part in a case. A closed list: a misspelt role would make a rule that nobody can ever answer.
 * `natural` and `legal` say what kind of subject it is; `either` leaves it open.
 */
export const participantRoles = {
  applicant: 'natural',
  spouse: 'natural',
  child: 'natural',
  seller: 'natural',
  'legal-representative': 'natural',
  employee: 'natural',
  'legal-person': 'legal',
  mortgagee: 'legal',
  surveyor: 'legal',
  designer: 'legal',
  contractor: 'legal',
  owner: 'either',
} as const;

export type ParticipantRole = keyof typeof participantRoles;

export const isParticipantRole = (text: string): text is ParticipantRole =>
  Object.hasOwn(participantRoles, text);

/** Whether somebody in this role can be the holder of a certificate for such holders. */
export function canHold(role: ParticipantRole, holder: 'natural' | 'legal' | 'both'): boolean {
  const kind = participantRoles[role];
  return kind === 'either' || holder === 'both' || holder === kind;
}
