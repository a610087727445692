import { readFile } from 'node:fs/promises';
import { isObject, JsonError, type JsonValue, parseJson } from '#libs/kernel';
import { ProofSourcesWrong } from './source.errors.js';

/** A department's service, and the e-proofs that it makes. */
export interface NamedSource {
  /** The issuing authority's client in this city. */
  readonly client: string;
  /** An http or https URL, without a slash at the end. */
  readonly url: string;
  readonly types: readonly string[];
}

/**
 * The services that the operator of the city named: a JSON list of `{client, url, types}`. It is
 * read at each use, so that a service can be added without a new start; without a file there are
 * none.
 * @throws ProofSourcesWrong
 */
export async function sourcesIn(file: string): Promise<readonly NamedSource[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw wrong(file, 'cannot be read', cause);
  }
  let value: JsonValue;
  try {
    value = parseJson(text);
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause;
    throw wrong(file, 'is no JSON', cause.code);
  }
  if (!Array.isArray(value)) throw wrong(file, 'is no list');
  const sources = (value as readonly JsonValue[]).map((one) => {
    const source = sourceIn(one);
    if (source === null) throw wrong(file, 'has an entry that is not {client, url, types}');
    return source;
  });
  const types = sources.flatMap((source) => source.types);
  if (new Set(types).size !== types.length) throw wrong(file, 'names two services for one type');
  return sources;
}

function sourceIn(value: JsonValue): NamedSource | null {
  if (!isObject(value)) return null;
  const { client, url, types, ...others } = value;
  if (Object.keys(others).length > 0 || typeof client !== 'string' || typeof url !== 'string')
    return null;
  if (!URL.canParse(url) || !/^https?:\/\/[^?#]+[^/?#]$/.test(url)) return null;
  const isOfTypes = Array.isArray(types) && types.every((type) => typeof type === 'string');
  return isOfTypes ? { client, url, types: types } : null;
}

const wrong = (file: string, what: string, cause?: unknown) =>
  new ProofSourcesWrong(
    'proof_sources_wrong',
    `the file of the services that make e-proofs ${what}`,
    { file },
    { cause, hint: 'docs/operations says how PROOF_SOURCES is written.' },
  );
