import { useQuery } from '@tanstack/react-query';
import { checkLog, type LogStatus } from './receipt-check.ts';
import { logText } from './release.ts';
import { useSession } from './session.tsx';

/** How the log stands: the page itself checks the signatures of the latest checkpoint. */
export function useLog(): LogStatus | null {
  const { api } = useSession();
  const { data } = useQuery({
    queryKey: ['log'],
    queryFn: async () =>
      checkLog(await logText(api, '/log/policy'), await logText(api, '/log/checkpoint')),
    refetchInterval: 10_000,
  });
  return data ?? null;
}
