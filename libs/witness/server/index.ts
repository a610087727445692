export * from './witness-server.js';
