import { parseArgs } from 'node:util';
import { EventStoreDouble } from './double.js';

/** `npm run eventstore-double -- --port 2113 --data FILE`: the double as a program, for trials and for CI. Never for a city. */
const { values } = parseArgs({
  options: { port: { type: 'string', default: '2113' }, data: { type: 'string' } },
});
const double = await EventStoreDouble.start({
  port: Number(values.port),
  ...(values.data !== undefined && { data: values.data }),
});
process.stdout.write(
  `A double of EventStoreDB, for trials only, is at EVENT_STORE_URL=${double.url}\n`,
);
const stop = () => void double.stop().then(() => process.exit(0));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
