import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, type InlineConfig, type Plugin, type Rolldown } from 'vite';
import codes from '../../contracts/codes.json' with { type: 'json' };

const root = fileURLToPath(new URL('.', import.meta.url));
const catalogue = fileURLToPath(
  new URL('../../contracts/catalogue/certificate-types.tsv', import.meta.url),
);
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
    'action_not|ask_beyond|case_self|holder_number|materials|matter_(not_)?self|nothing_foreign',
    'port_|proof_(answer|source)|whom|window_required|witness',
    'operators?|participant|reading|rebuild|release|rotation|statement|terminal_offer|tile|token',
    'type',
  ].join('|')})`,
);

/**
 * Whose page it is: a phone leaves out the texts of what no door tells a holder. What is away, or
 * not there, every door may tell.
 */
type ToldTo = 'staff' | 'holders' | 'anyone';
const isTold = (
  to: Exclude<ToldTo, 'anyone'>,
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
function problems(to: Exclude<ToldTo, 'anyone'>): Plugin {
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

/** `virtual:type-names`: what types of certificates are called, of the catalogue. */
const typeNames: Plugin = {
  name: 'type-names',
  resolveId: (source) => (source === 'virtual:type-names' ? `\0${source}` : undefined),
  load: async (resolved) => {
    if (resolved !== '\0virtual:type-names') return undefined;
    const [, ...lines] = (await readFile(catalogue, 'utf8')).trimEnd().split('\n');
    const names = lines.map((line) => {
      const [code = '', , zh = '', en = ''] = line.split('\t');
      return [code, [zh, en]];
    });
    return `export default JSON.parse(${JSON.stringify(JSON.stringify(Object.fromEntries(names)))});`;
  },
};

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

const pluginsFor: Readonly<Record<ToldTo, Plugin[]>> = {
  staff: [problems('staff')],
  holders: [problems('holders'), signaturesByBrowser],
  anyone: [typeNames],
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
    plugins: pluginsFor[to],
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

/** Pages that work without network, with what each needs beside what its build writes. */
const beside = {
  phone: ['phone.webmanifest', 'phone-icon.png', 'icon.svg'],
  verify: ['icon.svg'],
} as const;

/**
 * `dist/web/<page>-files.json`: all that the page can load, for its service worker. A file of the
 * set, so that the worker is the same from release to release and takes a set with its own code.
 * @param output of the build of the page
 */
export async function writeFiles(
  page: keyof typeof beside,
  output: Rolldown.RolldownOutput['output'],
): Promise<void> {
  const files = [...output.map(({ fileName }) => fileName), ...beside[page]].sort();
  await writeFile(`${outDir}${page}-files.json`, `${JSON.stringify({ files }, null, 1)}\n`);
}

/** A page's service worker, `dist/web/<page>-worker.js`. */
export const workerOf = (page: keyof typeof beside): InlineConfig => ({
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
      input: `${root}${page}/worker.ts`,
      output: { format: 'iife', entryFileNames: `${page}-worker.js` },
    },
  },
});

/**
 * The page of verify once more, with all that it loads in it: for a device that is never online.
 * @param alias as for the page itself
 */
export const verifyInOneFile = (alias: Record<string, string>): InlineConfig => ({
  root,
  configFile: false,
  publicDir: false,
  logLevel: 'warn',
  plugins: [typeNames, wasmInline],
  resolve: { alias, conditions: ['mianzheng-source', ...defaultClientConditions] },
  build: {
    outDir,
    emptyOutDir: false,
    write: false,
    target: 'es2023',
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: {
      checks: { bundlerTimings: false },
      treeshake: { moduleSideEffects: [{ test: /\/libs\/[a-z-]+\//, sideEffects: false }] },
      onLog: (level, log, handle) => {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
      input: `${root}verify/main.tsx`,
      output: { codeSplitting: false },
    },
  },
});

/** The program of the patient reader is in the page itself where the page is one file. */
const wasmInline: Plugin = {
  name: 'wasm-inline',
  enforce: 'pre',
  resolveId: (source, importer = '') =>
    source === './wasm.ts' && importer.includes('/verify/reading/')
      ? `${root}verify/reading/wasm-inline.ts`
      : undefined,
};

/** `dist/web/verify-offline.html`, of what `verifyInOneFile` built. */
export async function writeOneFile(output: Rolldown.RolldownOutput['output']): Promise<void> {
  const [script] = output.flatMap((file) => (file.type === 'chunk' ? [file.code] : []));
  const style = output.flatMap((file) =>
    file.type === 'asset' && file.fileName.endsWith('.css') ? [String(file.source)] : [],
  );
  if (script === undefined) throw new TypeError('verify was not built');
  // Inside an element of HTML its own end tag would end it.
  const code = script.replaceAll('</script', '<\\/script').replaceAll('<!--', '<\\!--');
  const css = style.join('');
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hash(code)} 'wasm-unsafe-eval'`,
    `style-src ${hash(css)}`,
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
  const page = `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>免证 · 证明查验</title>
<style>${css}</style>
</head>
<body>
<div id="page"></div>
<script type="module">${code}</script>
</body>
</html>
`;
  await writeFile(`${outDir}verify-offline.html`, page);
}
