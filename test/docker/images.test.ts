import { describe, expect, test } from '@jest/globals';
import { validate } from 'dockerfile-utils';
import { faultsOfImages } from './image-rules.js';
import { given, programs, targets, text } from './repository.js';

const dockerfile = text('docker/Dockerfile');
const surroundings = { given, programs: programs() };
const faults = (file: string) => faultsOfImages(file, surroundings);

describe('the images', () => {
  test('are written in the grammar of Dockerfiles', () => {
    expect(validate(dockerfile).map(({ message }) => message)).toEqual([]);
    expect(validate(dockerfile.replace('STOPSIGNAL SIGTERM', 'STOPSIGNAL TERM!'))).not.toEqual([]);
  });

  test('keep every rule', () => {
    expect(faults(dockerfile)).toEqual([]);
  });

  test('are one for each service, and one for the command line', () => {
    for (const target of ['city', 'identity', 'ledger', 'window', 'witness', 'kiosk', 'cli'])
      expect(targets()).toContain(target);
  });

  test.each([
    [
      'a base that moves',
      /node:24\.21\.0-bookworm-slim AS service/,
      'node:latest AS service',
      'service: node:latest is not pinned to a version',
    ],
    [
      'a base that moves within a year',
      /node:24\.21\.0-bookworm-slim AS build/,
      'node:24 AS build',
      'build: node:24 is not pinned to a version',
    ],
    [
      'root',
      /USER 1000:1000/,
      'USER root',
      "ledger: runs as root: a number that is not root's is needed",
    ],
    [
      'root by its number',
      /USER 1000:1000/,
      'USER 0:0',
      "ledger: runs as 0:0: a number that is not root's is needed",
    ],
    [
      'root again at the end',
      /CMD \["window"\]/,
      'CMD ["window"]\nUSER 0',
      "window: runs as 0: a number that is not root's is needed",
    ],
    ['nothing to ask', /HEALTHCHECK --interval.*\n/, '', 'ledger: nobody can ask it how it is'],
    [
      'a service that says it has no health',
      /CMD \["window"\]/,
      'HEALTHCHECK NONE\nCMD ["window"]',
      'window: a service has a health check',
    ],
    [
      'something fetched',
      /WORKDIR \/app/,
      'WORKDIR /app\nADD https://example.org/x.tar /app',
      'service: ADD fetches and unpacks; COPY says what comes in',
    ],
    [
      'a secret in a setting',
      /ENV NODE_ENV=production/,
      'ENV MASTER_KEY=x NODE_ENV=production',
      'service: MASTER_KEY would stand in the image for everybody to read',
    ],
    [
      'a secret in an argument',
      /ARG REVISION=unknown/,
      'ARG NPM_TOKEN',
      'service: NPM_TOKEN would stand in the image for everybody to read',
    ],
    [
      'what is not there',
      /COPY libs \.\/libs/,
      'COPY lib ./lib',
      'build: COPY takes lib, which the builder is not given',
    ],
    [
      'what the builder is not given',
      /COPY libs \.\/libs/,
      'COPY test ./test',
      'build: COPY takes test, which the builder is not given',
    ],
    [
      'a stage that is not there',
      /--from=build/,
      '--from=built',
      'service: COPY takes from built, which is no stage',
    ],
    [
      'a program that is not there',
      /CMD \["ledger"\]/,
      'CMD ["ledgers"]',
      'ledger: starts ledgers, which scripts/start.mjs does not know',
    ],
    ['a program through a shell', /CMD \["window"\]/, 'CMD window', 'window: CMD needs a shell'],
    [
      'packages without the lock file',
      /"npm", "ci", "--omit=dev"\]/,
      '"npm", "install", "--omit=dev"]',
      'postgres: npm install takes what it finds; npm ci takes the lock file',
    ],
    ['no way to stop', /STOPSIGNAL SIGTERM\n/, '', 'ledger: does not say how it is stopped'],
  ])('%s is found', (_, from, to, fault) => {
    expect(dockerfile).toMatch(from);
    const broken = dockerfile.replace(from, to);
    expect(faults(broken)).toContain(fault);
  });
});
