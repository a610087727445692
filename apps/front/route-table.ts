import { readFile } from 'node:fs/promises';
import { isObject, parseJson } from '#libs/kernel';
import { SettingInvalid } from '#libs/platform';
import type { Service } from './settings.js';

/** A route as routers write it, and the service that answers it. */
export interface ServedRoute {
  readonly method: string;
  readonly path: string;
  readonly service: Service;
}

const contracts = new URL(
  import.meta.url.includes('/dist/') ? '../../../contracts/' : '../../contracts/',
  import.meta.url,
);

/** contracts/services.json, which `npm run contracts` writes from the services themselves. */
export async function routeTable(): Promise<readonly ServedRoute[]> {
  const table = parseJson(await readFile(new URL('services.json', contracts), 'utf8'));
  return (['ledger', 'window'] as const).flatMap((service) => {
    const routes = isObject(table) ? table[service] : undefined;
    if (!Array.isArray(routes)) return [];
    return routes.map((route) => {
      const [method = '', path = ''] = String(route).split(' ');
      return { method, path, service };
    });
  });
}

/**
 * Below which path the issuer answers.
 * @returns null where the issuer is not behind this door. @throws SettingInvalid where it would
 * take every path of the door
 */
export function issuerPath(issuerUrl: string, publicUrl: string): string | null {
  if (!issuerUrl.startsWith(`${publicUrl}/`)) {
    if (issuerUrl !== publicUrl) return null;
    throw new SettingInvalid(
      'setting_invalid',
      'ISSUER_URL must have a path of its own below PUBLIC_URL, such as /identity, or another origin',
      { setting: 'ISSUER_URL' },
    );
  }
  return issuerUrl.slice(publicUrl.length);
}
