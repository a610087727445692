/**
 * Which room may import which. Each rule's comment gives its reason; `npm run boundaries` holds the
 * house to them.
 */

/**
 * Every room of libs/, from the bottom up: a room imports only rooms before it, types included.
 * docs/architecture.md says what each is.
 */
const rooms = [
  ['kernel', 'log', 'verify', 'tracing', 'embedded-postgres', 'lease', 'event-store', 'platform'],
  [
    'feed',
    'identity',
    'sealing',
    'witness',
    'kiosk',
    'exclusion',
    'vault',
    'subject',
    'catalogue',
    'certificate',
  ],
  [
    'case',
    'consent',
    'proof',
    'release',
    'notice',
    'desk',
    'statistics',
    'pages',
    'audit',
    'backup',
  ],
  ['api-client', 'department-client', 'composition'],
].flat();
const sources = '\\.(test|contract)\\.ts$';
const framework =
  '^node_modules/(@nestjs/|@fastify/|fastify/|typeorm/|pg/|pg-copy-streams/|oidc-provider/)';
/**
 * What another room may see of a room: its index, its module, and the folders below it that have an
 * index of their own.
 */
const doors = [
  '^libs/[^/]+/index\\.ts$',
  '^libs/[^/]+/[^/]+\\.module\\.ts$',
  '^libs/[^/]+/[^/]+/index\\.ts$',
  // Parts of programs, each of which an app takes by itself: one index would load all of them into
  // every command.
  '^libs/composition/[^/]+\\.ts$',
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
      name: 'rooms-are-listed',
      comment: 'A room without a place in the order could import anything.',
      severity: 'error',
      from: { path: `^libs/(?!(${rooms.join('|')})/)` },
      to: {},
    },
    ...rooms.slice(0, -1).map((room, place) => ({
      name: `${room}-is-below`,
      comment:
        'Rooms stand in one order: an import of a later room, even of a type, is the first half of a circle.',
      severity: 'error',
      from: { path: `^libs/${room}/`, pathNot: sources },
      to: { path: `^libs/(${rooms.slice(place + 1).join('|')})/` },
    })),
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere is a start that fails.',
      severity: 'error',
      from: {},
      // The types of the API are a declaration file; Vite makes virtual modules, and addresses of files.
      to: { couldNotResolve: true, pathNot: ['^\\./schema\\.js$', '^virtual:', '\\.wasm\\?url'] },
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
        'What other rooms import is events, deciders, ports and errors. The exceptions are the glue itself, and rooms whose subject is PostgreSQL.',
      severity: 'error',
      from: { path: '^libs/(?!(platform|embedded-postgres|feed)/)[^/]+/index\\.ts$' },
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
          '^(node:)?(crypto|timers/promises|stream|stream/promises|events|fs|net|tls)$',
        ],
      },
    },
    {
      name: 'rooms-have-doors',
      comment:
        'Another room is entered through its index or its module; what lies behind may change without asking.',
      severity: 'error',
      from: { path: '^libs/(?!composition/)([^/]+)/', pathNot: '\\.(test|contract)\\.ts$' },
      to: { path: '^libs/', pathNot: ['^libs/$1/', ...doors] },
    },
    {
      name: 'apps-use-doors',
      comment:
        'An app is a thin program in front of rooms, which composition puts together. Migrations are the one thing that is collected from inside them.',
      severity: 'error',
      from: { path: '^(apps|libs/composition)/' },
      to: {
        path: '^libs/',
        pathNot: [...doors, '^libs/composition/', '\\.migrations\\.ts$', '^libs/api-client/'],
      },
    },
    {
      name: 'pages-know-the-contract-alone',
      comment:
        'A page runs in a visitor’s browser: it knows the API’s client and what verifies, and nothing of the server.',
      severity: 'error',
      from: { path: '^apps/web/' },
      to: { path: '^(libs|apps)/', pathNot: '^(apps/web|libs/(api-client|kernel|log|verify))/' },
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
      from: { path: '^libs/', pathNot: ['^libs/(release|composition)/', '\\.test\\.ts$'] },
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
        // Pages are built where development packages are, and hold of them what they need.
        pathNot: ['\\.(test|contract)\\.ts$', '^apps/city/contracts(\\.ts$|/)', '^apps/web/'],
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
    // Types count: two rooms that know each other's types cannot be changed apart.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['mianzheng-source', 'import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
