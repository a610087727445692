import { execFile } from 'node:child_process';
import { createReadStream, existsSync } from 'node:fs';
import { access, mkdir, mkdtemp, open, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';

const root = fileURLToPath(new URL('../../', import.meta.url));
const installed = ['/usr/bin/chromium', '/usr/bin/google-chrome', '/usr/bin/chromium-browser'];
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** The browser in which pages are tried, and what its process needs to find. */
interface Program {
  readonly executablePath: string;
  readonly libraries: string | null;
}

/**
 * A browser without windows. It comes from npm where its package is for this platform; elsewhere an
 * installed one is taken, or the one that CHROMIUM names.
 */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Browser> {
  const { executablePath, libraries } = await browserProgram();
  return chromium.launch({
    ...options,
    executablePath,
    headless: true,
    args: [...args, ...(options.args ?? [])],
    env: {
      ...process.env,
      ...(libraries === null ? {} : { LD_LIBRARY_PATH: libraries }),
    },
  });
}

async function browserProgram(): Promise<Program> {
  const named = process.env['CHROMIUM'];
  if (named !== undefined) {
    await access(named);
    return { executablePath: named, libraries: null };
  }
  if (process.platform === 'linux' && process.arch === 'x64') return unpacked();
  const found = installed.find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(
      'no browser for the tests: install Chromium or Chrome, or name one in CHROMIUM',
    );
  return { executablePath: found, libraries: null };
}

/** Unpacks the packed browser once a version; tests beside one another may do so at once. */
async function unpacked(): Promise<Program> {
  const packed = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..');
  const { version } = JSON.parse(await readFile(join(packed, 'package.json'), 'utf8')) as {
    version: string;
  };
  const cache = join(root, 'node_modules', '.cache');
  const folder = join(cache, `chromium-${version}`);
  const program = { executablePath: join(folder, 'chromium'), libraries: join(folder, 'lib') };
  if (existsSync(program.executablePath)) return program;
  await mkdir(cache, { recursive: true });
  const draft = await mkdtemp(join(cache, 'chromium-draft-'));
  const file = await open(join(draft, 'chromium'), 'w', 0o755);
  await pipeline(
    createReadStream(join(packed, 'bin', 'chromium.br')),
    createBrotliDecompress(),
    file.createWriteStream(),
  );
  const archive = join(draft, 'al2023.tar');
  await pipeline(
    createReadStream(join(packed, 'bin', 'al2023.tar.br')),
    createBrotliDecompress(),
    (await open(archive, 'w')).createWriteStream(),
  );
  await promisify(execFile)('tar', ['-xf', archive, '-C', draft]);
  await rm(archive);
  await rename(draft, folder).catch(async (error: unknown) => {
    await rm(draft, { recursive: true, force: true });
    // Another test was faster.
    if (!existsSync(program.executablePath)) throw error;
  });
  return program;
}
