import { useEffect, useState } from 'react';
import { isObject } from '#libs/kernel';
import { workerAddress } from './register.ts';
import type { KeptPage } from './surroundings.ts';

interface Fault {
  /** For whoever looks into it: a code, and the file where it is about one. */
  readonly code: string;
  /** Recorded pages are kept, and go on; there are none; or the worker itself was replaced. */
  readonly is: 'kept' | 'none' | 'replaced';
}

/** What the page's worker found wrong with the pages that the city serves; null where nothing. */
export function usePagesFault(page: KeptPage): Fault | null {
  const [fault, setFault] = useState<Fault | null>(null);
  const [isReplaced, setReplaced] = useState(false);
  useEffect(() => {
    if (!('serviceWorker' in navigator)) return undefined;
    const { serviceWorker } = navigator;
    // The worker of a page with a shorter address may stand in until this one's is there.
    const own = () => {
      const { controller } = serviceWorker;
      const isOwn =
        controller !== null && new URL(controller.scriptURL).pathname === workerAddress(page);
      return isOwn ? controller : null;
    };
    let before = own();
    // A worker of ours takes over when no page is open: one that does not wait is another's.
    const replaced = () => {
      if (before !== null) setReplaced(true);
      before = own();
    };
    serviceWorker.addEventListener('controllerchange', replaced);
    const heard = ({ data }: MessageEvent<unknown>) => {
      if (!isObject(data) || !('pagesFault' in data)) return;
      const told = data['pagesFault'];
      setFault(
        isObject(told)
          ? {
              code: [told['code'], told['path']]
                .filter((part) => typeof part === 'string')
                .join(' '),
              is: told['kept'] === false ? 'none' : 'kept',
            }
          : null,
      );
    };
    serviceWorker.addEventListener('message', heard);
    serviceWorker.startMessages();
    const ask = () => {
      if (document.visibilityState === 'visible') own()?.postMessage('pages');
    };
    document.addEventListener('visibilitychange', ask);
    ask();
    return () => {
      document.removeEventListener('visibilitychange', ask);
      serviceWorker.removeEventListener('message', heard);
      serviceWorker.removeEventListener('controllerchange', replaced);
    };
  }, [page]);
  return isReplaced ? { code: 'worker_replaced', is: 'replaced' } : fault;
}
