export * from './published-pages.js';
