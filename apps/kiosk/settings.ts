import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { isAbsolute, resolve } from 'node:path';
import { type ProgramSettings, programSettings, SettingInvalid } from '#libs/platform';

/** Settings of the program beside a kiosk's browser, beside those of every program. */
export interface KioskSettings extends ProgramSettings {
  /** Origin of the city. */
  readonly city: URL;
  /** Under which the browser of the kiosk opens its page. */
  readonly origin: string;
  readonly printer: { readonly uri: string; readonly certificate: string | undefined };
  readonly outputReason: string | null;
  readonly pagesPerDay: number;
  readonly unchangedSeconds: number;
  /** Folder of a trial's made-up documents; null where the kiosk has no reader. */
  readonly sampleDocuments: string | null;
}

/** @throws SettingInvalid */
export function kioskSettings(
  env: NodeJS.ProcessEnv,
  folder: string,
  program: string,
): KioskSettings {
  const common = programSettings(env, folder, program, { usual: 8377, least: 1 });
  const documents = env['SAMPLE_DOCUMENTS'] ?? '';
  return {
    ...common,
    city: cityIn(env['PUBLIC_URL'] ?? ''),
    origin: originIn(env['KIOSK_ORIGIN'] ?? '', common),
    printer: {
      uri: printerIn(env['PRINTER_URI'] ?? ''),
      certificate: certificateIn(env['PRINTER_CERTIFICATE'] ?? ''),
    },
    outputReason: reasonIn(env['PRINTER_OUTPUT_REASON'] ?? ''),
    pagesPerDay: numberIn(env, 'PAGES_PER_DAY', 500, 10_000),
    unchangedSeconds: numberIn(env, 'PRINT_WAIT_SECONDS', 120, 3600),
    sampleDocuments:
      documents === '' ? null : isAbsolute(documents) ? documents : resolve(folder, documents),
  };
}

const isLoopback = (host: string) =>
  host === 'localhost' || host === '[::1]' || host === '::1' || /^127\.[\d.]+$/.test(host);

/** What is released to people passes here: in clear on this machine alone. */
function cityIn(value: string): URL {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
  if (url === null || !isSafe || url.origin !== value)
    throw SettingInvalid.mustBe('PUBLIC_URL', 'an origin: https, or http on this machine');
  return url;
}

function originIn(value: string, { host, port }: ProgramSettings): string {
  if (value !== '') {
    const url = URL.canParse(value) ? new URL(value) : null;
    if (
      url === null ||
      url.origin !== value ||
      url.protocol !== 'http:' ||
      !isLoopback(url.hostname)
    )
      throw SettingInvalid.mustBe(
        'KIOSK_ORIGIN',
        'an origin on loopback, as http://localhost:8377',
      );
    return value;
  }
  if (!isLoopback(host))
    throw SettingInvalid.mustBe('HOST', 'an address of loopback', {
      hint: 'A container has its port published on loopback, and is told KIOSK_ORIGIN.',
    });
  return `http://${isIP(host) === 6 ? '[::1]' : host === '127.0.0.1' ? 'localhost' : host}:${port}`;
}

/** A page of a person does not cross a network in clear. */
function printerIn(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  const isSafe =
    url?.protocol === 'ipps:' || (url?.protocol === 'ipp:' && isLoopback(url.hostname));
  if (!isSafe)
    throw SettingInvalid.mustBe('PRINTER_URI', 'ipps://…, or ipp://… of a printer on this machine');
  return value;
}

function certificateIn(file: string): string | undefined {
  if (file === '') return undefined;
  const must = 'a PEM file with the printer’s own certificate';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw SettingInvalid.mustBe('PRINTER_CERTIFICATE', must, { cause });
  }
  if (text.split('-----BEGIN CERTIFICATE-----').length === 2) return text;
  throw SettingInvalid.mustBe('PRINTER_CERTIFICATE', must);
}

function reasonIn(value: string): string | null {
  if (value === '') return null;
  if (/^[a-z][a-z0-9._-]{0,254}$/.test(value)) return value;
  throw SettingInvalid.mustBe('PRINTER_OUTPUT_REASON', 'a keyword of printer-state-reasons');
}

function numberIn(env: NodeJS.ProcessEnv, name: string, usual: number, most: number): number {
  const value = env[name] ?? '';
  if (value === '') return usual;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= 1 && number <= most) return number;
  throw SettingInvalid.mustBe(name, `a whole number from 1 to ${most}`);
}
