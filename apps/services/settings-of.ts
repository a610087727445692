const limits = ['REQUESTS_PER_SECOND', 'REQUESTS_OF_ONE_ADDRESS', 'OPEN_REQUESTS_AT_ONCE'];
const ofTheCity = ['CITY', 'EVENT_STORE_URL', ...limits];

/**
 * The settings of this process that each program gets, beside those that every child inherits and
 * those that it is given. The vault's keys go to the ledger alone.
 */
export const settingsOf: Readonly<Record<string, readonly string[]>> = {
  identity: [
    ...ofTheCity,
    'RP_ID',
    'SIGN_IN_HOURS',
    'OPERATORS_ISSUER',
    'OPERATORS_CLIENT_ID',
    'OPERATORS_CLIENT_SECRET',
    'OPERATORS_ACR',
    'OPERATORS_AMR',
  ],
  window: ofTheCity,
  ledger: [
    ...ofTheCity,
    'CATALOGUE_DIR',
    'PROOF_SOURCES',
    'WITNESS_MONITORING',
    'HOLDERS_PER_WINDOW_AND_DAY',
    'HOLDERS_PER_DEPARTMENT_AND_DAY',
    'CASES_PER_HOLDER_AND_DAY',
    'QUESTIONS_PER_HOLDER_AND_HOUR',
    'EVENT_STREAMS',
    'MASTER_KEY',
    'LOOKUP_PEPPER',
    'PAIRWISE_KEY',
    'RP_ID',
    'OPERATORS_ISSUER',
  ],
  front: ['REQUESTS_OF_ONE_ADDRESS', 'PROXIES'],
  witness: [],
};
