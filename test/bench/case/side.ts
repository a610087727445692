import type { Scene } from './scene.js';

/** What serves the cases: a process of its own, on a database of its own. */
export interface Side {
  readonly name: string;
  /** The database's name on the measurement's server. */
  readonly database: string;
  readonly scene: Scene;
  /** Of the process that serves. */
  readonly pid: () => number;
  stop(): Promise<void>;
}

/** As many as were measured from the start: 8 windows, 64 holders. */
export const windowCount = 8;
export const holderCount = 64;

/** The log's origin of the measured city. */
export const eventCity = 'trial.city.example';
