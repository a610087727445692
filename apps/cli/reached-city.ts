import { UnavailableError } from '#libs/kernel';

/** Whether anything was done is not known; the same command again is safe. */
export class CityNotReached extends UnavailableError<'city_unreachable' | 'seal_pending'> {}

/** The city's response. @throws CityNotReached where no server answers at its address */
export async function reachedCity(url: string, send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause; // fetch fails with it where no server answers
    throw new CityNotReached(
      'city_unreachable',
      `the city does not answer at ${new URL(url).origin}`,
      {},
      { cause, hint: 'start it with `npm start`, or name it with --url' },
    );
  }
}
