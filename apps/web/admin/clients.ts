import type { LedgerClient, Schemas } from '#libs/api-client';
import { answered, type Trouble } from '../shared/trouble.ts';
import { useAnswer } from './use-command.ts';

export type Client = Schemas['ClientView'];

/** The whole register, page by page. */
async function allClients(api: LedgerClient): Promise<readonly Client[]> {
  const clients: Client[] = [];
  let after: string | null = null;
  do {
    const query: { after?: string } = after === null ? {} : { after };
    const page: Schemas['ClientPageView'] = await answered(
      api.GET('/v1/clients', { params: { query } }),
    );
    clients.push(...page.clients);
    after = page.next;
  } while (after !== null);
  return clients;
}

export const useClients = (): {
  readonly data: readonly Client[] | null;
  readonly trouble: Trouble | null;
} => useAnswer(['clients'], allClients);

/** Departments of the register, in the order of their names. */
export const departmentsOf = (clients: readonly Client[] | null): readonly string[] =>
  [...new Set(clients?.map(({ department }) => department))].sort((a, b) =>
    a.localeCompare(b, 'zh-CN'),
  );
