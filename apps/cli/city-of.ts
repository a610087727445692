import { UnavailableError } from '#libs/kernel';

class CityUnreachable extends UnavailableError<'city_unreachable'> {}

/**
 * The origin of a city's log, which statements for it are made for: the first line of its
 * checkpoint. @throws CityUnreachable
 */
export async function cityOf(url: string): Promise<string> {
  const answer = await fetch(`${url.replace(/\/$/, '')}/log/checkpoint`).catch(() => null);
  const [city = ''] = answer?.ok === true ? (await answer.text()).split('\n') : [];
  if (city === '')
    throw new CityUnreachable(
      'city_unreachable',
      `${url} does not say which city it is`,
      { url },
      {
        hint: 'Is it running, and does --url lead to it? --city says it without asking.',
      },
    );
  return city;
}
