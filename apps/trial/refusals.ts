import { cityOf } from '#libs/api-client';
import { InvalidError, RefusedError } from '#libs/kernel';
import { isTrialOrigin } from '#libs/log';

/**
 * A trial hall makes people up and opens links without credentials: not in any city, nor from afar.
 */
export class TrialRefused extends RefusedError<
  'city_not_trial' | 'trial_not_on_loopback' | 'trial_of_other_ledger'
> {}

/** What the trial hall keeps cannot be used. */
export class TrialStateUnusable extends InvalidError<'trial_state_unusable'> {}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * @throws TrialRefused where the city could be a real one, or is reached from other machines
 */
export function mustBeTrialHere(origin: string, url: string): void {
  if (!isTrialOrigin(origin))
    throw new TrialRefused(
      'city_not_trial',
      `${origin} is no trial, and a trial hall makes people and certificates up`,
      { city: origin },
      {
        hint: 'Start a trial beside it: without CITY, on a DATA_DIR of its own (docs/operations/start.md).',
      },
    );
  if (!URL.canParse(url) || !loopback.test(new URL(url).hostname))
    throw new TrialRefused(
      'trial_not_on_loopback',
      `${url} is not an address of this machine alone, and whoever has a one-time link gets in`,
      { url },
      { hint: 'Leave PUBLIC_URL out, or let it begin with http://localhost:.' },
    );
}

/** The origin of the running city at this address. @throws TrialRefused, CityUnknown */
export async function trialCityAt(url: string): Promise<string> {
  // The address alone may already be one that a link must not name.
  mustBeTrialHere('trial.', url);
  const origin = await cityOf(url);
  mustBeTrialHere(origin, url);
  return origin;
}
