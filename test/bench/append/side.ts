import type { JsonObject } from '#libs/kernel';

/**
 * One way of storing events. What it stores is the same for all: about 504 bytes a row, durable
 * before it is acknowledged.
 */
export interface Side {
  readonly name: string;
  /**
   * Appends one event to the stream, whose last version is `version - 1`; resolves when it is
   * durable.
   */
  append(stream: string, version: number): Promise<unknown>;
  close(): Promise<void>;
}

/** As many connections as served the peers best on two cores. */
export const connections = 32;

let made = 0;
const run = Math.floor(Math.random() * 2 ** 32)
  .toString(16)
  .padStart(8, '0');

/** 32 hexadecimal digits, new each time, at next to no cost. */
export const nextId = (): string => run + (made++).toString(16).padStart(24, '0');

/**
 * What an event says. With origin, ids, type, time, actor and chain link around it, a record is
 * about 504 bytes.
 */
export const eventData: JsonObject = {
  certificate: 'certificate-5vUe0Q6w2bYkq1m9Zx3c7A',
  consent: 'S7dVfY0nTq2wXo1kLz8ReA',
  fields: ['name', 'validUntil'],
  purpose: 'social-insurance-registration',
  rule: 'flexible-employment-insurance@3',
};
export const eventActor = { client: 'window-0001' };
export const eventType = 'ConsentRedeemed';
export const eventTime = '2026-11-22T08:00:00.000Z';
export const eventCity = 'ledger.city.example';
