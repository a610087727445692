import type { Choice, Printer, Visit, Way } from './visit.ts';

/** What can be chosen at this kiosk. */
export interface Choices {
  readonly proofs: readonly Choice[];
  readonly certificates: readonly Choice[];
  readonly matters: readonly Choice[];
  readonly often: readonly Choice[];
}

/** How a visitor wants to see and hear; it ends with the visit. */
export interface Display {
  readonly larger: boolean;
  readonly contrast: boolean;
  readonly speak: boolean;
}

export interface KioskActs {
  readonly open: (list: 'start' | 'proofs' | 'certificates' | 'matters') => void;
  readonly choose: (choice: Choice) => void;
  readonly goWay: (way: Way | null) => void;
  readonly scanned: (code: string) => void;
  readonly typed: (pin: string) => void;
  readonly notTaken: () => void;
  readonly again: () => void;
  readonly leave: () => void;
  readonly stay: () => void;
  readonly help: (open: boolean) => void;
  readonly show: (display: Partial<Display>) => void;
}

export interface KioskView {
  readonly visit: Visit;
  /** Null until the program beside the page has told it. */
  readonly printer: Printer | null;
  readonly choices: Choices;
  readonly display: Display;
  /** Seconds until the wiping, while the kiosk asks; null while it does not. */
  readonly wipedIn: number | null;
  readonly help: { readonly phone: string; readonly isNight: boolean } | null;
  /** Tries that are left after a wrong PIN; null before one. */
  readonly pinTries: number | null;
  /** The address at which a phone saves what is kept; null where it cannot be had. */
  readonly saveAt: string | null;
}
