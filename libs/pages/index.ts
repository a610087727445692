export { PagesNotBuilt } from './pages.errors.js';
export * from './pages.events.js';
export * from './published-pages.js';
