import { runWorker } from '../shared/pages-worker/run.ts';

runWorker({
  page: 'verify',
  isOfPage: (pathname) => /^\/(verify|p|icon\.svg|assets\/[^/]+)$/.test(pathname),
  // What a printed code opens is the same page.
  inSet: (pathname) => (pathname === '/p' ? '/verify' : pathname),
});
