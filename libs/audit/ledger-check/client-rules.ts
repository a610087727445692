import {
  checkKeyApproval,
  type ClientDetails,
  clientKey,
  controlInCommon,
  endsRequests,
  type Jwk,
  keysIn,
  provedKey,
  provedNewKey,
  type ProofPlace,
  type SigningHalf,
  type ClientChange,
  handOf,
  scopesOfAdministration,
  theCity,
  unverifiedHeader,
} from '#libs/identity';
import { InvalidError, isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { type Act, actingIn, handsIn, kidIn, operatorIn, registrarsIn } from './act.js';
import { mayHaveCrossed, type Moment, seconds } from './moments.js';
import { list, type DecodedRecord, text } from './decoded-record.js';
import type { OperatorRules } from './operator-rules.js';

/** The types that these rules are about. */
export const clientTypes = [
  'ClientRegistered',
  'ClientKeyRotated',
  'ClientDisabled',
  'ClientEnabled',
] as const;
export type ClientType = (typeof clientTypes)[number];

/** Where a client stands by its registration, which nothing changes. */
interface Desk {
  readonly department: string;
  readonly window: string | null;
}

interface Client extends Desk {
  readonly kind: string;
  readonly isAuthority: boolean;
  readonly scopes: readonly JsonValue[];
  readonly signIn: string;
  /** By the city itself, from a file on its machine. */
  readonly isAdmitted: boolean;
  keys: readonly SigningHalf[];
  /** Seconds, see `seconds`; null while it is not. */
  disabledAt: number | null;
}

const prefix = 'client-';

/**
 * Ownership of keys: proved at registration, one client's alone, as a credit code is one
 * authority's, and an authority's new key is approved by its old one or by an independent second
 * administrator. Keys change in one order in all processes of a city (`ClientClaims`), so that only
 * disabling can cross another decision.
 */
export class ClientRules {
  readonly #clients = new Map<string, Client>();
  readonly #histories = new Map<string, ClientChange[]>();
  /** By thumbprint, permanently. */
  readonly #ownerOfKey = new Map<string, string>();
  readonly #ownerOfCode = new Map<string, string>();

  /** @param city origin of the log, which every proof of possession names */
  constructor(
    private readonly city: string,
    private readonly operators: OperatorRules,
  ) {}

  take(type: ClientType, saying: DecodedRecord, now: Moment): void {
    const client = saying.at.stream.slice(prefix.length);
    switch (type) {
      case 'ClientRegistered':
        this.#register(client, saying);
        return;
      case 'ClientKeyRotated':
        this.#rotate(client, saying, now);
        return;
      case 'ClientDisabled':
      case 'ClientEnabled': {
        this.#note(client, saying, type === 'ClientEnabled' ? 'enabled' : 'disabled');
        this.#judgeChange(client, saying);
        const known = this.#clients.get(client);
        if (known !== undefined)
          known.disabledAt = type === 'ClientEnabled' ? null : seconds(text(saying.said, 'time'));
      }
    }
  }

  /**
   * Whether it was done by an enabled administrator with the scope, with a key that was its own
   * then: a client of that kind, or an operator of that role at a terminal for operators.
   */
  mayAct({ client, operator, with: key, time }: Act, scope: string, now: Moment): boolean {
    const known = this.#clients.get(client);
    const { disabledAt = null } = known ?? {};
    const acting = operatorIn(key);
    const isAdministrator =
      acting === null
        ? known?.kind === 'administrator' && operator === ''
        : known?.kind === 'terminal' &&
          known.signIn === 'operator' &&
          acting.operator === operator &&
          this.operators.mayAct(acting, time, now);
    return (
      isAdministrator &&
      known?.scopes.includes(scope) === true &&
      (disabledAt === null || mayHaveCrossed(time, disabledAt, now)) &&
      this.#had(client, kidIn(key), time, now)
    );
  }

  /**
   * Whether two acts satisfy the separation of duties, by the records and by the acts themselves.
   */
  areIndependent(one: Act, other: Act): boolean {
    const recorded = { one: registrarsIn(one.with), other: registrarsIn(other.with) };
    const histories = new Map([...this.#histories, ...this.operators.histories()]);
    return controlInCommon(actingIn(one), actingIn(other), histories, recorded).length === 0;
  }

  /** The kind of a client's registration; null where no such id was registered. */
  kindOf(client: string): string | null {
    return this.#clients.get(client)?.kind ?? null;
  }

  /** Null where no such id was registered. */
  standsAt(client: string): Desk | null {
    return this.#clients.get(client) ?? null;
  }

  /** How many records so far changed the keys or status of a client, and of its operator. */
  changesOf(act: Act): readonly number[] {
    return handsIn(act).map((hand) => this.#changes(hand).length);
  }

  /**
   * Whether a client's request had ended by the time of its approval. @param seen `changesOf` at
   * the request
   */
  hasEnded(act: Act, seen: readonly number[], time: string, now: Moment): boolean {
    return handsIn(act).some((hand, n) =>
      this.#changes(hand)
        .slice(seen[n])
        .some((one) => endsRequests(hand, one) && !mayHaveCrossed(time, seconds(one.time), now)),
    );
  }

  #changes(hand: string): readonly ClientChange[] {
    return this.#histories.get(hand) ?? this.operators.changesOf(hand);
  }

  #had(client: string, kid: string, time: string, now: Moment): boolean {
    const changes = this.#histories.get(client) ?? [];
    if (keysIn(changes).includes(kid)) return true;
    const gone = changes.find(({ retired }) => retired.includes(kid));
    return gone !== undefined && mayHaveCrossed(time, seconds(gone.time), now);
  }

  #note(
    client: string,
    { at: { version }, said }: DecodedRecord,
    change: ClientChange['change'],
    { added, retired }: Readonly<Record<'added' | 'retired', readonly string[]>> = {
      added: [],
      retired: [],
    },
  ): void {
    const changes = this.#histories.get(client) ?? [];
    this.#histories.set(client, changes);
    const [time, by, operator] = [text(said, 'time'), text(said, 'actor'), text(said, 'operator')];
    const besides = operator === '' ? [] : [{ hand: handOf(operator), time }];
    changes.push({ version, time, by, besides, change, added, retired });
  }

  /** A client admitted by the city is changed by itself, or by the city. */
  #judgeChange(client: string, { said, found }: DecodedRecord): void {
    const by = text(said, 'actor');
    if (this.#clients.get(client)?.isAdmitted === true && by !== client && by !== theCity)
      found('admitted_administrator_changed');
  }

  #register(client: string, saying: DecodedRecord): void {
    const { said, found } = saying;
    const { authority } = said;
    const keys = list(said['keys']).filter(isObject);
    const [kind, signIn] = [text(said, 'kind'), text(said, 'signIn')];
    const scopes = list(said['scopes']);
    if (kind === 'terminal' && signIn !== 'operator' && scopes.some(isOfAdministration))
      found('administration_without_operator');
    this.#clients.set(client, {
      kind,
      department: text(said, 'department'),
      window: typeof said['window'] === 'string' ? said['window'] : null,
      isAuthority: isObject(authority),
      scopes,
      signIn,
      isAdmitted: text(said, 'actor') === theCity && kind === 'administrator',
      keys: keys.map(half),
      disabledAt: null,
    });
    this.#note(client, saying, 'keys', { added: keys.map((key) => text(key, 'kid')), retired: [] });
    if (isObject(authority)) {
      const code = text(authority, 'creditCode');
      const owner = this.#ownerOfCode.get(code);
      if (owner !== undefined && owner !== client) found('authority_code_twice');
      else this.#ownerOfCode.set(code, client);
    }
    const place = this.#place(said);
    const details = {
      ...said,
      authority: isObject(authority) ? authority : null,
    } as unknown as ClientDetails;
    this.#judgeKeys(client, keys, { said, found }, kind, (key) => provedKey(key, details, place));
  }

  #rotate(client: string, saying: DecodedRecord, now: Moment): void {
    const { said, found } = saying;
    const known = this.#clients.get(client);
    const { added, approval } = said;
    if (known === undefined || !isObject(added)) {
      found('key_not_proved');
      return;
    }
    const place = this.#place(said);
    this.#judgeKeys(client, [added], { said, found }, known.kind, (key) =>
      provedNewKey(key, client, place),
    );
    this.#judgeChange(client, saying);
    const asks = { client: text(said, 'actor'), operator: text(said, 'operator') };
    const jkt = text(added, 'kid');
    if (known.isAuthority) {
      const fault = this.#faultOfApproval(approval, { client, jkt, asks }, place, now);
      if (fault !== null) found(fault);
    }
    const retired = list(said['retired']).filter((kid) => typeof kid === 'string');
    this.#note(client, saying, 'keys', { added: [jkt], retired });
    known.keys = [...known.keys.filter(({ kid }) => !retired.includes(kid)), half(added)];
  }

  /**
   * A key without a proof was read by the city itself from a file on its machine, for an
   * administrator.
   */
  #judgeKeys(
    client: string,
    keys: readonly JsonObject[],
    { said, found }: Pick<DecodedRecord, 'said' | 'found'>,
    kind: string,
    prove: (key: { readonly jwk: Jwk; readonly proof: string }) => { readonly kid: string },
  ): void {
    for (const key of keys) {
      const { jwk, proof } = key;
      const kid = text(key, 'kid');
      const owner = this.#ownerOfKey.get(kid);
      if (owner !== undefined && owner !== client) found('key_of_two_clients');
      else this.#ownerOfKey.set(kid, client);
      const ofTheCity = text(said, 'actor') === theCity && kind === 'administrator';
      const held =
        isObject(jwk) &&
        holds(() =>
          typeof proof === 'string'
            ? prove({ jwk, proof }).kid === kid
            : ofTheCity && proof === null && clientKey(jwk, null).kid === kid,
        );
      if (!held) found('key_not_proved');
    }
  }

  #faultOfApproval(
    approval: JsonValue | undefined,
    {
      client,
      jkt,
      asks,
    }: Record<'client' | 'jkt', string> & { readonly asks: Pick<Act, 'client' | 'operator'> },
    place: ProofPlace,
    now: Moment,
  ): 'authority_key_not_approved' | 'authority_key_not_independent' | null {
    if (!isObject(approval)) return 'authority_key_not_approved';
    const [by, jws] = [text(approval, 'by'), text(approval, 'jws')];
    let signedWith = '';
    const isSigned = holds(() => {
      const { kid } = unverifiedHeader(jws);
      const key = this.#clients.get(by)?.keys.find((one) => one.kid === kid);
      if (key === undefined) return false;
      checkKeyApproval(jws, { key, by, client, jkt }, place);
      signedWith = key.kid;
      return true;
    });
    if (!isSigned) return 'authority_key_not_approved';
    if (by === client) return null;
    const [request, approved] = [
      { ...asks, with: approval['requestedWith'], time: place.at },
      { client: by, operator: '', with: approval['approvedWith'], time: place.at },
    ];
    if (
      kidIn(approved.with) !== signedWith ||
      ![request, approved].every((act) => this.mayAct(act, 'clients:manage', now))
    )
      return 'authority_key_not_approved';
    return this.areIndependent(request, approved) ? null : 'authority_key_not_independent';
  }

  #place(said: JsonObject): ProofPlace {
    return { city: this.city, at: text(said, 'time') };
  }
}

const isOfAdministration = (scope: JsonValue): boolean =>
  scopesOfAdministration.some((one) => one === scope);

const half = (key: JsonObject): SigningHalf => ({
  kid: text(key, 'kid'),
  jwk: isObject(key['jwk']) ? key['jwk'] : {},
});

function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof InvalidError) return false;
    throw error;
  }
}
