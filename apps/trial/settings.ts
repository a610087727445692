import { join } from 'node:path';
import { SettingInvalid, Settings } from '#libs/platform';
import { minNumbers, maxNumbers, type Numbers, usualNumbers } from './population/population.js';

/** The settings of the trial hall. */
export interface TrialSettings {
  /** Where the city answers, as it calls itself. */
  readonly url: string;
  readonly administratorKey: string;
  /** Keys and state of the hall. */
  readonly folder: string;
  /** The file of the policy of the city's log. */
  readonly logPolicy: string;
  /** The city's file of the services that make e-proofs. */
  readonly proofSources: string;
  /** How many people a new trial gets; an existing one keeps its own. */
  readonly numbers: Numbers;
}

/**
 * @param url of the city; by default that of one started with these settings
 * @throws SettingInvalid
 */
export function trialSettings(
  env: NodeJS.ProcessEnv,
  folder: string,
  url: string | undefined,
): TrialSettings {
  const { publicUrl, dataDir, keysDir, logPolicy, proofSources } = Settings.from(
    env,
    folder,
    'trial',
  );
  return {
    url: (url ?? publicUrl).replace(/\/$/, ''),
    administratorKey: join(keysDir, 'administrator.jwk'),
    folder: join(dataDir, 'trial'),
    logPolicy: logPolicy ?? join(dataDir, 'log-policy'),
    proofSources,
    numbers: {
      holders: numberOf(env, 'TRIAL_HOLDERS', 'holders'),
      companies: numberOf(env, 'TRIAL_COMPANIES', 'companies'),
    },
  };
}

function numberOf(env: NodeJS.ProcessEnv, name: string, what: keyof Numbers): number {
  const value = env[name] ?? '';
  if (value === '') return usualNumbers[what];
  const [least, most] = [minNumbers[what], maxNumbers[what]];
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw SettingInvalid.mustBe(name, `a whole number from ${least} to ${most}`);
}
