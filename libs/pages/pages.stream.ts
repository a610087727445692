import { type EventStore, load, upcasting } from '#libs/event-store';
import { pagesStream } from '#libs/verify';
import { pagesDecider, type PublishedSets } from './pages.decider.js';
import { type PagesEvent, pagesSchemas } from './pages.events.js';

export const pagesRules = { ...pagesDecider, codec: upcasting<PagesEvent>(pagesSchemas) };

/** All published sets by their stream. For reading only. */
export const readPublishedSets = async (store: EventStore): Promise<PublishedSets> =>
  (await load(store, pagesStream, pagesRules)).state;
