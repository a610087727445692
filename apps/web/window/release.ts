import { type LedgerClient, newCommand, type Schemas } from '#libs/api-client';
import { answered, type Trouble, troubleFrom } from '../shared/trouble.ts';
import type { Case, Consent } from './asking.ts';
import type { Hindrance, Released } from './desk-state.ts';
import { type CommandHeader, insist, isUnanswered } from './insist.ts';
import { checkWords, type Reply } from './receipt-check.ts';

type Ids = { readonly id: string; readonly consent: string };

/** A granted consent becomes data: the token is minted, and redeemed at once. */
export async function redeem(
  api: LedgerClient,
  found: Case,
  { consent }: Pick<Consent, 'consent'>,
): Promise<Released> {
  const path: Ids = { id: found.case, consent };
  const { token } = await insist(newCommand(), (header) =>
    answered(api.POST('/v1/cases/{id}/consents/{consent}/token', { params: { path, header } })),
  );
  // Sent once: the ledger keeps no answer that it could give again.
  const reply = await answered(
    api.POST('/v1/releases', { params: { header: newCommand() }, body: { token } }),
  );
  return checked(api, reply, consent);
}

/** The same data again, as this terminal may within 30 minutes. */
export async function readAgain(
  api: LedgerClient,
  found: Case,
  { consent }: Pick<Consent, 'consent'>,
  header: CommandHeader,
): Promise<Released> {
  const path: Ids = { id: found.case, consent };
  const reply = await answered(
    api.POST('/v1/cases/{id}/consents/{consent}/read-again', { params: { path, header } }),
  );
  return checked(api, reply, consent);
}

async function checked(api: LedgerClient, reply: Reply, consent: string): Promise<Released> {
  const [policy, authorityKeys] = await Promise.all([
    logText(api, '/log/policy'),
    logText(api, '/log/authority-keys'),
  ]);
  const trust = { policy, authorityKeys, receipt: reply.receipt.receipt };
  return { consent, reply, trust, words: checkWords(reply, trust) };
}

/** A public text of the log. */
export const logText = (
  api: LedgerClient,
  path: '/log/policy' | '/log/authority-keys' | '/log/checkpoint',
): Promise<string> => insist(newCommand(), async () => await answered(api.GET(path)));

/** The receipt of a record that was not sealed yet when its data came. */
export async function fetchReceipt(api: LedgerClient, { record }: Reply): Promise<string> {
  const { stream, version, hash } = record;
  const text = await answered(
    api.GET('/v1/receipts/{stream}/{version}', {
      params: { path: { stream, version: String(version) }, query: { hash } },
    }),
  );
  return text;
}

/**
 * Whether the receipt of a held record can be had by now.
 * @param at `/v1/receipts/<stream>/<version>?hash=…`
 */
export async function isSealed(api: LedgerClient, at: string): Promise<boolean> {
  const { pathname, searchParams } = new URL(at, location.origin);
  const [stream = '', version = ''] = pathname.split('/').slice(-2);
  const { response } = await api.GET('/v1/receipts/{stream}/{version}', {
    params: { path: { stream, version }, query: { hash: searchParams.get('hash') ?? '' } },
  });
  return response.ok;
}

const changed = /: certificate_(cancelled|revoked|suspended)"/;

/** What a refusal of the release means for the page. */
export function hindranceOf(thrown: unknown): Hindrance {
  const trouble: Trouble = troubleFrom(thrown);
  if (isUnanswered(trouble)) return { is: 'lost' };
  switch (trouble.code) {
    case 'seal_pending':
    case 'quorum_missing':
      return {
        is: 'held',
        at: typeof trouble.facts['at'] === 'string' ? trouble.facts['at'] : null,
      };
    case 'consent_spent':
    case 'consent_of_another_terminal':
      return { is: 'used-elsewhere' };
    case 'nothing_to_release':
      // Several materials, each with its own reason: `ZZ001: certificate_revoked`.
      return changed.test(JSON.stringify(trouble.facts['missing']))
        ? { is: 'changed' }
        : { is: 'nothing' };
    case 'holder_has_none':
    case 'fields_absent':
    case 'certificate_expired':
    case 'certificate_not_yet_valid':
      return { is: 'nothing' };
    case 'release_withheld':
    case 'certificate_cancelled':
    case 'certificate_revoked':
    case 'certificate_suspended':
      return { is: 'changed' };
    default:
      return { is: 'refused', trouble };
  }
}

export type Outcome = Schemas['CloseCaseDto']['outcome'];
