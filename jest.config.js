import { readFileSync } from 'node:fs';

/** The compiler's options of every build; only the form of source maps differs. */
const { $schema: _, ...swc } = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));

/**
 * Jest runs the TypeScript sources as native ES modules, on one embedded PostgreSQL for the whole
 * run.
 */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/libs', '<rootDir>/apps', '<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // `npm run test:browser` has these; their main path, trial.test.ts, is here.
  testPathIgnorePatterns: [
    '/node_modules/',
    ...(process.env['PAGES'] === undefined
      ? ['/test/browser/(admin|kiosk|online|phone|sign-in|verify-|window)[^/]*\\.test\\.ts$']
      : []),
    // `npm run test:programs` has these: programs and commands in processes of their own.
    ...(process.env['PROGRAMS'] === undefined ? ['/test/programs/'] : []),
    // And `npm run test:deployment` these, which need openssl, HAProxy, pdfsig, fonts-hanazono and python3.
    ...(process.env['DEPLOYMENT'] === undefined ? ['/test/deployment/'] : []),
    // And `npm run test:printer` these, which need ippeveprinter and a D-Bus; nothing else does.
    ...(process.env['PRINTER'] === undefined ? ['/test/printer/'] : []),
  ],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false, sourceMaps: 'inline' }],
  },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1.ts'],
  },
  testEnvironmentOptions: { customExportConditions: ['mianzheng-source', 'node', 'node-addons'] },
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/test/support/global-setup.mjs',
  globalTeardown: '<rootDir>/test/support/global-teardown.mjs',
  testTimeout: 240_000,
  maxWorkers: 2,
};
