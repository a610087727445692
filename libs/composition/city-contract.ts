import { readFile } from 'node:fs/promises';

const contracts = new URL(
  import.meta.url.includes('/dist/') ? '../../../contracts/' : '../../contracts/',
  import.meta.url,
);

/** contracts/openapi.json: all services of a city together, also where one process has a part. */
export const cityContract = (): Promise<string> =>
  readFile(new URL('openapi.json', contracts), 'utf8');
