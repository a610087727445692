/** Who may import whom. Each rule's comment says why it is one; `npm run boundaries` holds the house to them. */
const framework =
  '^node_modules/(@nestjs/|@fastify/|fastify/|typeorm/|pg/|pg-copy-streams/|oidc-provider/)';
/** What another room may see of a room: its index, its module, and the folders below it that have an index of their own. */
const doors = [
  '^libs/[^/]+/index\\.ts$',
  '^libs/[^/]+/[^/]+\\.module\\.ts$',
  '^libs/[^/]+/[^/]+/index\\.ts$',
];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment:
        'Circular classes fail at load under ES modules, and two rooms in a circle are one room that nobody drew.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere is a start that fails.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'kernel-stands-alone',
      comment:
        'Everything stands on the kernel, so it stands on nothing: not on a room, a package or Node, because browsers use it too.',
      severity: 'error',
      from: { path: '^libs/kernel/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: '^libs/kernel/' },
    },
    {
      name: 'facts-and-rules-are-pure',
      comment:
        'Replay is exact only while deciding and evolving touch nothing: events and deciders import their own room, the kernel, hashes and other rooms’ index.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/[^/]+\\.(events|decider)\\.ts$' },
      to: {
        pathNot: ['^libs/kernel/', '^libs/$1/', '^libs/[^/]+/index\\.ts$', '^node_modules/@noble/'],
      },
    },
    {
      name: 'rules-do-not-reach-the-framework',
      comment:
        'Neither directly nor through anybody: a rule that needs Nest, TypeORM or a driver is no rule.',
      severity: 'error',
      from: { path: '^libs/[^/]+/[^/]+\\.(events|decider)\\.ts$' },
      to: { path: framework, reachable: true },
    },
    {
      name: 'an-index-is-pure',
      comment:
        'What other rooms import is events, deciders, ports and errors. Platform is the glue itself, and is the exception.',
      severity: 'error',
      from: { path: '^libs/(?!platform/)[^/]+/index\\.ts$' },
      to: { path: framework, reachable: true },
    },
    {
      name: 'the-log-runs-in-browsers',
      comment:
        'Browser, command line and server check the same bytes with the same code: no Node, no package but @noble.',
      severity: 'error',
      from: { path: '^libs/(log|verify)/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^libs/(kernel|log|verify)/', '^node_modules/@noble/'] },
    },
    {
      name: 'adapters-know-their-driver-only',
      comment:
        'An event store adapter is the port, the log and one driver, so that a city can take another store.',
      severity: 'error',
      from: { path: '^libs/event-store/', pathNot: '\\.(test|contract)\\.ts$' },
      to: {
        pathNot: [
          '^libs/(event-store|log|kernel)/',
          '^node_modules/(pg|pg-copy-streams|typeorm)/',
          '^node_modules/(@eventstore/db-client|@grpc/grpc-js|google-protobuf)/',
          '^(node:)?(crypto|timers/promises|stream|stream/promises|events|fs)$',
        ],
      },
    },
    {
      name: 'rooms-have-doors',
      comment:
        'Another room is entered through its index or its module; what lies behind may change without asking.',
      severity: 'error',
      from: { path: '^libs/([^/]+)/', pathNot: '\\.(test|contract)\\.ts$' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', ...doors] },
    },
    {
      name: 'apps-use-doors',
      comment:
        'An app is a thin program in front of rooms. Migrations are the one thing that it collects from inside them.',
      severity: 'error',
      from: { path: '^apps/' },
      to: { path: '^libs/', pathNot: [...doors, '\\.migrations\\.ts$', '^libs/api-client/'] },
    },
    {
      name: 'use-cases-do-not-assemble',
      comment:
        'Commands, queries and projections get ports handed in. Of Nest they know injection and cqrs; TypeORM’s repositories serve queries only.',
      severity: 'error',
      from: {
        path: ['^libs/[^/]+/commands/', '^libs/[^/]+/[^/]+\\.projection\\.ts$'],
        pathNot: '\\.test\\.ts$',
      },
      to: {
        path: [
          '^node_modules/@nestjs/(?!common/|cqrs/)',
          '^node_modules/(typeorm|fastify|oidc-provider)/',
          '\\.module\\.ts$',
          '\\.controller\\.ts$',
        ],
      },
    },
    {
      name: 'data-leave-by-release',
      comment:
        'The room of release hands nothing to other rooms: data leave by its routes or not at all.',
      severity: 'error',
      from: { path: '^libs/', pathNot: ['^libs/release/', '\\.test\\.ts$'] },
      to: { path: '^libs/release/' },
    },
    {
      name: 'disclosures-are-opened-in-two-rooms',
      comment:
        'Who opens a disclosure is release, for a consent, and the certificate’s own room, for its holder’s phone.',
      severity: 'error',
      from: { pathNot: ['^libs/certificate/', '^test/'] },
      to: { path: '^libs/certificate/opener\\.ts$' },
    },
    {
      name: 'no-way-up',
      comment: 'A room that imports an app could not be used by another.',
      severity: 'error',
      from: { path: '^libs/', pathNot: '\\.test\\.ts$' },
      to: { path: '^apps/' },
    },
    {
      name: 'nothing-stands-on-tests',
      comment: 'What only tests need must not run in a city.',
      severity: 'error',
      from: { path: '^(libs|apps)/', pathNot: '\\.(test|contract)\\.ts$' },
      to: { path: ['^test/', '\\.(test|contract)\\.ts$', '^libs/event-store/memory/'] },
    },
    {
      name: 'no-development-packages',
      comment: 'An image leaves development packages out. Writing the contracts is development.',
      severity: 'error',
      from: {
        path: '^(libs|apps)/',
        pathNot: ['\\.(test|contract)\\.ts$', '^apps/city/contracts\\.ts$'],
      },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['npm', 'type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types are free: an import that disappears in compilation ties nothing together at run time.
    tsPreCompilationDeps: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
