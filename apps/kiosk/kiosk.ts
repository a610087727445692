import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { productVersion } from '#composition/product-version';
import { Opened } from '#composition/running';
import { SystemClock } from '#libs/kernel';
import { type DocumentReader, Printing } from '#libs/kiosk';
import { PrintFiles, SampleReader } from '#libs/kiosk/files';
import { IppPrinter } from '#libs/kiosk/ipp';
import { kioskServer } from '#libs/kiosk/server';
import { type Log, replaceSecretFile, SettingInvalid, unexpected } from '#libs/platform';
import { Checks, type KioskState } from './checks.js';
import type { KioskSettings } from './settings.js';

export interface RunningKiosk {
  /** For the kiosk's browser: whoever has it may print and read documents until the next start. */
  readonly page: string;
  /** A document that leads there, so that the secret is in no list of processes; mode 0600. */
  readonly pageFile: string;
  readonly state: KioskState;
  stop(): Promise<void>;
}

const pauseMs = 500;

/** @throws SettingInvalid */
export async function startKiosk(settings: KioskSettings, log: Log): Promise<RunningKiosk> {
  const { city, origin, dataDir, outputReason, pagesPerDay, unchangedSeconds } = settings;
  const opened = new Opened();
  const report = (error: unknown) => {
    log.error(unexpected(error), 'kiosk_failed');
  };
  try {
    const clock = new SystemClock();
    const printer = new IppPrinter(settings.printer);
    const printing = new Printing({
      printer,
      journal: await PrintFiles.open(join(dataDir, 'prints'), clock.now()),
      clock,
      limits: { outputReason, pagesPerDay, unchangedSeconds },
      pause: (signal) => wait(pauseMs, undefined, { signal }).catch(() => undefined),
      report,
    });
    const version = await productVersion();
    const { sampleDocuments } = settings;
    const checks = new Checks({
      version,
      city,
      printer,
      printing,
      reader: sampleDocuments === null ? 'none' : 'sample',
      folder: dataDir,
    });
    const reader: DocumentReader | null =
      sampleDocuments === null
        ? null
        : await SampleReader.open(sampleDocuments, () => checks.isTrial);
    const state = await checks.look();
    if (sampleDocuments !== null && state.city.trial === false)
      throw SettingInvalid.mustBe('SAMPLE_DOCUMENTS', 'left out beside a city that is no trial');
    const secret = randomBytes(32).toString('base64url');
    const look = () => checks.look();
    const closing = new AbortController();
    const devices = { origin, city, secret, printing, reader, state: look, report };
    const server = kioskServer({ ...devices, closing: closing.signal });
    // Before it listens: what starts the browser waits for that, and must not find an older one.
    const pageFile = join(dataDir, 'page.html');
    const page = `${origin}/kiosk#device=${secret}`;
    const leads = `<meta http-equiv="refresh" content="0;url=${page}">`;
    await replaceSecretFile(pageFile, `<!doctype html>${leads}\n`);
    server.listen(settings.port, settings.host);
    await once(server, 'listening');
    opened.add(async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    });
    printing.resume();
    opened.add(() => printing.stop());
    opened.add(() => {
      closing.abort();
    });
    log.info({ origin, printer: state.printer.sign, city: state.city.reached }, 'kiosk_listening');
    return { page, pageFile, state, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
