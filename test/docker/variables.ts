import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { secretSettings, Settings } from '#libs/platform';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What Node itself reads, and we rely on. */
const ofNode = ['NODE_ENV', 'NODE_EXTRA_CA_CERTS'];

/** The names that `Settings.from` asks for: it is handed an environment that remembers them. */
function askedBySettings(): Set<string> {
  const asked = new Set<string>();
  const remembering = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get: (_, name) => {
        asked.add(String(name));
        return undefined;
      },
    },
  );
  Settings.from(remembering, '/');
  return asked;
}

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.(tsx?|mjs)$/.test(path) && !/\.(test|contract|d)\.ts$/.test(path)) yield path;
  }
}

/** The text of every program and script of ours. */
export const programText = (): string =>
  ['apps', 'libs', 'scripts']
    .flatMap((folder) => [...sources(join(root, folder))])
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');

/**
 * The names that programs look up beside the settings: `env['NAME']`, `env.NAME`, or a function
 * that is given `env` and the name, or the name alone and is called `setting`.
 */
function askedInSources(): Set<string> {
  const forms =
    /\benv(?:\[|\.)'?([A-Z][A-Z_]{2,})\b|\(\s*env,\s*'([A-Z][A-Z_]{2,})'|\bsetting\('([A-Z][A-Z_]{2,})'/g;
  return new Set(
    [...programText().matchAll(forms)].map((found) => found[1] ?? found[2] ?? found[3] ?? ''),
  );
}

/** Settings that may come as the name of a file. */
const secretFiles = secretSettings.map((name) => `${name}_FILE`);

/** Every environment variable that one of our programs reads. */
export const variablesRead = (): Set<string> =>
  new Set([...askedBySettings(), ...askedInSources(), ...secretFiles, ...ofNode]);
