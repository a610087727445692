import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, type InlineConfig, type Plugin, type Rolldown } from 'vite';
import codes from '../../contracts/codes.json' with { type: 'json' };

const root = fileURLToPath(new URL('.', import.meta.url));
const outDir = fileURLToPath(new URL('../../dist/web/', import.meta.url));

/** What is to be done by operators, importers and auditors: no holder's phone can. */
const notOfHolders: ReadonlySet<string> = new Set([
  'correct-settings',
  'correct-data',
  'correct-command',
  'mend-ledger',
  'upgrade',
  'second-administrator',
  'do-not-trust',
]);

/** What codes of these names are about is administration's, an authority's or a window's alone. */
const aboutStaff = new RegExp(
  `^(${[
    'account|batch|blob|client_(authority|is|keys|scope|sign_in|window)|client_key_(appr|re|t|unap)',
    'daily|database_[^u]|erasure|event_store|exclusion|fields|identifier|issuer|legal_hold',
    'operators?|participant|reading|rebuild|release|rotation|statement|terminal_offer|tile|token',
    'type',
  ].join('|')})`,
);

/**
 * Whose page it is: a phone leaves out the texts of what no door tells a holder. What is away, or
 * not there, every door may tell.
 */
type ToldTo = 'staff' | 'holders';
const isTold = (
  to: ToldTo,
  code: string,
  { action, answers }: (typeof codes.codes)[keyof typeof codes.codes],
) =>
  to === 'staff' ||
  (!aboutStaff.test(code) &&
    (!notOfHolders.has(action) || answers.some(({ status }) => status === 404 || status === 503)));

const languages = ['zh', 'en'] as const;

/**
 * `virtual:problems-zh` and `virtual:problems-en`: of contracts/codes.json, what each code means.
 * Apart, because a visit has one language.
 */
function problems(to: ToldTo): Plugin {
  const idOf = (language: string) => `virtual:problems-${language}`;
  return {
    name: 'problems',
    resolveId: (source) =>
      languages.some((language) => idOf(language) === source) ? `\0${source}` : undefined,
    load: (resolved) => {
      const language = languages.find((one) => resolved === `\0${idOf(one)}`);
      if (language === undefined) return undefined;
      const texts = Object.fromEntries(
        Object.entries(codes.codes)
          .filter(([code, told]) => told.http && isTold(to, code, told))
          .map(([code, told]) => [code, told[language]]),
      );
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(texts))});`;
    },
  };
}

/**
 * A phone judges signatures by its browser's own Ed25519 (phone/logic/signatures.ts), and loads
 * ours where there is none: it is left out as the default of libs/verify.
 */
const signaturesByBrowser: Plugin = {
  name: 'signatures-by-browser',
  enforce: 'pre',
  async resolveId(source, importer = '') {
    if (source === './portable/index.js' && importer.endsWith('/libs/log/ed25519.ts'))
      return `${root}phone/logic/no-default-signatures.ts`;
    // Hashes a second time for it, so that the page has no SHA-512, which nothing else needs.
    if (source !== '@noble/hashes/sha2.js' || !/\/(log\/portable|@noble\/curves)\//.test(importer))
      return undefined;
    const found = await this.resolve(source, importer, { skipSelf: true });
    return found && `${found.id}?portable`;
  },
};

/**
 * What all builds of pages share. A page is a folder with an index.html; it comes out as
 * `dist/web/<page>/index.html`, and what it loads under `dist/web/assets`.
 * @param pages names of the folders
 * @param alias packages that stand in for others in these pages
 * @param to whom these pages are for
 */
export function pages(
  names: readonly string[],
  {
    alias = {},
    first,
    to,
  }: {
    readonly alias?: Record<string, string>;
    readonly first: boolean;
    readonly to: ToldTo;
  },
): InlineConfig {
  return {
    root,
    configFile: false,
    publicDir: first ? 'public' : false,
    logLevel: 'warn',
    plugins: to === 'holders' ? [problems(to), signaturesByBrowser] : [problems(to)],
    resolve: { alias, conditions: ['mianzheng-source', ...defaultClientConditions] },
    build: {
      outDir,
      emptyOutDir: first,
      target: 'es2023',
      modulePreload: { polyfill: false },
      // A file inside a style sheet or script would be a data: address, which the policy refuses.
      assetsInlineLimit: 0,
      rolldownOptions: {
        // A slow machine is no fault of the sources.
        checks: { bundlerTimings: false },
        // An index of libs re-exports its room: what a page does not use of it is left out.
        treeshake: { moduleSideEffects: [{ test: /\/libs\/[a-z-]+\//, sideEffects: false }] },
        // Libraries mark modules for servers that render; here all of it runs in the browser.
        onLog: (level, log, handle) => {
          if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
        },
        input: Object.fromEntries(names.map((name) => [name, `${root}${name}/index.html`])),
      },
    },
  };
}

/** What the phone's page needs beside what its build writes. */
const besidePhone = ['phone.webmanifest', 'phone-icon.png', 'icon.svg'];

/**
 * `dist/web/phone-files.json`: all that the phone's page can load, for its service worker. A file
 * of the set, so that the worker is the same from release to release and takes a set with its own
 * code.
 * @param output of the build of the page
 */
export async function writePhoneFiles(output: Rolldown.RolldownOutput['output']): Promise<void> {
  const files = [...output.map(({ fileName }) => fileName), ...besidePhone].sort();
  await writeFile(`${outDir}phone-files.json`, `${JSON.stringify({ files }, null, 1)}\n`);
}

/** The phone's service worker, `dist/web/phone-worker.js`. */
export const phoneWorker = (): InlineConfig => ({
  root,
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  resolve: { conditions: ['mianzheng-source', ...defaultClientConditions] },
  build: {
    outDir,
    emptyOutDir: false,
    target: 'es2023',
    rolldownOptions: {
      checks: { bundlerTimings: false },
      treeshake: { moduleSideEffects: [{ test: /\/libs\/[a-z-]+\//, sideEffects: false }] },
      input: `${root}phone/worker.ts`,
      output: { format: 'iife', entryFileNames: 'phone-worker.js' },
    },
  },
});
