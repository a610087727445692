export * from './ipp-printer.js';
