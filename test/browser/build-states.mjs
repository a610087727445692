// node test/browser/build-states.mjs PAGE FOLDER: builds a page of the tests alone into the folder.
import { build } from 'vite';
import { pages } from '../../apps/web/pages.config.ts';

const [page = '', folder = ''] = process.argv.slice(2);
process.env.NODE_ENV = 'production';
const made = pages([page], { first: true, to: 'holders' });
await build({ ...made, build: { ...made.build, outDir: folder } });
