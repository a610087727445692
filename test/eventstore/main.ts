import { parseArgs } from 'node:util';
import { EventStoreDouble } from './double.js';
import { GeneratedLog } from './generated.js';

/**
 * `npm run eventstore-double -- --port 2113 --data FILE`: the double as a program, for trials and for CI. Never for a city.
 * `--city NAME --generate COUNT`: it shows so many records of that city, of which it keeps none; `--at-once COUNT` of them at first, the others
 * to whoever has read these.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '2113' },
    data: { type: 'string' },
    city: { type: 'string', default: 'city.example' },
    generate: { type: 'string' },
    'at-once': { type: 'string' },
  },
});
const { city, data, generate } = values;
const double = await EventStoreDouble.start({
  port: Number(values.port),
  ...(data !== undefined && { data }),
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
