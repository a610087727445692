import { base64url, isObject, parseJson, utf8Text } from '#libs/kernel';
import { formatCheckpoint } from '#libs/log';
import { addressOf, type PagesSet } from '#libs/verify';
import { faultOf, Refused } from './fault.ts';
import { hashIn, type KeptSet, type Known, type PagesFault, setOf } from './known.ts';
import { askLog } from './log.ts';
import { fileAt, type Served, type Surroundings, Unasked } from './surroundings.ts';

/**
 * `same`: the city serves what is kept; `taken`: another set, which its log has; `refused`: what it
 * serves, or says of its log, is not borne out; `unasked`: that could not be found out.
 */
export type Outcome =
  | { readonly is: 'same' | 'taken' | 'unasked' }
  | { readonly is: 'refused'; readonly fault: PagesFault };

/** Milliseconds after which the log is asked though the city serves what is kept: a day. */
const askAgainAfter = 24 * 3600 * 1000;

/** The list of what the page can load, which the build writes beside it. */
const listOf = ({ page }: Surroundings) => `${page}-files.json`;
/** Where the page and the worker's script are in the build. */
const pagePath = ({ page }: Surroundings) => `${page}/index.html`;
const workerPath = ({ page }: Surroundings) => `${page}-worker.js`;

/**
 * Whether the city still serves the set that is kept, or another one that its log has: that one is
 * taken then, each file by its hash in the record, all of them or none. The log is asked where what
 * is served is another, and once a day.
 */
export async function lookAtPages(around: Surroundings): Promise<Outcome> {
  const known = await around.known();
  const kept = known === null ? null : setOf(known);
  if (known !== null && !mustAsk(around, known) && (await isStillServed(around, kept)))
    return { is: 'same' };
  try {
    const { pages, version, record, keys } = await askLog(around, known);
    if (kept !== null && version < kept.version) throw new Refused('pages_record_older');
    const isSame = kept?.set === pages.set;
    if (isSame)
      for (const path of [pagePath(around), workerPath(around)])
        await servedFile(around, pages, path);
    else await around.keep(pages.set, await filesOf(around, pages, kept));
    const checkpoint = formatCheckpoint(pages.checkpoint);
    await around.remember({ v: 1, keys, checkpoint, record, asked: around.now(), fault: null });
    return { is: isSame ? 'same' : 'taken' };
  } catch (error) {
    if (error instanceof Unasked) return { is: 'unasked' };
    const fault = faultOf(error);
    if (fault === null) throw error;
    // While a city changes from one release to the next, files of both are served.
    if (fault.path !== null && (await isStillServed(around, kept))) return { is: 'unasked' };
    if (known !== null) await around.remember({ ...known, fault });
    return { is: 'refused', fault };
  }
}

function mustAsk(around: Surroundings, { asked, fault }: Known): boolean {
  const since = around.now() - asked;
  // A clock that was set back says nothing of how long ago that was.
  return fault !== null || since < 0 || since >= askAgainAfter;
}

/** All files that the page can load, by their addresses. @throws Refused, Unasked */
async function filesOf(
  around: Surroundings,
  pages: PagesSet,
  kept: KeptSet | null,
): Promise<ReadonlyMap<string, Served>> {
  const listPath = listOf(around);
  const list = await servedFile(around, pages, listPath);
  const files = new Map([[addressOf(listPath), list]]);
  for (const path of pathsIn(list.bytes, listPath)) {
    const address = addressOf(path);
    const isKept = kept !== null && hashIn(kept, path) === hashIn(pages, path);
    const old = isKept ? await around.kept(kept.set, address) : null;
    files.set(address, old ?? (await servedFile(around, pages, path)));
  }
  await servedFile(around, pages, workerPath(around));
  return files;
}

/** The build's own list, whose hash is in the record. */
function pathsIn(bytes: Uint8Array, listPath: string): readonly string[] {
  const list = parseJson(utf8Text(bytes), 4);
  const files = isObject(list) ? list['files'] : null;
  if (!Array.isArray(files)) throw new Refused('page_other', listPath);
  return files.map(String);
}

/** A file as the record has it. @throws Refused where another one is served, Unasked */
async function servedFile(around: Surroundings, pages: PagesSet, path: string): Promise<Served> {
  const served = await around.ask(addressOf(path));
  const isAbsent = served?.status === 404;
  if (served === null || (served.status !== 200 && !isAbsent)) throw new Unasked(path);
  if (isAbsent || (await hashOf(around, served)) !== hashIn(pages, path))
    throw new Refused('page_other', path);
  return served;
}

async function isStillServed(around: Surroundings, kept: KeptSet | null): Promise<boolean> {
  if (kept === null) return false;
  for (const path of [pagePath(around), workerPath(around)]) {
    const served = await fileAt(around, addressOf(path)).catch(() => null);
    if (served === null || (await hashOf(around, served)) !== hashIn(kept, path)) return false;
  }
  return true;
}

const hashOf = async (around: Surroundings, { bytes }: Served): Promise<string> =>
  base64url(await around.sha256(bytes));

/**
 * A file of the kept set: as it is kept, or, where the browser has dropped it, as the city serves
 * it now, if that is the same. Null where the set has no such file, or none that can be had.
 */
export async function keptFile(around: Surroundings, address: string): Promise<Served | null> {
  const known = await around.known();
  if (known === null) return null;
  const kept = setOf(known);
  const file = kept.files.find(({ path }) => addressOf(path) === address);
  if (file === undefined) return null;
  const found = await around.kept(kept.set, address);
  if (found !== null) return found;
  return servedFile(around, kept, file.path).catch(() => null);
}
