/**
 * Where the city answers, unless `--url` says it: as the demo is told, else as a city started from
 * here would.
 */
export const cityUrl = (env: NodeJS.ProcessEnv = process.env): string =>
  env['MIANZHENG_URL'] ?? env['PUBLIC_URL'] ?? `http://localhost:${env['PORT'] ?? '8080'}`;
