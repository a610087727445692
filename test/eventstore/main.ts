import { parseArgs } from 'node:util';
import { EventStoreDouble } from './double.js';
import { GeneratedLog } from './generated.js';

/**
 * `npm run eventstore-double -- --port 2113 --data FILE`: the double as a program, for trials and
 * CI, never for a city:
 * - `--city NAME --generate COUNT`: it shows so many records of that city, of which it keeps none
 * - `--at-once COUNT`: so many of them at first, the others to a reader of these
 * - `--admin-password WORD --ca FILE`: it speaks TLS under an authority that it writes there, asks
 *   users who they are, and holds them to access lists
 */
const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    port: { type: 'string', default: '2113' },
    data: { type: 'string' },
    city: { type: 'string', default: 'city.example' },
    generate: { type: 'string' },
    'at-once': { type: 'string' },
    'admin-password': { type: 'string' },
    ca: { type: 'string' },
  },
});
if (values.help === true) {
  process.stdout
    .write(`A double of EventStoreDB, for trials only: it speaks the protocol, and is never for a city.

  npm run eventstore-double -- [options]

  --port N               where it listens on 127.0.0.1 (2113; 0: any free port)
  --data FILE            keep the events in this file; without it they are gone at the end
  --city NAME            of the records that --generate shows (city.example)
  --generate COUNT       show so many records, and keep none of them
  --at-once COUNT        of these, so many at first, the others to readers of these
  --admin-password WORD  with --ca: speak TLS, know users, and hold them to access lists
  --ca FILE              where the certificate of its authority is written

It says the EVENT_STORE_URL under which a city started with \`npm start\` finds it.
`);
  process.exit(0);
}
const { city, data, generate, 'admin-password': administratorPassword, ca: caFile } = values;
const double = await EventStoreDouble.start({
  port: Number(values.port),
  ...(data !== undefined && { data }),
  ...(administratorPassword !== undefined &&
    caFile !== undefined && { secured: { administratorPassword, caFile } }),
  ...(generate !== undefined && {
    reads: new GeneratedLog(city, Number(generate), Number(values['at-once'] ?? generate)),
  }),
});
process.stdout.write(
  `A double of EventStoreDB, for trials only, is at EVENT_STORE_URL=${double.url}\n`,
);
const stop = () => void double.stop().then(() => process.exit(0));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
