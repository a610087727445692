import {
  AbsentError,
  ConflictError,
  InvalidError,
  TooManyError,
  UnavailableError,
} from '#libs/kernel';
import type { PrinterSign } from './printer.decider.js';

/** Another page is being printed: a kiosk prints for one person at a time. */
export class PrinterBusy extends ConflictError<'printer_busy'> {
  constructor() {
    super('printer_busy', 'another page is being printed');
  }
}

/** Nothing was sent. `facts.printer` says why, as the kiosk says it. */
export class PrinterNotReady extends UnavailableError<'printer_not_ready'> {
  constructor(printer: PrinterSign) {
    super('printer_not_ready', 'the printer would not print a page now', { printer });
  }
}

/** The kiosk has printed as many pages as it may on a day of Asia/Shanghai. */
export class DailyPagesReached extends TooManyError<'daily_pages_of_kiosk'> {
  constructor(limit: number) {
    super('daily_pages_of_kiosk', 'this kiosk prints no more pages today', { limit });
  }
}

export class PrintAbsent extends AbsentError<'print_absent'> {
  constructor() {
    super('print_absent', 'no print of this id is known here');
  }
}

/** What the page of the kiosk asked for cannot be printed. */
export class PrintInvalid extends InvalidError<
  'print_id_malformed' | 'print_not_pdf' | 'print_pages_wrong'
> {}
