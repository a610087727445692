import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JWK } from 'jose';
import {
  cityOf,
  type ClientDetails,
  clientFetch,
  newPrivateJwk,
  proveClientKey,
  readKey,
} from '#libs/api-client';
import { signCertificate } from '#libs/department-client';
import { inventedCreditCode } from '../../support/authority.js';
import { inventPeople, type Person } from '../../demo/people.js';
import { CityProcess } from '../../fault/city-process.js';
import { enrol, must, post, type Send } from '../../fault/enrolling.js';
import { material, type Scene } from './scene.js';
import { holderCount, type Side, windowCount } from './side.js';

/** A city, all in one process, on a database of the measurement's server. */
export interface OurSide extends Side {
  readonly city: CityProcess;
}

export async function ours(
  folder: string,
  database: string,
  url: string,
  holders = holderCount,
): Promise<OurSide> {
  const city = await CityProcess.start(folder, { DATABASE_URL: url });
  try {
    return {
      name: 'ours',
      database,
      city,
      scene: await sceneOf(city.baseUrl, folder, holders),
      pid: () => city.pid ?? 0,
      stop: () => city.stop(),
    };
  } catch (error) {
    await city.stop();
    throw error;
  }
}

/**
 * Windows, and holders with phones and a certificate each, in a city that runs.
 * @param folder where its keys are
 */
export async function sceneOf(
  baseUrl: string,
  folder: string,
  holders = holderCount,
): Promise<Scene> {
  const register = await registrar(baseUrl, folder);
  const authority = await register({
    kind: 'issuing-authority',
    name: '示例颁发机构（虚构）',
    department: '公安',
    authority: { creditCode, name: '示例颁发机构（虚构）', types: [material] },
  });
  const windows = [];
  for (let n = 0; n < windowCount; n++)
    windows.push(
      await register({
        kind: 'terminal',
        name: `示例窗口${n}（虚构）`,
        department: '人社',
        window: `bench-${n}`,
      }),
    );
  const [terminal] = windows;
  if (terminal === undefined) throw new RangeError('no window');
  const people = [];
  for (const person of inventPeople(holders)) {
    const jwk = await newPrivateJwk('ES256');
    await enrol(baseUrl, terminal, person, jwk);
    const sdJwt = await cardOf(person, authority.jwk);
    await must(() => post(authority.send, `${baseUrl}/v1/certificates`, { sdJwt }));
    people.push({ number: person.number, jwk: { ...jwk } });
  }
  return {
    baseUrl,
    issuer: `${baseUrl}/identity`,
    windows: windows.map(({ client, jwk, scopes }) => ({ client, jwk: { ...jwk }, scopes })),
    holders: people,
  };
}

const creditCode = inventedCreditCode();

async function registrar(baseUrl: string, folder: string) {
  const own = await readFile(join(folder, 'keys', 'administrator.jwk'), 'utf8');
  const administrator = clientFetch({
    baseUrl,
    client: 'administrator',
    key: await readKey(JSON.parse(own) as JWK),
    scopes: ['clients:manage'],
  });
  const city = await cityOf(baseUrl);
  return async (details: ClientDetails) => {
    const jwk = await newPrivateJwk();
    const key = await readKey(jwk);
    const proved = await proveClientKey(key, city, details);
    const { client, scopes } = await must<{ client: string; scopes: string[] }>(() =>
      post(administrator, `${baseUrl}/v1/clients`, { ...details, keys: [proved] }),
    );
    const send: Send = clientFetch({ baseUrl, client, key, scopes });
    return { client, scopes, jwk, key, send };
  };
}

/** An identity card of the person, as the authority issues it. */
async function cardOf({ name, number, address }: Person, jwk: JWK): Promise<string> {
  const { jkt, alg } = await readKey(jwk);
  return signCertificate(
    {
      authority: creditCode,
      type: material,
      validFrom: '2026-01-01',
      validUntil: '2036-01-01',
      holders: [{ role: 'holder', kind: '111', number }],
      fields: {
        姓名: name,
        性别: Number(number.charAt(16)) % 2 === 1 ? '男' : '女',
        民族: '汉',
        出生日期: `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`,
        住址: address,
        公民身份号码: number,
        签发机关: '示例颁发机构（虚构）',
        有效期限: '2026-01-01至2036-01-01',
      },
    },
    { kid: jkt, alg, key: createPrivateKey({ key: { ...jwk }, format: 'jwk' }) },
  );
}
