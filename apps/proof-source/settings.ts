import { resolve } from 'node:path';
import { type ProgramSettings, programSettings, SettingInvalid } from '#libs/platform';

/** Settings of the trial's source of e-proofs, beside those of every program. */
export interface SourceSettings extends ProgramSettings {
  /** Where the city answers, without a slash at the end. */
  readonly cityUrl: string;
  /** The file of the policy of the city's log: it says whose requests are believed. */
  readonly logPolicy: string;
  /** The issuing authority's client in the city, and its unified social credit code. */
  readonly client: string;
  readonly creditCode: string;
  /** The file of the authority's private key, a JWK. */
  readonly keyFile: string;
  /** Directory of the catalogue's files. */
  readonly catalogueDir: string;
  /** A file of records that is taken in at the start; null for none. */
  readonly records: string | null;
}

/** @throws SettingInvalid */
export function sourceSettings(
  env: NodeJS.ProcessEnv,
  folder: string,
  program: string,
): SourceSettings {
  const cityUrl = (env['CITY_URL'] ?? '').replace(/\/$/, '');
  if (!URL.canParse(cityUrl) || !/^https?:$/.test(new URL(cityUrl).protocol))
    throw SettingInvalid.mustBe('CITY_URL', 'the http or https URL of the city');
  const file = (path: string | undefined, usual = '') => resolve(folder, path ?? usual);
  return {
    ...programSettings(env, folder, program, { usual: 8090, least: 0 }),
    cityUrl,
    logPolicy: file(env['LOG_POLICY']),
    client: env['SOURCE_CLIENT'] ?? '',
    creditCode: env['SOURCE_AUTHORITY'] ?? '',
    keyFile: file(env['SOURCE_KEY']),
    catalogueDir: file(env['CATALOGUE_DIR'], 'contracts/catalogue'),
    records: (env['SOURCE_RECORDS'] ?? '') === '' ? null : file(env['SOURCE_RECORDS']),
  };
}
