import { SettingInvalid } from './setting-invalid.js';

/** An OpenID Connect issuer elsewhere, by whose word operators sign in. */
export interface OperatorsIssuerSettings {
  /** Its identifier, letter by letter as its tokens name it. */
  readonly issuer: string;
  /** Under which the city is registered there; undefined in a program that never asks it. */
  readonly client: string | undefined;
  readonly secret: string | undefined;
  /** One of these must be the `acr` of a sign-in; none where it does not matter. */
  readonly acr: readonly string[];
  /** All of these must be in its `amr`. */
  readonly amr: readonly string[];
}

const names = {
  issuer: 'OPERATORS_ISSUER',
  client: 'OPERATORS_CLIENT_ID',
  secret: 'OPERATORS_CLIENT_SECRET',
  acr: 'OPERATORS_ACR',
  amr: 'OPERATORS_AMR',
} as const;

/** @returns null where OPERATORS_ISSUER is not set. @throws SettingInvalid */
export function readOperatorsIssuer(env: NodeJS.ProcessEnv): OperatorsIssuerSettings | null {
  const said = Object.fromEntries(
    Object.entries(names).map(([key, name]) => [key, env[name] ?? '']),
  ) as Record<keyof typeof names, string>;
  if (said.issuer === '') {
    const lone = (['client', 'secret', 'acr', 'amr'] as const).find((key) => said[key] !== '');
    if (lone === undefined) return null;
    throw SettingInvalid.mustBe(names[lone], `left out where there is no ${names.issuer}`);
  }
  if (!isIssuer(said.issuer))
    throw SettingInvalid.mustBe(
      names.issuer,
      'an https URL without query and fragment; http is for loopback alone',
    );
  return {
    issuer: said.issuer,
    client: said.client === '' ? undefined : said.client,
    secret: said.secret === '' ? undefined : said.secret,
    acr: words(said.acr),
    amr: words(said.amr),
  };
}

/**
 * For the program that asks the issuer: the client and its secret, too. @throws SettingInvalid
 */
export function registeredAt({ client, secret }: OperatorsIssuerSettings): {
  readonly client: string;
  readonly secret: string;
} {
  const must = `set where there is an ${names.issuer}`;
  if (client === undefined) throw SettingInvalid.mustBe(names.client, must);
  if (secret === undefined) throw SettingInvalid.mustBe(names.secret, must);
  return { client, secret };
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter((one) => one !== '');

function isIssuer(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : null;
  return (
    url !== null &&
    isEncrypted(url) &&
    !/[?#]/.test(value) &&
    url.username === '' &&
    url.password === ''
  );
}

/** Whether nobody on the way can read or change what is sent there: https, or this machine. */
export const isEncrypted = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' ||
  (protocol === 'http:' && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname));
