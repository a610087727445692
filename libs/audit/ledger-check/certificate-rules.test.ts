import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { certificateIdOf, sdJwtType, signedDigest } from '#libs/certificate';
import { keyApprovalType, newKeyProofType, registrationProofType } from '#libs/identity';
import { canonicalize, type JsonObject } from '#libs/kernel';
import { TestKey } from '../../../test/support/keys.js';
import { city, SealedLedger } from '../../../test/support/sealed-ledger.js';
import {
  findings,
  id,
  minutesLater,
  moment,
  type Said,
  sayIn,
} from '../../../test/support/checked-ledger.js';

describe('certificates', () => {
  let ledger: SealedLedger;
  beforeAll(async () => {
    ledger = await SealedLedger.make();
  });
  afterAll(() => ledger.close());
  const say = sayIn(() => ledger);

  /** A signed statement about a key, at the time of the records. */
  const statement = (key: TestKey, typ: string, claims: object) =>
    key.sign(
      { typ, kid: key.jkt },
      { aud: city, iat: Math.floor(Date.parse(moment) / 1000), ...claims },
    );

  /** An authority that will issue a certificate. */
  function desk() {
    const client = `client-${id()}`;
    const key = new TestKey();
    const next = new TestKey('P-256');
    const creditCode = `code-${id()}`;
    const asKey = (of: TestKey, typ: string, claims: object) => ({
      kid: of.jkt,
      alg: of.alg,
      jwk: of.jwk as JsonObject,
      proof: statement(of, typ, claims),
    });
    const registration = {
      kind: 'issuing-authority',
      name: 'x',
      department: 'x',
      window: null,
      town: null,
      authority: { creditCode, name: 'x', types: ['ZZ001', 'ZZ002'] },
    };
    const name = client.slice('client-'.length);
    const approval = {
      by: name,
      jws: statement(key, keyApprovalType, { by: name, client: name, jkt: next.jkt }),
    };
    const sign = (payload: JsonObject, by = key, typ = sdJwtType) =>
      by.sign(
        { typ, kid: by.jkt },
        canonicalize({ iss: creditCode, vct: 'ZZ001', version: 1, ...payload }),
      );
    const first = sign({});
    const stream = (signed: string) => `certificate-${certificateIdOf(signed)}`;
    return {
      key,
      next,
      first,
      sign,
      stream,
      register: () =>
        say(client, 'ClientRegistered', {
          ...registration,
          scopes: ['certificates:issue'],
          keys: [asKey(key, registrationProofType, registration)],
        }),
      rotate: () =>
        say(client, 'ClientKeyRotated', {
          added: asKey(next, newKeyProofType, { client: name }),
          retired: [key.jkt],
          approval,
        }),
      disable: () => say(client, 'ClientDisabled', { reason: 'x' }),
      enable: () => say(client, 'ClientEnabled', { reason: 'x' }),
      may: (...types: string[]) => say(client, 'ClientTypesChanged', { types }),
      issue: (signed = first, other: JsonObject = {}, how: Said & { stream?: string } = {}) =>
        say(
          how.stream ?? stream(signed),
          'CertificateIssued',
          { type: 'ZZ001', authority: creditCode, version: { number: 1, signed }, ...other },
          how,
        ),
      /** A certificate's versions, each as of its time. */
      versions: (...times: readonly (string | null)[]) => {
        let before: string | undefined;
        return times.map((asOf, n) => async () => {
          const number = n + 1;
          const signed = sign({
            version: number,
            ...(asOf !== null && { as_of: asOf }),
            ...(before !== undefined && {
              supersedes: { digest: signedDigest(before), reason: 'change' },
            }),
          });
          before = signed;
          const version = { number, signed, ...(asOf !== null && { asOf }) };
          await (n === 0
            ? say(stream(first), 'CertificateIssued', {
                type: 'ZZ001',
                authority: creditCode,
                version,
              })
            : say(stream(first), 'CertificateAmended', { version }));
        });
      },
      amend: ({ by = key, digest = signedDigest(first), number = 2 } = {}, how: Said = {}) =>
        say(
          stream(first),
          'CertificateAmended',
          {
            version: {
              number,
              signed: sign({ version: 2, supersedes: { digest, reason: 'renewal' } }, by),
            },
          },
          how,
        ),
    };
  }
  type Desk = ReturnType<typeof desk>;
  type DeskSteps = (d: Desk) => (() => Promise<void>)[];
  const whats = async (steps: DeskSteps) => {
    const before = await ledger.size();
    for (const step of steps(desk())) await step();
    return (await findings(ledger)).filter(({ leaf }) => leaf >= before).map(({ what }) => what);
  };

  it.each<[string, DeskSteps]>([
    ['are what their authority signed', (d) => [d.register, d.issue, d.amend]],
    [
      'are as of later than the version before, or as of the same time, sealed anew',
      (d) => [
        d.register,
        ...d.versions(null, '2026-11-21', '2026-11-22', '2026-11-22', '2026-11-22T08:00:00'),
      ],
    ],
    [
      'were first signed in other words than those that name their stream',
      (d) => [d.register, () => d.issue(d.first, {}, { stream: `certificate-${id()}` })],
    ],
    [
      'were signed by the new key after a rotation',
      (d) => [d.register, d.issue, d.rotate, () => d.amend({ by: d.next }, { time: minutesLater })],
    ],
    [
      'were handed in at the moment at which the key was retired',
      (d) => [d.register, d.rotate, d.issue],
    ],
    [
      'were handed in at the moment at which the authority was disabled',
      (d) => [d.register, d.disable, d.issue],
    ],
    [
      'were handed in at the moment at which their type was taken away',
      (d) => [d.register, () => d.may('ZZ002'), d.issue],
    ],
    [
      'are of a type that was taken away and given again',
      (d) => [
        d.register,
        () => d.may('ZZ002'),
        () => d.may('ZZ002', 'ZZ001'),
        () => d.issue(d.first, {}, { time: minutesLater }),
      ],
    ],
    [
      'were signed when the authority was enabled again',
      (d) => [d.register, d.disable, d.enable, () => d.issue(d.first, {}, { time: minutesLater })],
    ],
  ])('are not found where they %s', async (_, steps) => {
    expect(await whats(steps)).toEqual([]);
  });

  it('show a certificate that no registered authority signed', async () => {
    expect(await whats((d) => [() => d.issue()])).toEqual(['authority_key_unknown']);
  });
  it.each<[string, DeskSteps, readonly string[]]>([
    [
      'whose signature is of another key',
      (d) => {
        const [head, payload] = d.first.split('.');
        const [, , signature] = d.sign({}, new TestKey()).split('.');
        return [d.register, () => d.issue([head, payload, signature].join('.'))];
      },
      ['authority_signature'],
    ],
    [
      'whose signed part was signed as something else',
      (d) => [d.register, () => d.issue(d.sign({}, d.key, 'client-assertion+jwt'))],
      ['signed_as_no_certificate'],
    ],
    [
      'of a type that was taken away before',
      (d) => [d.register, () => d.may('ZZ002'), () => d.issue(d.first, {}, { time: minutesLater })],
      ['authority_not_entitled'],
    ],
    [
      'that were signed as another type',
      (d) => [d.register, () => d.issue(d.first, { type: 'ZZ002' })],
      ['certificate_not_as_signed'],
    ],
    [
      'that were signed as another version',
      (d) => [d.register, () => d.issue(d.first, { version: { number: 2, signed: d.first } })],
      ['certificate_not_as_signed'],
    ],
    [
      'that were signed as another certificate',
      (d) => [d.register, d.issue, () => d.issue(d.first, {}, { stream: `certificate-${id()}` })],
      ['certificate_twice'],
    ],
    [
      'that are issued a second time',
      (d) => [
        d.register,
        d.issue,
        () => d.issue(d.sign({ x: 1 }), {}, { stream: d.stream(d.first) }),
      ],
      ['certificate_twice'],
    ],
    [
      'that were signed as of another time than the record says',
      (d) => [d.register, () => d.issue(d.sign({ as_of: '2026-11-21' }))],
      ['certificate_not_as_signed'],
    ],
    [
      'that are as of before the version that they supersede',
      (d) => [d.register, ...d.versions('2026-11-22T08:00:00', '2026-11-22')],
      ['certificate_out_of_order'],
    ],
    [
      'that do not say of when they are, though the version before did',
      (d) => [d.register, ...d.versions('2026-11-22', null)],
      ['certificate_out_of_order'],
    ],
    [
      'that were signed as the next version of another certificate',
      (d) => [d.register, d.issue, () => d.amend({ digest: signedDigest(d.sign({ x: 1 })) })],
      ['certificate_not_as_signed'],
    ],
    [
      'that nobody issued before they were amended',
      (d) => [d.register, d.amend],
      ['certificate_not_as_signed'],
    ],
    [
      'under the name of another authority',
      (d) => [d.register, () => d.issue(d.sign({ iss: 'other' }), { authority: 'other' })],
      ['authority_not_entitled'],
    ],
    [
      'of a type that is not its authority’s',
      (d) => [d.register, () => d.issue(d.sign({ vct: 'ZZ003' }), { type: 'ZZ003' })],
      ['authority_not_entitled'],
    ],
    [
      'by a key that was retired',
      (d) => [d.register, d.issue, d.rotate, () => d.amend({}, { time: minutesLater })],
      ['authority_key_retired'],
    ],
    [
      'of an authority that was disabled',
      (d) => [d.register, d.disable, () => d.issue(d.first, {}, { time: minutesLater })],
      ['authority_disabled'],
    ],
  ])('are shown %s', async (_, steps, found) => {
    expect(await whats(steps)).toEqual(found);
  });
});
