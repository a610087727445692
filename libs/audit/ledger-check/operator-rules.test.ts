import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#libs/kernel';
import { OperatorRules } from './operator-rules.js';
import { RecordRules } from './record-rules.js';
import { operatorInput } from './rule-input.js';

test.each([
  [true, []],
  [false, ['sample_passkey']],
])('an operator may have the sample passkey in a trial alone (%s)', (isTrial, expected) => {
  const found: string[] = [];
  new OperatorRules(isTrial).take('OperatorPasskeyAdded', {
    at: { leaf: 0, stream: 'operator-o1', version: 1 },
    said: {
      actor: 'c1',
      time: '2026-11-22T01:02:03.000Z',
      credential: 'sample',
      transports: ['sample'],
    },
    found: (what) => found.push(what),
  });
  expect(found).toEqual(expected);
});

const time = '2026-11-22T08:00:00.000Z';
const later = '2026-11-22T09:00:00.000Z';
const operator = 'AAAAAAAAAAAAAAAAAAAAAA';

/** What the rules find in these records, in their order. */
class Ledger {
  readonly #rules = new RecordRules('city.example', () => undefined);
  readonly #versions = new Map<string, number>();
  #leaf = 0;

  say(stream: string, type: string, said: JsonObject): this {
    const version = this.#versions.get(stream) ?? 0;
    if (type !== operatorInput) this.#versions.set(stream, version + 1);
    this.#rules.take([this.#leaf++, stream, version, type, { time, actor: 'city', ...said }]);
    return this;
  }

  terminal(client: string, department: string): this {
    const of = { kind: 'terminal', name: client, town: null, authority: null, scopes: [] };
    return this.say(`client-${client}`, 'ClientRegistered', {
      ...of,
      department,
      window: 'hall-1-03',
      signIn: 'operator',
      keys: [],
    });
  }

  invite(roles = ['clerk']): this {
    return this.of('OperatorInvited', { department: '人社', roles });
  }

  of(type: string, said: JsonObject = {}): this {
    return this.say(`operator-${operator}`, type, said);
  }

  passkey(): this {
    return this.of('OperatorPasskeyAdded', { credential: 'c', transports: [] });
  }

  act(type = 'CaseOpened', actor = 'one', at = time): this {
    return this.say('case-a', operatorInput, { actor, operator, type, time: at });
  }

  get found(): readonly string[] {
    return this.#rules.findings.map(({ what }) => what);
  }
}

const begun = () => new Ledger().terminal('one', '人社').terminal('two', '民政');

describe('a record that names an operator', () => {
  test('is by one who was invited, made a passkey, and is enabled, at a terminal of the department', () => {
    expect(begun().invite().passkey().act().found).toEqual([]);
    expect(begun().invite().passkey().act('ReleaseReadAgain').found).toEqual([]);
    expect(begun().invite().of('OperatorAccountBound').act().found).toEqual([]);
    expect(begun().invite(['administrator']).passkey().act('ClientRegistered').found).toEqual([]);
    expect(
      begun()
        .invite()
        .passkey()
        .of('OperatorDisabled')
        .of('OperatorEnabled')
        .act('CaseOpened', 'one', later).found,
    ).toEqual([]);
    expect(
      begun()
        .invite()
        .passkey()
        .of('OperatorInvitedAgain')
        .passkey()
        .act('CaseOpened', 'one', later).found,
    ).toEqual([]);
  });

  test('may have crossed what ended in the same moment, and no later', () => {
    for (const end of ['OperatorDisabled', 'OperatorInvitedAgain']) {
      const ended = () => begun().invite().passkey().of(end);
      expect(ended().act().found).toEqual([]);
      expect(ended().act('CaseOpened', 'one', later).found).toEqual(['operator_disabled']);
    }
    const changed = () =>
      begun()
        .invite()
        .passkey()
        .of('OperatorRolesChanged', { roles: ['auditor'] });
    expect(changed().act().found).toEqual([]);
    expect(changed().act('CaseOpened', 'one', later).found).toEqual(['operator_without_role']);
  });

  test.each<[string, (ledger: Ledger) => Ledger, string]>([
    ['that nobody invited', (l) => l.act(), 'operator_unknown'],
    ['that made no passkey', (l) => l.invite().act(), 'operator_unknown'],
    ['before the invitation', (l) => l.act().invite().passkey(), 'operator_unknown'],
    [
      'at a terminal of another department',
      (l) => l.invite().passkey().act('CaseOpened', 'two'),
      'operator_elsewhere',
    ],
    [
      'without the role',
      (l) => l.invite(['second-operator']).passkey().act('ConsentRequested'),
      'operator_without_role',
    ],
    [
      'who gives roles without being an administrator',
      (l) => l.invite().passkey().act('OperatorRolesChanged'),
      'operator_without_role',
    ],
    [
      'beside a client that is no terminal',
      (l) => l.invite().passkey().act('CaseOpened', 'three'),
      'operator_without_terminal',
    ],
  ])('%s, is told', (_, steps, what) => {
    expect(steps(begun()).found).toEqual([what]);
  });
});
