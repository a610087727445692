/**
 * Roles of participants in a case: a closed list, because a misspelt role would make a rule that
 * can never be answered. `natural` and `legal` are the kind of subject; `either` leaves it open.
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

/** Whether a participant in this role can be the holder of a certificate for such holders. */
export function canHold(role: ParticipantRole, holder: 'natural' | 'legal' | 'both'): boolean {
  const kind = participantRoles[role];
  return kind === 'either' || holder === 'both' || holder === kind;
}
