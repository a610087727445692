import { arePagesInOrder, nameOfPages, type PagesSet } from '#libs/verify';
import { PagesUnusable } from './pages.errors.js';
import type { PagesEvent } from './pages.events.js';

/** The names of all sets that were published, in order: the last one is served. */
export type PublishedSets =
  | { readonly status: 'absent' }
  | { readonly status: 'published'; readonly sets: readonly string[] };

export interface PublishPages extends PagesSet {
  readonly kind: 'publish-pages';
}

/** A set is recorded when it is not the last one that was. @throws PagesUnusable */
function decide(
  { set, productVersion, files }: PublishPages,
  state: PublishedSets,
): readonly PagesEvent[] {
  if (!arePagesInOrder(files) || nameOfPages(files) !== set)
    throw new PagesUnusable('pages_unusable', 'the files of the pages cannot be recorded', { set });
  if (state.status === 'published' && state.sets.at(-1) === set) return [];
  return [{ type: 'PagesPublished', data: { set, productVersion, files } }];
}

function evolve(state: PublishedSets, { data }: PagesEvent): PublishedSets {
  return {
    status: 'published',
    sets: [...(state.status === 'published' ? state.sets : []), data.set],
  };
}

const initialState: PublishedSets = { status: 'absent' };

export const pagesDecider = { decide, evolve, initialState } as const;
