import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'react';
import { eventsOf, type LedgerEvent, type Schemas } from '#libs/api-client';
import { Live, type Liveness, type Look, useLook, useStream } from '../shared/live.ts';
import { answered, troubleFrom } from '../shared/trouble.ts';
import { type Case, type Consent, isUnderWay, newestConsent, nextAsk } from './asking.ts';
import {
  change,
  type Matter,
  nothing,
  type OpenCase,
  type Place,
  type Released,
} from './desk-state.ts';
import { isDue, isToRelease } from './main-action.ts';
import { type Press, usePress } from './press.ts';
import { fetchReceipt, hindranceOf, isSealed, type Outcome, readAgain, redeem } from './release.ts';
import { isSignInOver } from '../shared/operator-session.ts';
import { isSessionOver, useSession } from './session.tsx';

/** Milliseconds after asking in which the same key does not withdraw. */
const slip = 1500;

export type Board = Schemas['BoardDto'];
/** Whom a case is opened for, and the number by which the hall called. */
export interface Opening {
  readonly participants: readonly Schemas['ParticipantDto'][];
  readonly queueNumber: string | null;
}
type PaperReason = Schemas['BringMaterialDto']['reason'];

/** Everything that the page shows, and everything that its buttons do. */
export interface Desk {
  readonly place: Place;
  readonly board: Board | null;
  /** Since when the city has not been reached; null where it is. */
  readonly offlineSince: number | null;
  /** How news come to the page. */
  readonly liveness: Liveness;
  readonly now: number;
  readonly choose: (matter: Matter) => void;
  readonly leave: (why: 'start' | 'idle') => void;
  readonly tick: (material: string, on: boolean) => void;
  readonly show: Press<string>;
  readonly open: Press<Opening>;
  /** Takes a case that came in online. */
  readonly take: Press<string>;
  /** Gives an online case back to the board of the department. */
  readonly giveBack: Press<null>;
  readonly ask: Press<null>;
  /** Withdraws the request that waits. */
  readonly takeBack: Press<null>;
  /** A second press of the key that asked would be a slip, and stand in the holder's book. */
  readonly justAsked: boolean;
  readonly again: Press<null>;
  readonly paper: Press<{ readonly material: string; readonly reason: PaperReason }>;
  readonly close: Press<Outcome>;
  /** Fetches the receipt of a record that was not sealed when its data came. */
  readonly seal: Press<Released>;
}

export function useDesk(onSignInOver: (code: string) => void): Desk {
  const { api } = useSession();
  const [place, dispatch] = useReducer(change, nothing);
  const [board, setBoard] = useState<Board | null>(null);
  const now = useNow();
  const at = useRef<Place>(place);
  at.current = place;
  const releasing = useRef<string | null>(null);
  const [askedAt, setAskedAt] = useState(0);

  const viewCase = (id: string) =>
    answered(api.GET('/v1/cases/{id}', { params: { path: { id } } }));
  const viewConsent = (id: string, consent: string) =>
    answered(api.GET('/v1/cases/{id}/consents/{consent}', { params: { path: { id, consent } } }));

  const isOpen = (id: string): boolean => openCaseOf(at.current)?.found.case === id;

  const refresh = async (id: string) => {
    dispatch({ is: 'case-seen', found: await viewCase(id) });
  };

  const release = async (found: Case, consent: Consent) => {
    // One at a time: a look that comes meanwhile finds it under way.
    if (releasing.current === consent.consent) return;
    releasing.current = consent.consent;
    try {
      dispatch({ is: 'released', released: await redeem(api, found, consent) });
    } catch (thrown) {
      dispatch({ is: 'hindered', consent: consent.consent, hindrance: hindranceOf(thrown) });
    } finally {
      releasing.current = null;
    }
    const now = await viewConsent(found.case, consent.consent);
    // The case first: what stays ticked is judged by it.
    await refresh(found.case);
    dispatch({ is: 'consent-seen', case: found.case, consent: now });
  };

  /** Whether the code of a problem says that nothing can be done here any more. */
  const over = (code: string): boolean => {
    if (isSessionOver(code)) dispatch({ is: 'cleared', why: 'disabled' });
    if (isSignInOver(code)) onSignInOver(code);
    return isSessionOver(code);
  };
  const latestOver = useRef(over);
  latestOver.current = over;
  const live = useMemo(
    () => new Live(eventsOf(api), (code) => latestOver.current(code), { whileHidden: true }),
    [api],
  );
  useStream(live);

  /** How the consent of the open case stands, and what follows from it. */
  const lookAtConsent = async (id: string | null) => {
    const here = at.current;
    if (here.is !== 'case' || here.consent === null) return;
    if (id !== null && id !== here.consent.consent) return;
    const { hindrance } = here;
    if (hindrance?.is === 'held' && hindrance.at !== null && (await isSealed(api, hindrance.at)))
      again.press(null);
    if (!isUnderWay(here.consent) || releasing.current !== null) return;
    const consent = await viewConsent(here.found.case, here.consent.consent);
    if (consent.state !== here.consent.state) await refresh(here.found.case);
    dispatch({ is: 'consent-seen', case: here.found.case, consent });
    // Nothing is released into a case that was left while this was asked.
    if (isOpen(here.found.case) && isToRelease({ ...here, consent }))
      await release(here.found, consent);
  };
  /** The board, and the open case where another terminal of the window has changed it. */
  const lookAtBoard = async (changed: LedgerEvent | null) => {
    setBoard(await answered(api.GET('/v1/board')));
    const here = at.current;
    if (here.is !== 'case' || changed?.data['case'] !== here.found.case) return;
    if (changed.data['change'] === 'returned') {
      dispatch({ is: 'cleared', why: 'returned' });
      return;
    }
    if (changed.data['change'] !== 'consent') await refresh(here.found.case);
  };
  const look: Look = async (event) => {
    try {
      if (event?.name !== 'case') await lookAtConsent(consentOf(event));
      if (event?.name !== 'consent') await lookAtBoard(event);
    } catch (thrown) {
      const { code } = troubleFrom(thrown);
      if (!over(code)) throw thrown;
    }
  };
  const liveness = useLook(live, look);
  const offlineSince = useSince(liveness === 'lost');
  // What happened to a consent before it stood here was told to nobody.
  const asked = openCaseOf(place)?.consent?.consent ?? null;
  useEffect(() => {
    if (asked !== null) live.lookAgain();
  }, [live, asked]);
  // What no event tells: that time is up, and that witnesses have seen a record.
  const due = place.is === 'case' && isDue(place, now);
  useEffect(() => {
    if (due) live.lookAgain();
  }, [live, due, now]);

  useEffect(() => {
    dispatch({ is: 'moment', now });
  }, [now]);

  const opened = async (found: Case) => {
    const id = newestConsent(found);
    const consent = id === null ? null : await viewConsent(found.case, id);
    dispatch({ is: 'case-opened', found, consent });
  };
  const show = usePress<string>(async (id) => {
    await opened(await viewCase(id));
  });
  const take = usePress<string>(async (id, header) => {
    const params = { path: { id }, header };
    await opened(await answered(api.POST('/v1/cases/{id}/take', { params })));
  });
  const open = usePress<Opening>(async ({ participants, queueNumber }, header) => {
    const here = at.current;
    if (here.is !== 'new') return;
    const body = {
      matter: here.matter.code,
      participants: [...participants],
      ...(queueNumber !== null && { queueNumber }),
    };
    await opened(await answered(api.POST('/v1/cases', { params: { header }, body })));
  });
  const ask = usePress<null>(async (_, header) => {
    const here = at.current;
    if (here.is !== 'case') return;
    const next = nextAsk(here.found, here.ticked);
    if (next === null) return;
    const id = here.found.case;
    const { consent } = await answered(
      api.POST('/v1/cases/{id}/consents', {
        params: { path: { id }, header },
        body: { role: next.role, materials: [...next.materials], action: 'read' },
      }),
    );
    dispatch({ is: 'consent-seen', case: id, consent: await viewConsent(id, consent) });
    await refresh(id);
    setAskedAt(Date.now());
  });
  const takeBack = usePress<null>(async (_, header) => {
    const here = at.current;
    if (here.is !== 'case' || here.consent === null) return;
    const path = { id: here.found.case, consent: here.consent.consent };
    const consent = await answered(
      api.POST('/v1/cases/{id}/consents/{consent}/withdraw', { params: { path, header } }),
    );
    await refresh(here.found.case);
    dispatch({ is: 'consent-seen', case: path.id, consent });
  });
  const again = usePress<null>(async (_, header) => {
    const here = at.current;
    if (here.is !== 'case' || here.consent === null) return;
    dispatch({ is: 'released', released: await readAgain(api, here.found, here.consent, header) });
  });
  const paper = usePress<{ readonly material: string; readonly reason: PaperReason }>(
    async ({ material, reason }, header) => {
      const here = at.current;
      if (here.is !== 'case') return;
      const path = { id: here.found.case, code: material };
      const found = await answered(
        api.POST('/v1/cases/{id}/materials/{code}/bring', {
          params: { path, header },
          body: { reason },
        }),
      );
      dispatch({ is: 'case-seen', found });
    },
  );
  const giveBack = usePress<null>(async (_, header) => {
    const here = at.current;
    if (here.is !== 'case') return;
    const path = { id: here.found.case };
    await answered(api.POST('/v1/cases/{id}/return', { params: { path, header } }));
    if (isOpen(path.id)) dispatch({ is: 'cleared', why: 'returned' });
  });
  const close = usePress<Outcome>(async (outcome, header) => {
    const here = at.current;
    if (here.is !== 'case') return;
    const path = { id: here.found.case };
    await answered(
      api.POST('/v1/cases/{id}/close', { params: { path, header }, body: { outcome } }),
    );
    if (isOpen(path.id)) dispatch({ is: 'cleared', why: 'closed' });
  });

  const seal = usePress<Released>(async ({ consent, reply }) => {
    dispatch({ is: 'sealed', consent, receipt: await fetchReceipt(api, reply) });
  });

  const presses = [show, take, giveBack, open, ask, takeBack, again, paper, close];
  const forget = () => {
    for (const press of presses) press.forget();
  };
  return {
    place,
    board,
    offlineSince,
    liveness,
    now,
    choose: (matter) => {
      forget();
      dispatch({ is: 'matter-chosen', matter });
    },
    leave: useCallback((why) => {
      dispatch({ is: 'cleared', why });
    }, []),
    tick: (material, on) => {
      dispatch({ is: 'ticked', material, on });
    },
    show,
    take,
    giveBack,
    open,
    ask,
    takeBack,
    justAsked: now - askedAt < slip,
    again,
    paper,
    close,
    seal,
  };
}

const consentOf = (event: LedgerEvent | null): string | null => {
  const id = event?.data['consent'];
  return typeof id === 'string' ? id : null;
};

/** The time, each second. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      setNow(Date.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, []);
  return now;
}

/** Since when it has been so; null while it is not. */
function useSince(so: boolean): number | null {
  const [since, setSince] = useState<number | null>(null);
  useEffect(() => {
    setSince(so ? Date.now() : null);
  }, [so]);
  return since;
}

export const openCaseOf = (place: Place): OpenCase | null => (place.is === 'case' ? place : null);
