import { useCallback, useEffect, useRef, useState } from 'react';
import { EventFollower, type LedgerEvent, type OpenEvents } from '#libs/api-client';
import { troubleFrom } from './trouble.ts';

/**
 * How news come to a page: as it happens; by a look a second, because the stream of events cannot
 * be had; or not at all.
 */
export type Liveness = 'live' | 'polling' | 'lost';

/** Milliseconds between two looks of a page that has no stream of events. */
const every = 1000;
/** Milliseconds after which a look counts as failed. */
const patience = 6000;

/** Looks for news. @param event what happened; null where anything may have */
export type Look = (event: LedgerEvent | null) => Promise<void>;
type Listener = (event: LedgerEvent | null) => void;

/** The one stream of events of a page, which all parts of it share. */
export class Live {
  readonly #listeners = new Set<Listener>();
  readonly #watchers = new Set<(isOpen: boolean) => void>();
  #follower: EventFollower | null = null;
  #isOpen: boolean | null = null;
  #over = false;

  /**
   * @param onProblem the stream was refused by the code of a problem; tells whether for good
   * @param stays whether it stays open while nobody sees the page
   */
  constructor(
    private readonly open: OpenEvents,
    private readonly onProblem: (code: string) => boolean,
    private readonly stays: { readonly whileHidden: boolean },
  ) {}

  /** Null until it is known. */
  get isOpen(): boolean | null {
    return this.#isOpen;
  }

  start(): () => void {
    const seen = () => {
      if (document.visibilityState === 'visible') this.#resume();
      else if (!this.stays.whileHidden) this.#rest();
    };
    const away = () => this.#follower?.drop();
    const back = () => {
      this.#resume();
    };
    document.addEventListener('visibilitychange', seen);
    addEventListener('offline', away);
    addEventListener('online', back);
    this.#resume();
    return () => {
      document.removeEventListener('visibilitychange', seen);
      removeEventListener('offline', away);
      removeEventListener('online', back);
      this.#rest();
    };
  }

  /** For what no event tells: everything is looked at once more. */
  lookAgain(): void {
    this.#tell(null);
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** @returns ends it */
  watch(watcher: (isOpen: boolean) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  #resume(): void {
    if (this.#over) return;
    if (this.#follower !== null) {
      this.#follower.retry();
      // What came while the page slept was told to nobody.
      this.#tell(null);
      return;
    }
    this.#follower = new EventFollower(this.open, {
      onOpen: () => {
        this.#is(true);
        this.#tell(null);
      },
      onEvent: (event) => {
        this.#tell(event);
      },
      onLost: () => {
        this.#is(false);
        this.#tell(null);
      },
      onProblem: (code) => (this.#over = this.onProblem(code)),
    });
  }

  #rest(): void {
    this.#follower?.close();
    this.#follower = null;
    this.#isOpen = null;
  }

  #is(open: boolean): void {
    this.#isOpen = open;
    for (const watcher of this.#watchers) watcher(open);
  }

  #tell(event: LedgerEvent | null): void {
    for (const listener of this.#listeners) listener(event);
  }
}

/** Starts the stream of a page with it, and ends it with it. */
export function useStream(live: Live): void {
  useEffect(() => live.start(), [live]);
}

/**
 * Looks when something happened, one look at a time; and each second while the stream of events
 * cannot be had and the page is seen.
 * @param live null for a page that has no stream: it looks each second
 */
export function useLook(live: Live | null, look: Look, enabled = true): Liveness {
  const latest = useRef(look);
  latest.current = look;
  const [reached, setReached] = useState(true);
  const [open, setOpen] = useState(live?.isOpen ?? null);
  useEffect(() => {
    if (!enabled) return undefined;
    let over = false;
    let busy = false;
    let waiting: readonly (LedgerEvent | null)[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isLive = () => live?.isOpen === true;
    const isOver = () => over;
    const round = async () => {
      if (busy || isOver()) return;
      busy = true;
      clearTimeout(timer);
      const [first = null, ...more] = waiting;
      waiting = [];
      // Of several things at once everything is looked at.
      const looking = latest.current(more.length > 0 ? null : first);
      const end = await inTime(looking);
      busy = false;
      if (isOver()) return;
      setReached(end === 'done' || end === 'failed');
      // What comes too late may be older than what was found since.
      if (end === 'late') void looking.catch(() => undefined).then(again);
      if (waiting.length > 0) void round();
      // What failed is looked at again: no other event may come.
      else if (end !== 'done' || (!isLive() && document.visibilityState === 'visible'))
        timer = setTimeout(again, every);
    };
    const again = () => {
      ask(null);
    };
    const ask = (event: LedgerEvent | null) => {
      waiting = [...waiting, event];
      void round();
    };
    const shown = () => {
      if (document.visibilityState === 'visible') ask(null);
    };
    const offline = () => {
      setReached(false);
    };
    const unwatch = live?.watch((isOpen) => {
      setOpen(isOpen);
      // A silent connection is lost until a look has come through.
      if (!isOpen) setReached(false);
    });
    const unlisten = live?.listen(ask);
    ask(null);
    document.addEventListener('visibilitychange', shown);
    addEventListener('online', shown);
    addEventListener('offline', offline);
    return () => {
      over = true;
      clearTimeout(timer);
      unwatch?.();
      unlisten?.();
      document.removeEventListener('visibilitychange', shown);
      removeEventListener('online', shown);
      removeEventListener('offline', offline);
    };
  }, [live, enabled]);
  if (open === true || !enabled) return 'live';
  if (!reached) return 'lost';
  return open === null ? 'live' : 'polling';
}

/** How a look ended; `late` where it has not, and none waits for it any more. */
type EndOfLook = 'done' | 'failed' | 'unreached' | 'late';

async function inTime(look: Promise<void>): Promise<EndOfLook> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, patience, 'late');
  });
  const ended = look.then(
    () => 'done' as const,
    (error: unknown) => (troubleFrom(error).code === 'offline' ? 'unreached' : 'failed'),
  );
  const end = await Promise.race([ended, late]);
  clearTimeout(timer);
  return end;
}

/**
 * Looks each second while the page is open and seen, where there is nothing to follow yet.
 * @returns whether the last look reached the city
 */
export function useLive(look: () => Promise<void>, enabled = true): boolean {
  const latest = useRef(look);
  latest.current = look;
  const stable = useCallback(() => latest.current(), []);
  return useLook(null, stable, enabled) !== 'lost';
}
