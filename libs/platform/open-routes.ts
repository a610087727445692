import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TooManyError, UnavailableError } from '#libs/kernel';
import type { OpenRouteLimits } from './settings.js';

/** One address sends more requests to open routes than it may. */
export class AddressRateExceeded extends TooManyError<'address_rate_exceeded'> {}
/** The queue of open routes is full. Authenticated callers are not affected. */
export class OpenRoutesBusy extends UnavailableError<'open_routes_busy'> {}

/** Bytes. Unauthenticated requests are small: the largest is an offered key with its proof. */
export const openBodyLimit = 16 * 1024;

/** Router configuration of a route without authentication. */
export const openRoute = { open: true } as const;

/** Adds to the router configuration of a route. */
export const withRouteConfig =
  (part: object): MethodDecorator =>
  (target, key, descriptor) => {
    const said = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object) as
      object | undefined;
    RouteConfig({ ...said, ...part })(target, key, descriptor);
  };

/** Milliseconds over which an address's requests are counted. */
const windowMs = 10_000;
const maxAddresses = 20_000;
/**
 * How many requests may wait for each one in work: a burst is served in turn, a flood is refused.
 */
const waitingForEach = 16;

/**
 * Limits what unauthenticated callers take of a process: requests of each address, and concurrent
 * ones. Addresses are kept in memory alone, while they count, and are in no log and no metric.
 */
export class OpenRoutes {
  /**
   * By address, when its requests so far are paid off at an even rate; least recently seen first
   * (GCRA).
   */
  readonly #paidOff = new Map<string, number>();
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  /**
   * @param monotonic milliseconds of a clock that only goes forward
   * @param onRefused called with the limit that refused a request
   */
  constructor(
    private readonly limits: OpenRouteLimits,
    private readonly onRefused: (limit: 'address' | 'open_at_once') => void = () => undefined,
    private readonly monotonic = () => performance.now(),
  ) {}

  /** Counts a request of an open route by its address. @throws AddressRateExceeded */
  count(request: Pick<IncomingMessage, 'headers' | 'socket'>): void {
    const address = this.limits.proxies.addressOf(request);
    if (address === null) return;
    const now = this.monotonic();
    const paidOff = Math.max(now, this.#paidOff.get(address) ?? now);
    const next = paidOff + windowMs / this.limits.requestsOfOneAddress;
    if (next - now > windowMs) {
      this.onRefused('address');
      throw new AddressRateExceeded(
        'address_rate_exceeded',
        'so many requests without credentials come from one address at most',
        { limit: this.limits.requestsOfOneAddress, seconds: windowMs / 1000 },
        { retryAfterSeconds: Math.max(1, (next - now - windowMs) / 1000) },
      );
    }
    this.#paidOff.delete(address);
    if (this.#paidOff.size >= maxAddresses)
      this.#paidOff.delete(this.#paidOff.keys().next().value ?? '');
    this.#paidOff.set(address, next);
  }

  /**
   * Starts work on a request whose body has arrived (a slow sender occupies no slot), after earlier
   * ones, until its response is closed.
   * @returns whether the client still waits. @throws OpenRoutesBusy where too many wait
   */
  async enter(response: Pick<ServerResponse, 'closed' | 'once'>): Promise<boolean> {
    const { openRequestsAtOnce: most } = this.limits;
    if (this.#underWay < most) this.#underWay++;
    else if (this.#waiting.length < most * waitingForEach) await this.#inLine();
    else {
      this.onRefused('open_at_once');
      throw new OpenRoutesBusy(
        'open_routes_busy',
        'as many requests without credentials wait as may',
        { limit: most },
        { retryAfterSeconds: 1 },
      );
    }
    if (response.closed) this.#leave();
    else
      response.once('close', () => {
        this.#leave();
      });
    return !response.closed;
  }

  /** Until a slot is passed on. */
  #inLine(): Promise<undefined> {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.#waiting.push(() => {
      resolve(undefined);
    });
    return promise;
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#underWay--;
    else next();
  }
}
