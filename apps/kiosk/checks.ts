import { roomAt } from '#libs/embedded-postgres';
import { isPrintable, type Printer, type PrinterSign, type Printing, signOf } from '#libs/kiosk';
import { isTrialOrigin } from '#libs/log';

/** What is known of the city. */
export interface CitySeen {
  readonly reached: boolean;
  /** Null until its log was read. */
  readonly trial: boolean | null;
  /** Seconds by which this clock is ahead of the city's; null where it did not answer. */
  readonly clockAheadSeconds: number | null;
}

/** What the page of a kiosk, and whoever starts it, is told of its devices. No personal data. */
export interface KioskState {
  readonly version: string;
  readonly printer: {
    readonly sign: PrinterSign;
    readonly printable: boolean;
    readonly busy: boolean;
    readonly pagesLeft: number;
    /** What the printer would have to be able to do; null while it was not asked. */
    readonly missing: readonly string[] | null;
  };
  readonly reader: 'maker' | 'none' | 'sample';
  readonly city: CitySeen;
  readonly disk: { readonly freeBytes: number; readonly enough: boolean };
}

const patienceMs = 5000;
/** Records of prints are small; a log and a browser beside them are not. */
const enoughBytes = 200 * 1024 * 1024;
/** A request's proof may be so old for the city, and no older. */
export const clockTolerance = 30;

/** The self-check of a kiosk: at its start, and whenever its page asks. */
export class Checks {
  #missing: readonly string[] | null = null;
  #trial: boolean | null = null;

  constructor(
    private readonly of: {
      readonly version: string;
      readonly city: URL;
      readonly printer: Printer;
      readonly printing: Printing;
      readonly reader: KioskState['reader'];
      readonly folder: string;
    },
  ) {}

  /** Whether the city was seen to be a trial; what it is never changes. */
  get isTrial(): boolean {
    return this.#trial === true;
  }

  async look(): Promise<KioskState> {
    const { version, printer, printing, reader, folder } = this.of;
    const [seen, city, freeBytes] = await Promise.all([
      printer.look(),
      this.#lookAtCity(),
      roomAt(folder),
    ]);
    if (this.#missing === null && seen.is === 'told')
      this.#missing = await printer.missing().catch(() => null);
    const sign = signOf(seen);
    return {
      version,
      printer: {
        sign,
        printable: isPrintable(sign) && (this.#missing ?? []).length === 0,
        busy: printing.isBusy,
        pagesLeft: printing.pagesLeft,
        missing: this.#missing,
      },
      reader,
      city,
      disk: { freeBytes, enough: freeBytes >= enoughBytes },
    };
  }

  async #lookAtCity(): Promise<CitySeen> {
    const began = Date.now();
    try {
      const response = await fetch(new URL('/log/origin', this.of.city), {
        signal: AbortSignal.timeout(patienceMs),
        redirect: 'error',
      });
      const { origin } = (await response.json()) as { origin?: unknown };
      if (!response.ok || typeof origin !== 'string') return this.#away();
      this.#trial = isTrialOrigin(origin);
      const told = Date.parse(response.headers.get('date') ?? '');
      // The header has whole seconds, cut off.
      const ahead = Math.round(((began + Date.now()) / 2 - told - 500) / 1000);
      return {
        reached: true,
        trial: this.#trial,
        clockAheadSeconds: Number.isNaN(ahead) ? null : ahead,
      };
    } catch {
      return this.#away();
    }
  }

  #away(): CitySeen {
    return { reached: false, trial: this.#trial, clockAheadSeconds: null };
  }
}

/** A line for each thing that was looked at. */
export function checkWords({ printer, reader, city, disk }: KioskState): readonly string[] {
  const { clockAheadSeconds: ahead } = city;
  const clock =
    ahead === null ? 'not compared' : `${ahead} s ahead of the city’s${late(ahead) ? '  !' : ''}`;
  return [
    `  printer     ${printer.sign}${printer.printable ? '' : '  ! prints nothing now'}`,
    ...(printer.missing === null || printer.missing.length === 0
      ? []
      : [`              ! it cannot do what is needed: ${printer.missing.join(', ')}`]),
    `  pages       ${printer.pagesLeft} left today`,
    `  reader      ${reader === 'sample' ? 'made-up documents, for a trial alone' : reader}`,
    `  city        ${city.reached ? (city.trial === true ? 'a trial' : 'reached') : '! does not answer'}`,
    `  clock       ${clock}`,
    `  disk        ${Math.floor(disk.freeBytes / 1024 / 1024)} MB free${disk.enough ? '' : '  !'}`,
  ];
}

const late = (ahead: number) => Math.abs(ahead) > clockTolerance;
