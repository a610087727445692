import { near, run } from '#composition/program';
import { checkWords } from './checks.js';
import { startKiosk } from './kiosk.js';
import { kioskSettings } from './settings.js';

/**
 * Beside the browser of one kiosk: hands it the city's page, and owns printer and document reader.
 * It has no key and no right in the city.
 */
await run({
  name: 'kiosk',
  needs: {
    PUBLIC_URL: 'the address under which clients reach the city, as https://ledger.city.example',
    PRINTER_URI: 'the printer, as ipps://printer.local/ipp/print',
  },
  database: false,
  settings: kioskSettings,
  start: startKiosk,
  words: ({ pageFile, state }, { origin, dataDir, logFile }) => [
    `The kiosk’s program listens on ${origin}. Ctrl-C ends it.`,
    ...checkWords(state),
    `  page        open ${near(pageFile)} in the kiosk’s browser; it is new at each start`,
    `  folder      ${near(dataDir)}: ids and outcomes of prints, no document`,
    `  messages    ${logFile === '-' ? 'standard error' : near(logFile)}`,
  ],
  tells: ({ page }) => ({ page }),
});
