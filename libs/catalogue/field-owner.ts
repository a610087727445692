/**
 * Whose a field about a person is: a number of the `holder` must be one of a holder, and where
 * there are parties, each holder has one of their numbers. A number of another person has its own
 * check, and is compared with no holder.
 */
export const fieldOwners = [
  'holder',
  'party-a',
  'party-b',
  'parties', // of all of them, in one field
  'head', // of the household
  'spouse',
  'mother',
  'father',
  'child',
  'guardian',
  'deceased',
  'representative', // of an organisation: by law, or responsible for something
  'other',
] as const;
export type FieldOwner = (typeof fieldOwners)[number];
