/** The types of events that tell of an operator. */
export const operatorTypes = [
  'OperatorInvited',
  'OperatorPasskeyAdded',
  'OperatorAccountBound',
  'OperatorInvitedAgain',
  'OperatorRolesChanged',
  'OperatorDisabled',
  'OperatorEnabled',
] as const;
export type OperatorType = (typeof operatorTypes)[number];
