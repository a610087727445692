import { runWorker } from '../shared/pages-worker/run.ts';

runWorker({
  page: 'phone',
  isOfPage: (pathname) =>
    /^\/(phone|phone\.webmanifest|phone-icon\.png|icon\.svg|assets\/[^/]+)$/.test(pathname),
});
