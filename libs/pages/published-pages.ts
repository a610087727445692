import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';
import { nameOfPages, type PageOfSet, type PagesSet } from '#libs/verify';
import { PagesNotBuilt } from './pages.errors.js';

/** Where `npm run build` writes the pages; tests run from the sources, and serve the same ones. */
export const builtPages = fileURLToPath(
  new URL(import.meta.url.includes('/dist/') ? '../../web/' : '../../dist/web/', import.meta.url),
);

/** One file of the set, as browsers get it. */
export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
  /** Brotli, for text and clients that accept it; null where it would not be smaller. */
  readonly brotli: Buffer | null;
  /** SHA-256 of `content`, base64url: the entity tag. */
  readonly hash: string;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/**
 * The set of pages that this program serves, by path below its folder (`window/index.html`). Read
 * once at the start, so that a new build cannot change them under a running program.
 */
export class PublishedPages {
  private constructor(private readonly files: ReadonlyMap<string, PageFile>) {}

  /** @param folder where the build wrote the pages; an absent one is a set without files */
  static async read(folder: string): Promise<PublishedPages> {
    const files = new Map<string, PageFile>();
    for await (const [path, file] of filesIn(folder)) {
      const isText = /^(text|application|image\/svg)/.test(file.type);
      files.set(path, { ...file, brotli: isText ? smaller(file.content) : null });
    }
    return new PublishedPages(files);
  }

  /** By path, in the order of its characters. @throws PagesNotBuilt */
  all(): readonly (readonly [path: string, file: PageFile])[] {
    this.#mustBeBuilt();
    return [...this.files].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  /** As `namedPages`. @throws PagesNotBuilt */
  named(): NamedPages {
    return named(this.all().map(([path, { hash }]) => ({ path, hash })));
  }

  /** @throws PagesNotBuilt where there is no set at all */
  find(path: string): PageFile | undefined {
    this.#mustBeBuilt();
    return this.files.get(path);
  }

  #mustBeBuilt(): void {
    if (this.files.size === 0) throw notBuilt();
  }
}

/** A set as its record names it. */
export type NamedPages = Pick<PagesSet, 'set' | 'files'>;

/** The set that a folder holds, without its content. @throws PagesNotBuilt */
export async function namedPages(folder: string): Promise<NamedPages> {
  const files: PageOfSet[] = [];
  for await (const [path, { hash }] of filesIn(folder)) files.push({ path, hash });
  if (files.length === 0) throw notBuilt();
  return named(files.sort((a, b) => (a.path < b.path ? -1 : 1)));
}

const named = (files: readonly PageOfSet[]): NamedPages => ({ set: nameOfPages(files), files });

const notBuilt = () =>
  new PagesNotBuilt(
    'pages_not_built',
    'the pages were not built beside this program',
    {},
    { hint: 'Run `npm run build` where the program was installed, and start it again.' },
  );

/** Every file of a kind that is served, in no order. */
async function* filesIn(
  folder: string,
): AsyncGenerator<readonly [path: string, file: Omit<PageFile, 'brotli'>]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    },
  );
  for (const entry of entries) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path);
    const hash = createHash('sha256').update(content).digest('base64url');
    yield [relative(folder, path).split(sep).join('/'), { type, content, hash }];
  }
}

function smaller(content: Buffer): Buffer | null {
  const packed = brotliCompressSync(content, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 6 },
  });
  return packed.length < content.length ? packed : null;
}
