import { setTimeout as wait } from 'node:timers/promises';
import { oneCase } from './one-case.js';
import { type HolderOfPhone, type Scene, type Step, stepNames } from './scene.js';
import { Phone, Window, Wire } from './wire.js';

/** Cases one after the other by so many callers, or so many begun in each second. */
export type Order = {
  readonly seconds: number;
  /** Holders whose cases they are; all of the scene by default. */
  readonly holders?: readonly number[];
} & ({ readonly callers: number } | { readonly perSecond: number });

/** What came of an order; times in milliseconds, `cpuMs` of the process that asked. */
export interface Done {
  readonly cases: number;
  readonly seconds: number;
  readonly times: Readonly<Record<Step, readonly number[]>>;
  /** Whole cases, from the first request to the last answer. */
  readonly wholes: readonly number[];
  readonly withoutReceipt: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly cpuMs: number;
}

const connections = 256;

/** The clients of one side: its windows and its holders' phones. */
export class Load {
  readonly #wire: Wire;
  readonly #windows: readonly Window[];
  readonly #holders: readonly { readonly phone: Phone; readonly holder: HolderOfPhone }[];
  #begun = 0;

  constructor({ baseUrl, issuer, windows, holders }: Scene) {
    this.#wire = new Wire(baseUrl, connections);
    this.#windows = windows.map(
      ({ client, jwk, scopes }) => new Window(this.#wire, issuer, client, jwk, scopes),
    );
    this.#holders = holders.map((holder) => ({ phone: new Phone(this.#wire, holder.jwk), holder }));
  }

  async run(order: Order): Promise<Done> {
    const times = Object.fromEntries(stepNames.map((name) => [name, [] as number[]])) as Record<
      Step,
      number[]
    >;
    const wholes: number[] = [];
    const failures: Record<string, number> = {};
    let withoutReceipt = 0;
    const among = order.holders ?? this.#holders.map((_, n) => n);
    const once = async () => {
      // Holders take turns, so that no two cases of a moment are of the same one.
      const turn = this.#begun++;
      const window = this.#windows[turn % this.#windows.length];
      const who = this.#holders[among[turn % among.length] ?? 0];
      if (window === undefined || who === undefined) throw new RangeError('an empty scene');
      const before = performance.now();
      try {
        if (await oneCase(window, who.phone, who.holder, (step, ms) => times[step].push(ms)))
          withoutReceipt++;
        wholes.push(performance.now() - before);
      } catch (error) {
        const what = error instanceof Error ? error.message : String(error);
        failures[what] = (failures[what] ?? 0) + 1;
      }
    };
    const cpu = process.cpuUsage();
    const start = performance.now();
    const end = start + order.seconds * 1000;
    if ('callers' in order)
      await Promise.all(
        Array.from({ length: order.callers }, async () => {
          while (performance.now() < end) await once();
        }),
      );
    else await begunInTime(order.perSecond, end, once);
    const { user, system } = process.cpuUsage(cpu);
    return {
      cases: wholes.length,
      seconds: (performance.now() - start) / 1000,
      times,
      wholes,
      withoutReceipt,
      failures,
      cpuMs: (user + system) / 1000,
    };
  }

  close(): void {
    this.#wire.close();
  }
}

/** Begins one at each moment of its own, whether or not earlier ones have ended. */
async function begunInTime(perSecond: number, end: number, once: () => Promise<void>) {
  const under = new Set<Promise<void>>();
  for (let due = performance.now(); due < end; due += 1000 / perSecond) {
    const early = due - performance.now();
    if (early > 0) await wait(early);
    const one = once().finally(() => under.delete(one));
    under.add(one);
  }
  await Promise.all(under);
}
