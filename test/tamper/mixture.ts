import { randomBytes, randomInt } from 'node:crypto';
import type { CaseEvent } from '#libs/case';
import {
  type CertificateEvent,
  certificateIdOf,
  type CertificateVersion,
  sdJwtType,
  signedDigest,
} from '#libs/certificate';
import {
  capacities,
  type ConsentEvent,
  type ConsentRedeemed,
  consentText,
  purposeZh,
} from '#libs/consent';
import {
  type IdentityEvent,
  keyApprovalType,
  newKeyProofType,
  registrationProofType,
} from '#libs/identity';
import { canonicalize, type JsonObject } from '#libs/kernel';
import { bookOf, type SubjectEvent } from '#libs/subject';
import { grantType, matchCommitment } from '#libs/verify';
import { inventedCreditCode } from '../support/authority.js';
import { TestKey } from '../support/keys.js';

/** One record to come: the next of its stream. */
export interface Step {
  readonly stream: string;
  readonly type: string;
  readonly data: JsonObject;
}

type Said = CaseEvent | CertificateEvent | ConsentEvent | IdentityEvent | SubjectEvent;
// Facts are plain JSON; their interfaces just do not say so.
const step = (stream: string, { type, data }: Said): Step => ({
  stream,
  type,
  data: data as unknown as JsonObject,
});

const id = () => randomBytes(16).toString('base64url');
const text = (bytes: number) => randomBytes(bytes).toString('base64url');
const time = '2026-11-22T01:02:03.004Z';
const window = { window: 'window-7', department: 'dept-civil-affairs', town: null };
const place = { matter: 'SX0001', ...window };

/** A statement about a key, made when the records of the mixture were. */
const signed = (key: TestKey, aud: string, typ: string, claims: object) =>
  key.sign({ typ, kid: key.jkt }, { aud, iat: Math.floor(Date.parse(time) / 1000), ...claims });

/** An issuing authority, registered with a key that signs what it issues. */
export class Authority {
  readonly #id = id();
  readonly code = inventedCreditCode();
  #key = new TestKey();

  /** @param city the log's origin */
  constructor(private readonly city: string) {}

  *steps(): Generator<Step> {
    const stream = `client-${this.#id}`;
    const details = {
      kind: 'issuing-authority',
      name: '测试发证机关',
      ...window,
      authority: { creditCode: this.code, name: '测试发证机关', types: ['ZZ001'] },
    } as const;
    yield step(stream, {
      type: 'ClientRegistered',
      data: {
        client: this.#id,
        ...details,
        scopes: ['certificates:issue'],
        signIn: 'client',
        keys: [this.#asKey(registrationProofType, details)],
      },
    });
    const old = this.#key;
    this.#key = new TestKey('P-256');
    const { jkt } = this.#key;
    const approval = { by: this.#id, client: this.#id, jkt };
    yield step(stream, {
      type: 'ClientKeyRotated',
      data: {
        added: this.#asKey(newKeyProofType, { client: this.#id }),
        retired: [old.jkt],
        approval: {
          by: this.#id,
          jws: signed(old, this.city, keyApprovalType, approval),
          requestedWith: null,
          approvedWith: null,
        },
      },
    });
  }

  #asKey(typ: string, claims: object) {
    const { jkt: kid, alg, jwk } = this.#key;
    return { kid, alg, jwk: jwk as JsonObject, proof: signed(this.#key, this.city, typ, claims) };
  }

  /** @param supersedes the signed part of the version before */
  version(subject: string, number: number, supersedes: string | null): CertificateVersion {
    const digests = Array.from({ length: 4 }, () => text(32));
    const { jkt: kid } = this.#key;
    return {
      number,
      signed: this.#key.sign(
        { typ: sdJwtType, kid },
        canonicalize({
          _sd: digests,
          _sd_alg: 'sha-256',
          iss: this.code,
          vct: 'ZZ001',
          version: number,
          ...(supersedes !== null && {
            supersedes: { digest: signedDigest(supersedes), reason: 'renewal' },
          }),
        }),
      ),
      disclosures: digests.map((digest, n) => ({ name: `field-${n}`, digest, sealed: text(60) })),
      keys: [{ subject, wrapped: text(40) }],
      holders: [{ subject, role: 'holder' }],
      validFrom: '2026-01-01',
      validUntil: null,
      files: [],
    };
  }
}

/**
 * A holder's life with the ledger, without end: enrolled, given certificates, and then one visit at
 * a window after the other.
 */
export function* lifeOf(authority: Authority): Generator<Step, never> {
  const subject = id();
  let version = authority.version(subject, 1, null);
  const certificate = certificateIdOf(version.signed);
  const phone = new TestKey('P-256');
  yield* enrol(subject, phone);
  yield step(`certificate-${certificate}`, {
    type: 'CertificateIssued',
    data: {
      certificate,
      type: 'ZZ001',
      authority: authority.code,
      version,
    },
  });
  for (let number = 2; ; number++) {
    for (let visits = 0; visits < 4; visits++) yield* visit(subject, certificate, phone);
    version = authority.version(subject, number, version.signed);
    yield step(`certificate-${certificate}`, {
      type: 'CertificateAmended',
      data: { supersedes: number - 1, reason: 'renewal', version },
    });
  }
}

function* enrol(subject: string, phone: TestKey): Generator<Step> {
  const stream = `subject-${subject}`;
  const enrolment = id();
  const by = 'window-7';
  const { department } = window;
  yield step(stream, { type: 'SubjectNoted', data: { subject, kind: '111' } });
  yield step(stream, {
    type: 'SubjectIdentified',
    data: { by, department, basis: 'document', at: time },
  });
  yield step(stream, {
    type: 'EnrolmentOpened',
    data: { enrolment, codeHash: text(32), expires: time, by, department },
  });
  yield step(stream, {
    type: 'PhoneKeyOffered',
    data: {
      enrolment,
      jkt: phone.jkt,
      jwk: phone.jwk as JsonObject,
      proof: text(90),
      confirmBy: time,
    },
  });
  yield step(stream, {
    type: 'PhoneEnrolled',
    data: { enrolment, jkt: phone.jkt, statement: text(90), by },
  });
}

function* visit(subject: string, certificate: string, phone: TestKey): Generator<Step> {
  const ofCase = id();
  const stream = `case-${ofCase}`;
  const book = bookOf(subject);
  const consent = id();
  const terminal = 'window-7';
  yield step(stream, {
    type: 'CaseOpened',
    data: {
      case: ofCase,
      matterName: '灵活就业人员参保登记',
      matterNameEn: 'Registration for social insurance',
      matterDepartment: '测试民政局',
      ruleVersion: 3,
      materials: [
        {
          material: 'M1',
          nameZh: '居民身份证',
          answers: [{ type: 'ZZ001', whose: 'applicant', fields: ['name'] }],
        },
      ],
      terminal,
      participants: [{ subject, role: 'applicant', identifiedBy: 'number' }],
      books: {},
      queueNumber: null,
      ...place,
    },
  });
  const notice = consentText({
    consent,
    action: 'read',
    case: ofCase,
    matterZh: '灵活就业人员参保登记',
    matterEn: 'Registration for social insurance',
    department: '测试民政局',
    departmentEn: 'Test Civil Affairs',
    window: '七号窗口',
    answerBy: time,
    asks: [
      {
        materialZh: '居民身份证',
        materialEn: 'Resident Identity Card',
        answers: [
          {
            typeZh: '身份证',
            typeEn: 'identity card',
            madeBy: null,
            fields: [{ key: '姓名', nameEn: 'Name' }],
          },
        ],
      },
    ],
  });
  const match = { digits: '37', salt: text(32) };
  yield step(book, {
    type: 'ConsentRequested',
    data: {
      consent,
      case: ofCase,
      matter: place.matter,
      role: 'applicant',
      window: window.window,
      department: window.department,
      terminal,
      terminalKey: text(32),
      purpose: purposeZh('灵活就业人员参保登记'),
      action: 'read',
      basis: 'consent',
      asks: [{ material: 'M1', answers: [{ type: 'ZZ001', fields: ['name'] }] }],
      notice,
      match: { commitment: matchCommitment(consent, match) },
      answerBy: time,
    },
  });
  if (randomInt(5) === 0) {
    yield step(book, { type: 'ConsentRefused', data: { consent, caller: subject } });
    yield step(stream, {
      type: 'MaterialBrought',
      data: { case: ofCase, material: 'M1', reason: 'refused' },
    });
  } else {
    const [capacity] = capacities;
    const grant = {
      answer: 'grant',
      capacity,
      case: ofCase,
      consent,
      digits: match.digits,
      iat: 1,
      noticeHash: notice.hash,
    };
    const jws = phone.sign({ typ: grantType }, canonicalize(grant));
    yield step(book, {
      type: 'ConsentGranted',
      data: {
        consent,
        caller: subject,
        capacity,
        mandate: null,
        proof: { method: 'jws', jws, jkt: phone.jkt },
        match,
        redeemBy: time,
      },
    });
    const redeemed = redemption(consent, ofCase, certificate);
    yield step(book, redeemed);
    const used = redeemed.data.read.map(({ material, type }) => ({ material, certificate, type }));
    for (let reading = 1; reading <= randomInt(3); reading++)
      yield step(book, {
        type: 'ReleaseReadAgain',
        data: { consent, reading, place, used, commitment: text(32) },
      });
    if (randomInt(10) === 0)
      yield step(book, { type: 'ConsentWithdrawn', data: { consent, caller: subject } });
  }
  yield step(stream, { type: 'CaseClosed', data: { case: ofCase, outcome: 'accepted' } });
}

const redemption = (consent: string, ofCase: string, certificate: string): ConsentRedeemed => ({
  type: 'ConsentRedeemed',
  data: {
    consent,
    case: ofCase,
    caseVersion: 0,
    action: 'read',
    basis: 'consent',
    place,
    read: [
      {
        material: 'M1',
        certificate,
        type: 'ZZ001',
        number: 1,
        streamVersion: 0,
        head: randomBytes(32).toString('hex'),
        fields: ['name'],
      },
    ],
    missing: [],
    commitment: text(32),
    readAgainUntil: time,
  },
});
