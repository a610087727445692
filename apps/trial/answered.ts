import { newCommand } from '#libs/api-client';
import { CityRefused } from '#libs/department-client';
import { isObject } from '#libs/kernel';

/** The body of a good answer. @throws CityRefused */
export async function answered<T>(
  call: Promise<{ readonly data?: T; readonly error?: unknown; readonly response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  const { code, detail, title } = isObject(error) ? error : {};
  const problem = typeof code === 'string' ? code : 'unknown';
  const said = typeof detail === 'string' ? detail : typeof title === 'string' ? title : '';
  throw new CityRefused('city_refused', `the city refused: ${problem}: ${said}`, {
    status: response.status,
    problem,
  });
}

/** The same, and null where there is none. */
export const answeredOrNone = <T>(call: Parameters<typeof answered<T>>[0]): Promise<T | null> =>
  answered(call).catch((error: unknown) => {
    if (error instanceof CityRefused && error.facts['status'] === 404) return null;
    throw error;
  });

export const command = () => ({ header: newCommand() });
export const commandOn = <Path extends Record<string, string>>(path: Path) => ({
  header: newCommand(),
  path,
});
