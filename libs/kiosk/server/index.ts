export * from './kiosk-server.js';
