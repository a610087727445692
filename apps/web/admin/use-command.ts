import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { LedgerClient } from '#libs/api-client';
import { RequestFailed, type Trouble, troubleFrom } from '../shared/trouble.ts';
import type { CommandHeader } from '../window/insist.ts';
import { type Press, usePress } from '../window/press.ts';
import { useAdmin } from './session.tsx';

/**
 * A button's work at the city; what is shown is asked for anew when it is done.
 * @param send with the Idempotency-Key of the press
 */
export function useCommand<Asked>(
  send: (asked: Asked, header: CommandHeader, api: LedgerClient) => Promise<void>,
): Press<Asked> {
  const { session, onTrouble } = useAdmin();
  const queries = useQueryClient();
  return usePress<Asked>(async (asked, header) => {
    try {
      await send(asked, header, session.api);
    } catch (thrown) {
      onTrouble(troubleFrom(thrown));
      throw thrown;
    }
    await queries.invalidateQueries();
  });
}

/** What the city answers, kept for the page alone. */
export function useAnswer<Data>(
  key: readonly unknown[],
  ask: (api: LedgerClient) => Promise<Data>,
  options: { readonly every?: number; readonly enabled?: boolean } = {},
): { readonly data: Data | null; readonly trouble: Trouble | null } {
  const { session } = useAdmin();
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: () => ask(session.api),
    ...(options.every === undefined ? {} : { refetchInterval: options.every }),
    enabled: options.enabled ?? true,
  });
  const trouble =
    error === null ? null : error instanceof RequestFailed ? error.trouble : troubleFrom(error);
  return { data: data ?? null, trouble };
}
