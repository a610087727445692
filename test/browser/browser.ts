import { build } from 'esbuild';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.js';
import type { Verdict, Verifier } from './page.js';

const entry = fileURLToPath(new URL('./page.ts', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Nothing may be loaded but the two files of the page, and no connection opened: the browser itself
 * refuses the rest.
 */
const policy = "default-src 'none'; script-src 'self'; img-src data:";

/** A page with the verifier in it, in a real browser, and what it asked the network for. */
export class VerifierPage {
  private constructor(
    private readonly browser: Browser,
    private readonly server: Server,
    private readonly folder: string,
    readonly page: Page,
    /** Files from which the bundle was made, relative to the repository. */
    readonly sources: readonly string[],
    /** Every request that the browser made for the page, in order. */
    readonly requests: readonly string[],
    /** Whatever the page threw or complained of. */
    readonly complaints: readonly string[],
  ) {}

  static async open(): Promise<VerifierPage> {
    const folder = await mkdtemp(join(tmpdir(), 'mianzheng-page-'));
    const { metafile } = await build({
      entryPoints: [entry],
      absWorkingDir: root,
      outfile: join(folder, 'verify.js'),
      bundle: true,
      format: 'esm',
      platform: 'browser', // an import of Node's own modules does not build
      target: 'es2022',
      conditions: ['mianzheng-source'],
      minify: true,
      metafile: true,
      logLevel: 'silent',
    });
    const files = new Map<string, readonly [string, string | Buffer]>([
      [
        '/',
        [
          'text/html',
          '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/verify.js"></script>',
        ],
      ],
      ['/verify.js', ['text/javascript', await readFile(join(folder, 'verify.js'))]],
    ]);
    const server = createServer(({ url = '' }, reply) => {
      const [type, content] = files.get(url) ?? ['text/plain', ''];
      reply.writeHead(content === '' ? 404 : 200, {
        'content-type': `${type}; charset=utf-8`,
        'content-security-policy': policy,
      });
      reply.end(content);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

    const browser = await launchBrowser();
    const page = await browser.newPage();
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on('request', (request) => requests.push(request.url().replace(origin, '')));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => complaints.push(message.text()));
    // The verifier brings its own hashes and signatures: a page without the browser's, as one from
    // a plain http origin is, checks as well.
    await page.addInitScript(() => {
      Object.defineProperty(globalThis, 'crypto', {
        get() {
          throw new TypeError('the page has no crypto');
        },
      });
    });
    await page.goto(origin);
    return new VerifierPage(
      browser,
      server,
      folder,
      page,
      Object.keys(metafile.inputs),
      requests,
      complaints,
    );
  }

  /** Calls a function of the page, in the browser. */
  call(name: keyof Verifier, texts: readonly string[]): Promise<Verdict> {
    return this.page.evaluate(
      ({ name, texts }) => {
        const { verifier } = globalThis as unknown as { verifier: Verifier };
        return Reflect.apply(verifier[name], undefined, texts) as Verdict;
      },
      { name, texts: [...texts] },
    );
  }

  async close(): Promise<void> {
    await this.browser.close();
    this.server.closeAllConnections();
    this.server.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
