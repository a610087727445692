import { createHash, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import {
  Catalogue,
  type MaterialRule,
  type MatterWithRules,
  type TypeDefinition,
} from '#libs/catalogue';
import {
  type CertificateEvent,
  type CertificateVersion,
  DisclosureOpener,
  Wallet,
} from '#libs/certificate';
import { ApplicationLimits } from '#libs/case';
import { bookRules, type Capacity, ConsentPlaces, LedgerKeys } from '#libs/consent';
import {
  type CommandContext,
  eventId,
  type EventStore,
  ForwardingEventStore,
  NONE,
} from '#libs/event-store';
import {
  type ClientCaller,
  clientStream,
  DailyHolders,
  type IdentityEvent,
  type PhoneCaller,
  principalOf,
  PhoneKeys,
} from '#libs/identity';
import { canonicalize, Clock, epochSeconds, type JsonObject, plusSeconds } from '#libs/kernel';
import { Settings } from '#libs/platform';
import { Receipts, receiptPath, SealPending } from '#libs/sealing';
import {
  bookOf,
  type Identifier,
  type SubjectEvent,
  QrCodes,
  type ShownBy,
  SubjectDirectory,
  subjectStream,
} from '#libs/subject';
import { LedgerSecrets, Pairwise, SubjectKeyAbsent } from '#libs/vault';
import { grantChallenge } from '#libs/verify';
import { StreamCaseReader } from '../../libs/case/case-reader.js';
import { BringMaterial, BringMaterialHandler } from '../../libs/desk/commands/bring-material.js';
import { CloseCase, CloseCaseHandler } from '../../libs/case/commands/close-case.js';
import {
  OpenCaseOnline,
  OpenCaseOnlineHandler,
} from '../../libs/case/commands/open-case-online.js';
import { TakeCase, TakeCaseHandler } from '../../libs/case/commands/take-case.js';
import {
  type NamedParticipant,
  OpenCase,
  OpenCaseHandler,
} from '../../libs/case/commands/open-case.js';
import { ReturnCase, ReturnCaseHandler } from '../../libs/desk/commands/return-case.js';
import {
  WithdrawApplication,
  WithdrawApplicationHandler,
} from '../../libs/desk/commands/withdraw-application.js';
import {
  ViewApplication,
  ViewApplicationHandler,
} from '../../libs/desk/queries/application-view.js';
import { ViewCase, ViewCaseHandler } from '../../libs/desk/queries/case-view.js';
import { StreamCertificateReader } from '../../libs/certificate/reader.js';
import { BookGrantsOfKeys } from '../../libs/consent/grants-of-keys.js';
import { GrantConsent, GrantConsentHandler } from '../../libs/consent/commands/grant-consent.js';
import { MintToken, MintTokenHandler } from '../../libs/consent/commands/mint-token.js';
import { RefuseConsent, RefuseConsentHandler } from '../../libs/consent/commands/refuse-consent.js';
import {
  RequestConsent,
  RequestConsentHandler,
} from '../../libs/consent/commands/request-consent.js';
import {
  WithdrawConsent,
  WithdrawConsentHandler,
} from '../../libs/consent/commands/withdraw-consent.js';
import { ListAccesses, ListAccessesHandler } from '../../libs/consent/queries/accesses.js';
import {
  FindHolderConsent,
  FindHolderConsentHandler,
} from '../../libs/consent/queries/consents.js';
import { drawMatch } from '../../libs/consent/number-match.js';
import type { PasskeyAnswer } from '../../libs/consent/passkey-grant.js';
import { StreamBooks } from '../../libs/consent/stream-books.js';
import { RevokePasskey, RevokePasskeyHandler } from '../../libs/subject/commands/revoke-passkey.js';
import {
  RevokePhoneKey,
  RevokePhoneKeyHandler,
} from '../../libs/subject/commands/revoke-phone-key.js';
import { Candidates } from '../../libs/release/candidates.js';
import { PullRelease, PullReleaseHandler } from '../../libs/release/commands/pull-release.js';
import { ReadAgain, ReadAgainHandler } from '../../libs/release/commands/read-again.js';
import { DisclosureAssembler } from '../../libs/release/disclosure-assembler.js';
import { Prints } from '../../libs/release/prints.js';
import { ReleasePreconditions } from '../../libs/release/release-preconditions.js';
import { ReleaseReply } from '../../libs/release/release-reply.js';
import type { RecordName } from '../../libs/sealing/log-receipts.js';
import { SoftwareAuthenticator, type WrongAnswer } from './authenticator.js';
import { type KeyKind, TestKey } from './keys.js';

/** A clock that tests set. */
export class SetClock extends Clock {
  constructor(public instant = '2026-11-22T08:00:00.000Z') {
    super();
  }
  now = () => this.instant;
  pass(seconds: number) {
    this.instant = plusSeconds(this.instant, seconds);
  }
}

const id = () => randomBytes(16).toString('base64url');

/**
 * Rules of the scene's one matter: an id card of the applicant, a household register (or residence
 * permit), and a paper no rule answers.
 */
export const sceneMaterials: readonly MaterialRule[] = [
  {
    material: 'ZZ001',
    nameZh: '居民身份证',
    answers: [{ type: 'ZZ001', whose: 'applicant', fields: ['姓名', '公民身份号码'] }],
  },
  {
    material: 'ZZ002',
    nameZh: '居民户口簿',
    answers: [
      { type: 'ZZ002', whose: 'applicant', fields: ['户籍地址'] },
      { type: 'ZZ003', whose: 'applicant', fields: ['居住地住址'] },
    ],
  },
  {
    material: 'ZZ900',
    nameZh: '申请表',
    answers: [{ type: 'ZZ900', whose: 'applicant', fields: [] }],
  },
];

/**
 * Case, consent and release on one event store, with what other rooms do told by the test: who has
 * which number, which phone, which certificate. Certificates stand in their own streams and are
 * read by the real reader; disclosures lie open.
 */
export class ReleaseScene {
  readonly subjects = new Map<string, string>();
  readonly phones = new Map<string, { subject: string; jwk: JsonObject }>();
  readonly held: { subject: string; certificate: string; type: string }[] = [];
  readonly codes = new Map<string, { shown: ShownBy; user?: string }>();
  /** Every name that was decrypted. */
  readonly decrypted: string[] = [];
  readonly counted: string[] = [];
  /** What was asked of, or about, whom. */
  readonly questions: string[] = [];
  /** Subjects whose key was erased. */
  readonly erased = new Set<string>();
  materials = sceneMaterials;
  /** Types that the catalogue has. */
  readonly types = new Map<string, TypeDefinition>();
  /** What a test does while disclosures are opened, before the record is written. */
  whileOpening: () => Promise<void> = () => Promise.resolve();
  /** What a test does between the record and the last look. */
  beforeLastLook: () => Promise<void> = () => Promise.resolve();

  /**
   * Streams that are being written, one behind the other: callers and phones are named in tests
   * before anything happens.
   */
  #written: Promise<void> = Promise.resolve();

  readonly terminalKey = new TestKey();
  readonly terminal: ClientCaller = this.caller('terminal-1', 'window-1', this.terminalKey.jkt);
  readonly otherWindow: ClientCaller = this.caller('terminal-2', 'window-2', new TestKey().jkt);

  constructor(
    readonly store: EventStore,
    readonly clock = new SetClock(),
    /** Keys and facts shared by two scenes that play two processes. */
    readonly keys = new SceneLedgerKeys(),
  ) {}

  #write(stream: string, events: readonly (IdentityEvent | SubjectEvent)[]): void {
    this.#written = this.#written.then(async () => {
      // A second scene on the same store plays another process: its terminals are registered
      // already.
      if ((await this.store.readStream(stream)).length === 0) await this.say(stream, ...events);
    });
  }

  /** Waits until everybody who was named is known. */
  async known(): Promise<void> {
    await this.#written;
  }

  caller(client: string, window: string | null, jkt: string): ClientCaller {
    this.#write(clientStream(client), [
      {
        type: 'ClientRegistered',
        data: {
          client,
          kind: 'terminal',
          name: client,
          department: '人社',
          window,
          town: null,
          authority: null,
          scopes: ['cases:open', 'releases:pull'],
          signIn: 'client',
          keys: [{ kid: jkt, alg: 'EdDSA', jwk: {}, proof: null }],
        },
      },
    ]);
    return {
      is: 'client',
      client,
      kind: 'terminal',
      name: client,
      department: '人社',
      window,
      town: null,
      authority: null,
      scopes: new Set(['cases:open', 'releases:pull']),
      jkt,
    };
  }

  context(client: string, key: string = randomUUID()): CommandContext {
    const seed = createHash('sha256').update(`${client}\0${key}`).digest('hex');
    return { actor: { client }, idempotencyKey: key, seed, now: this.clock.now() };
  }

  // What other rooms know

  readonly catalogue = new (class extends Catalogue {
    constructor(private readonly scene: ReleaseScene) {
      super();
    }
    matter(code: string): Promise<MatterWithRules | null> {
      if (code !== 'SX0001') return Promise.resolve(null);
      return Promise.resolve({
        matter: {
          code,
          nameZh: '灵活就业人员参保登记',
          nameEn: 'Social insurance enrolment',
          department: '人社',
          departmentEn: 'Human Resources and Social Security',
          level: 'district',
          audience: 'natural',
          place: null,
          bundle: null,
          materials: this.scene.materials.map(({ material, nameZh, nameEn }) => ({
            code: material,
            nameZh,
            ...(nameEn !== undefined && { nameEn }),
          })),
        },
        ruleVersion: 1,
        materials: this.scene.materials,
      });
    }
    type = (code: string) => Promise.resolve(this.scene.types.get(code) ?? null);
  })(this);

  readonly directory = new (class extends SubjectDirectory {
    constructor(private readonly scene: ReleaseScene) {
      super();
    }
    resolve(_: CommandContext, { kind, number }: Identifier): Promise<string> {
      const known = this.scene.subjects.get(`${kind} ${number}`) ?? id();
      this.scene.subjects.set(`${kind} ${number}`, known);
      return Promise.resolve(known);
    }
    foresee = (context: CommandContext, identifier: Identifier) =>
      this.resolve(context, identifier);
    meet = async (context: CommandContext, identifier: Identifier) => ({
      subject: await this.resolve(context, identifier),
      adding: null,
      settle: () => Promise.resolve(),
    });
    countedAs = (_: CommandContext, { kind, number }: Identifier) => `${kind} ${number}`;
    resolveMany = () => Promise.resolve([]);
    find = () => Promise.resolve(null);
    isErased = (subject: string) => Promise.resolve(this.scene.erased.has(subject));
  })(this);

  readonly holders = new (class extends DailyHolders {
    constructor(private readonly scene: ReleaseScene) {
      super();
    }
    count(_: ClientCaller, holders: readonly string[]): Promise<void> {
      this.scene.counted.push(...holders);
      return Promise.resolve();
    }
    check = () => Promise.resolve();
    question = (_: ClientCaller, about: string, holder: string) => {
      this.scene.questions.push(`${about} ${holder}`);
      return Promise.resolve();
    };
  })(this);

  readonly applications = new (class extends ApplicationLimits {
    readonly counted: string[] = [];
    count(subject: string): Promise<void> {
      this.counted.push(subject);
      return Promise.resolve();
    }
  })();

  readonly qrCodes = new (class extends QrCodes {
    constructor(private readonly scene: ReleaseScene) {
      super();
    }
    issue(code: string, { subject, jkt }: ShownBy, now: string) {
      this.scene.codes.set(code, { shown: { subject, jkt } });
      return Promise.resolve({ expires: plusSeconds(now, 60) });
    }
    find(code: string, user: string) {
      const found = this.scene.codes.get(code);
      const used = found?.user !== undefined && found.user !== user;
      return Promise.resolve(used ? null : (found?.shown ?? null));
    }
    use(code: string, user: string) {
      const found = this.scene.codes.get(code);
      if (found === undefined || (found.user !== undefined && found.user !== user))
        return Promise.resolve(null);
      found.user = user;
      return Promise.resolve(found.shown);
    }
  })(this);

  readonly pairwise = new (class extends Pairwise {
    of = (department: string, subject: string) =>
      createHash('sha256').update(`${department}\0${subject}`).digest('base64url').slice(0, 22);
  })();

  /** The same in every scene: two of them play two processes of one ledger. */
  readonly secrets = new (class extends LedgerSecrets {
    of = (purpose: string, name: string) =>
      createHash('sha256').update(`${purpose}\0${name}`).digest();
  })();

  readonly phoneKeys = new (class extends PhoneKeys {
    constructor(private readonly scene: ReleaseScene) {
      super();
    }
    subjectOf = (jkt: string) => Promise.resolve(this.scene.phones.get(jkt) ?? null);
  })(this);

  readonly wallet = new (class extends Wallet {
    constructor(private readonly scene: ReleaseScene) {
      super();
    }
    certificatesOf = (subject: string, types: readonly string[]) =>
      Promise.resolve(
        this.scene.held
          .filter((each) => each.subject === subject && types.includes(each.type))
          .map(({ certificate, type }) => ({ certificate, type, valid: true }))
          .reverse(),
      );
  })(this);

  readonly opener = new (class extends DisclosureOpener {
    constructor(private readonly scene: ReleaseScene) {
      super();
    }
    open(_: string, version: CertificateVersion, subject: string, names: readonly string[]) {
      if (this.scene.erased.has(subject))
        return Promise.reject(new SubjectKeyAbsent('subject_key_destroyed', 'there is no key'));
      return this.scene.whileOpening().then(() => this.#opened(version, names));
    }
    #opened(version: CertificateVersion, names: readonly string[]) {
      const wanted = version.disclosures.filter(({ name }) => names.includes(name));
      this.scene.decrypted.push(...wanted.map(({ name }) => name));
      return wanted.map(({ name, sealed }) => ({ name, disclosure: sealed }));
    }
  })(this);

  /** Where records are sealed: at once, unless a test says that the seal does not come. */
  sealPending = false;
  readonly receipts = new (class extends Receipts {
    constructor(private readonly scene: ReleaseScene) {
      super();
    }
    waitFor(record: RecordName) {
      return this.scene.sealPending
        ? Promise.reject(new SealPending('seal_pending', 'the witnesses have not answered'))
        : Promise.resolve({ receipt: null, at: receiptPath(record) });
    }
  })(this);

  /** E-proofs are made through the real door (test/e2e/prints.test.ts), and none here. */
  readonly proofs = { make: () => Promise.reject(new Error('no department is asked here')) };

  readonly cases = new StreamCaseReader(this.store);
  readonly books = new StreamBooks(this.store, new NoPlaces());
  readonly certificates = new StreamCertificateReader(this.store);

  // What people do

  /** A person with a number, and a phone where `phone` is not false. */
  person(number: string, phone = true) {
    const subject = id();
    this.subjects.set(`111 ${number}`, subject);
    const key = new TestKey();
    if (phone) this.phoneOf(subject, key);
    const caller: PhoneCaller = { is: 'phone', subject, jkt: key.jkt };
    return { subject, key, caller, principal: principalOf(caller), number };
  }

  /** The first phone of a subject, enrolled. */
  private phoneOf(subject: string, key: TestKey): void {
    this.phones.set(key.jkt, { subject, jwk: key.jwk as JsonObject });
    this.#write(subjectStream(subject), [
      { type: 'SubjectNoted', data: { subject, kind: '111' } },
      ...this.#enrolled(key),
    ]);
  }

  #enrolled(key: TestKey): readonly SubjectEvent[] {
    const jwk = key.jwk as JsonObject;
    const [by, enrolment, expires] = ['terminal-1', id(), this.clock.now()];
    return [
      {
        type: 'EnrolmentOpened',
        data: { enrolment, codeHash: '', expires, by, department: '人社' },
      },
      {
        type: 'PhoneKeyOffered',
        data: { enrolment, jkt: key.jkt, jwk, proof: '', confirmBy: expires },
      },
      { type: 'PhoneEnrolled', data: { enrolment, jkt: key.jkt, statement: '', by } },
    ];
  }

  /** Another phone of the holder, as the one who acts from then on. */
  async secondPhone<Person extends ReturnType<ReleaseScene['person']>>(
    holder: Person,
    key: TestKey,
  ): Promise<Person> {
    await this.known();
    this.phones.set(key.jkt, { subject: holder.subject, jwk: key.jwk as JsonObject });
    await this.say(subjectStream(holder.subject), ...this.#enrolled(key));
    return { ...holder, key, caller: { ...holder.caller, jkt: key.jkt } };
  }

  /** A passkey that the holder's phone made beside its key. */
  async passkey(
    { subject, caller }: ReturnType<ReleaseScene['person']>,
    kind?: KeyKind,
  ): Promise<SoftwareAuthenticator> {
    await this.known();
    const authenticator = new SoftwareAuthenticator('http://localhost:8080', kind);
    const { credential, jwk, jkt } = authenticator;
    const passkey = {
      jkt,
      jwk: jwk as JsonObject,
      credential: credential.toString('base64url'),
      phone: caller.jkt,
      rpId: 'localhost',
      transports: ['internal'],
      backedUp: false,
      statement: id(),
    };
    await this.say(subjectStream(subject), { type: 'PasskeyEnrolled', data: passkey });
    return authenticator;
  }

  /** What a passkey answers to a request; `wrong` and `digits` are what a test wants different. */
  async passkeyGrantOf(
    person: ReturnType<ReleaseScene['person']>,
    consent: string,
    passkey: SoftwareAuthenticator,
    { digits, ...wrong }: WrongAnswer & { readonly digits?: string | null } = {},
  ): Promise<PasskeyAnswer> {
    const terms = await this.#terms(person, consent);
    const typed = digits === undefined ? terms.digits : digits;
    const challenge = grantChallenge({ ...terms, digits: typed });
    return passkey.grant({ challenge, rpId: 'localhost' }, typed, wrong);
  }

  /** The holder takes the key of a phone back. */
  async revoke(person: ReturnType<ReleaseScene['person']>, jkt = person.key.jkt): Promise<void> {
    await this.known();
    this.phones.delete(jkt);
    await new RevokePhoneKeyHandler(this.store, new BookGrantsOfKeys(this.books)).execute(
      new RevokePhoneKey(
        this.context(`phone:${jkt}`),
        person.caller,
        person.principal,
        jkt,
        'lost',
      ),
    );
  }

  /** The holder takes back the passkey that was made last. */
  async revokePasskey(person: ReturnType<ReleaseScene['person']>): Promise<void> {
    const records = await this.store.readStream(subjectStream(person.subject));
    const enrolled = records.findLast(({ body }) => body.type === 'PasskeyEnrolled');
    const grants = new BookGrantsOfKeys(this.books);
    await new RevokePasskeyHandler(this.store, grants).execute(
      new RevokePasskey(
        this.context(`phone:${person.key.jkt}`),
        person.caller,
        person.principal,
        enrolled?.body.data['jkt'] as string,
        'lost',
      ),
    );
  }

  /** Appends events to a stream as another command would. */
  async say(
    stream: string,
    ...events: readonly { readonly type: string; readonly data: unknown }[]
  ): Promise<void> {
    const records = await this.store.readStream(stream);
    const key = randomUUID();
    await this.store.append(
      stream,
      records.length === 0 ? NONE : records.length - 1,
      events.map(({ type, data }, n) => ({
        id: eventId('authority-1', key, n),
        type,
        schema: 1,
        time: this.clock.now(),
        actor: { client: 'authority-1' },
        data: data as JsonObject,
      })),
    );
  }

  /** A certificate of one holder, in its own stream. */
  async certificate(
    subject: string,
    type: string,
    fields: Readonly<Record<string, string>>,
    validity: { readonly from?: string; readonly until?: string | null } = {},
  ): Promise<string> {
    const certificate = id();
    await this.append(`certificate-${certificate}`, {
      type: 'CertificateIssued',
      data: {
        certificate,
        type,
        authority: '11430112000000001P',
        version: version(1, subject, fields, validity),
      },
    });
    this.held.push({ subject, certificate, type });
    return certificate;
  }

  amend(certificate: string, subject: string, fields: Readonly<Record<string, string>>) {
    return this.append(`certificate-${certificate}`, {
      type: 'CertificateAmended',
      data: {
        supersedes: 1,
        reason: 'correction',
        version: version(2, subject, fields, {}),
      } as never,
    });
  }

  change(certificate: string, type: 'CertificateRevoked' | 'CertificateSuspended') {
    return this.append(`certificate-${certificate}`, { type, data: { reason: 'lost' } as never });
  }

  private append(stream: string, event: CertificateEvent): Promise<void> {
    return this.say(stream, event);
  }

  open(
    participants: readonly NamedParticipant[],
    caller = this.terminal,
    matter = 'SX0001',
    key?: string,
  ): Promise<string> {
    return new OpenCaseHandler(
      this.store,
      this.catalogue,
      this.directory,
      this.holders,
      this.qrCodes,
      this.phoneKeys,
    ).execute(new OpenCase(this.context(caller.client, key), caller, matter, participants));
  }

  /** An application as an honest phone signs it; `changes` are a dishonest one's. */
  applicationOf(person: ReturnType<ReleaseScene['person']>, changes: Record<string, unknown> = {}) {
    return person.key.sign(
      { typ: 'case-application+jws', kid: person.key.jkt },
      canonicalize({
        act: 'open',
        capacity: 'self',
        case: `_${id().slice(1)}`,
        department: '人社',
        iat: epochSeconds(this.clock.now()),
        matter: 'SX0001',
        matterName: '灵活就业人员参保登记',
        ...changes,
      }),
    );
  }

  async apply(
    person: ReturnType<ReleaseScene['person']>,
    jws = this.applicationOf(person),
    key?: string,
  ): Promise<string> {
    await this.known();
    return new OpenCaseOnlineHandler(
      this.store,
      this.catalogue,
      this.directory,
      this.phoneKeys,
      this.applications,
    ).execute(
      new OpenCaseOnline(
        this.context(`phone:${person.key.jkt}`, key),
        person.caller,
        person.principal,
        jws,
      ),
    );
  }

  take(atCase: string, caller = this.terminal) {
    return new TakeCaseHandler(this.store).execute(
      new TakeCase(this.context(caller.client), caller, atCase),
    );
  }

  giveBack(atCase: string, caller = this.terminal) {
    return new ReturnCaseHandler(this.store, this.books).execute(
      new ReturnCase(this.context(caller.client), caller, atCase),
    );
  }

  withdrawCase(person: ReturnType<ReleaseScene['person']>, atCase: string) {
    return new WithdrawApplicationHandler(this.store, this.books).execute(
      new WithdrawApplication(
        this.context(`phone:${person.key.jkt}`),
        person.caller,
        person.principal,
        atCase,
      ),
    );
  }

  application(person: ReturnType<ReleaseScene['person']>, atCase: string) {
    return new ViewApplicationHandler(this.cases, this.books, this.clock).execute(
      new ViewApplication(person.principal, atCase),
    );
  }

  openFor(number: string): Promise<string> {
    return this.open([{ role: 'applicant', identifier: { kind: '111', number } }]);
  }

  view(atCase: string, caller = this.terminal) {
    return new ViewCaseHandler(this.cases, this.books, this.clock).execute(
      new ViewCase(caller, atCase),
    );
  }

  bring(atCase: string, material: string, caller = this.terminal) {
    return new BringMaterialHandler(this.store, this.books).execute(
      new BringMaterial(
        this.context(caller.client),
        caller,
        atCase,
        material,
        'holder_prefers_paper',
      ),
    );
  }

  close(atCase: string, caller = this.terminal) {
    return new CloseCaseHandler(this.store).execute(
      new CloseCase(this.context(caller.client), caller, atCase, 'accepted'),
    );
  }

  async request(atCase: string, materials = ['ZZ001'], caller = this.terminal, role = 'applicant') {
    const { consent } = await new RequestConsentHandler(
      this.cases,
      this.books,
      this.catalogue,
      this.directory,
      this.holders,
      this.secrets,
    ).execute(new RequestConsent(this.context(caller.client), caller, atCase, role, materials));
    return consent;
  }

  /** The grant as an honest phone signs it; `changes` are a dishonest one's. */
  async grantOf(
    person: ReturnType<ReleaseScene['person']>,
    consent: string,
    changes: Record<string, unknown> = {},
  ): Promise<string> {
    return person.key.sign(
      { typ: 'consent-grant+jws', kid: person.key.jkt },
      canonicalize({
        ...(await this.#terms(person, consent)),
        answer: 'grant',
        iat: epochSeconds(this.clock.now()),
        ...changes,
      }),
    );
  }

  async #terms({ principal }: ReturnType<ReleaseScene['person']>, consent: string) {
    const shown = await new FindHolderConsentHandler(this.books, this.clock).execute(
      new FindHolderConsent(principal, consent),
    );
    const capacity: Capacity = 'self';
    return {
      consent,
      case: shown.case,
      noticeHash: shown.notice.hash,
      capacity,
      digits: shown.numberMatch === 'none' ? null : drawMatch(this.secrets, consent).digits,
    };
  }

  async grant(
    person: ReturnType<ReleaseScene['person']>,
    consent: string,
    answer?: string | PasskeyAnswer,
    key?: string,
  ) {
    const signed = answer ?? (await this.grantOf(person, consent));
    await this.known();
    return new GrantConsentHandler(
      this.store,
      this.books,
      new BookGrantsOfKeys(this.books),
      this.secrets,
      Settings.from({}),
    ).execute(
      new GrantConsent(
        this.context(`phone:${person.key.jkt}`, key),
        person.caller,
        person.principal,
        consent,
        typeof signed === 'string' ? { jws: signed } : { passkey: signed },
      ),
    );
  }

  refuse(person: ReturnType<ReleaseScene['person']>, consent: string) {
    return new RefuseConsentHandler(this.books).execute(
      new RefuseConsent(
        this.context(`phone:${person.key.jkt}`),
        person.caller,
        person.principal,
        consent,
      ),
    );
  }

  withdraw(person: ReturnType<ReleaseScene['person']>, consent: string) {
    return new WithdrawConsentHandler(this.books).execute(
      new WithdrawConsent(
        this.context(`phone:${person.key.jkt}`),
        person.caller,
        person.principal,
        consent,
      ),
    );
  }

  async token(atCase: string, consent: string, caller = this.terminal): Promise<string> {
    const { token } = await new MintTokenHandler(
      this.store,
      this.cases,
      this.books,
      this.keys,
      this.pairwise,
    ).execute(new MintToken(this.context(caller.client), caller, atCase, consent));
    return token;
  }

  async pull(token: string, caller = this.terminal, key?: string) {
    await this.known();
    return new PullReleaseHandler(
      this.store,
      this.keys,
      this.cases,
      this.books,
      this.pairwise,
      new Candidates(this.wallet, this.certificates),
      new DisclosureAssembler(this.opener),
      this.reply(),
      new Prints(this.catalogue, this.proofs as never, this.certificates),
    ).execute(new PullRelease(this.context(caller.client, key), caller, token));
  }

  async readAgain(atCase: string, consent: string, caller = this.terminal, key?: string) {
    await this.known();
    return new ReadAgainHandler(
      this.store,
      this.cases,
      this.books,
      this.certificates,
      this.pairwise,
      new DisclosureAssembler(this.opener),
      this.reply(),
    ).execute(new ReadAgain(this.context(caller.client, key), caller, atCase, consent));
  }

  private reply(): ReleaseReply {
    return new ReleaseReply(this.receipts, this.lastLook());
  }

  private lastLook(): ReleasePreconditions {
    const preconditions = new ReleasePreconditions(
      this.store,
      this.cases,
      this.books,
      this.certificates,
    );
    const look = preconditions.recheckOrWithhold.bind(preconditions);
    preconditions.recheckOrWithhold = async (...known) => {
      await this.beforeLastLook();
      return look(...known);
    };
    return preconditions;
  }

  accesses(person: ReturnType<ReleaseScene['person']>) {
    return new ListAccessesHandler(this.books).execute(new ListAccesses(person.principal));
  }

  /** The types of a book's records, in order. */
  async bookOf(subject: string): Promise<string[]> {
    return (await this.store.readStream(bookOf(subject))).map(({ body }) => body.type);
  }

  /** The one event of a type in a book. */
  async eventOf(subject: string, type: string): Promise<JsonObject> {
    const found = (await this.store.readStream(bookOf(subject))).filter(
      ({ body }) => body.type === type,
    );
    return bookRules.codec.upcast(type, 1, found[0]!.body.data).data as unknown as JsonObject;
  }
}

/** The same store as another process has it, which keeps nothing of what this one read. */
export class OtherProcess extends ForwardingEventStore {}

/** An index that reaches nothing: what is not in the end of a book is searched for. */
export class NoPlaces extends ConsentPlaces {
  override find = () => Promise.resolve(null);
}

const disclosureOf = (name: string, value: string) =>
  Buffer.from(JSON.stringify([id(), name, value])).toString('base64url');

function version(
  number: number,
  subject: string,
  fields: Readonly<Record<string, string>>,
  { from = '2020-01-01', until = null }: { from?: string; until?: string | null },
): CertificateVersion {
  return {
    number,
    signed: `signed-${number}`,
    disclosures: Object.entries(fields).map(([name, value]) => {
      const sealed = disclosureOf(name, value);
      return { name, digest: createHash('sha256').update(sealed).digest('base64url'), sealed };
    }),
    keys: [{ subject, wrapped: '' }],
    holders: [{ subject, role: 'holder' }],
    validFrom: from,
    validUntil: until,
    files: [],
  };
}

/**
 * The ledger's token keys, made for one test; `sign` signs whatever a forger with the key would.
 */
export class SceneLedgerKeys extends LedgerKeys {
  readonly issuer = 'https://city.example';
  readonly audience = 'https://city.example/v1/releases';
  readonly #pair = generateKeyPairSync('ed25519');

  current() {
    return Promise.resolve({ kid: 'ledger-1', privateKey: this.#pair.privateKey });
  }

  published() {
    const jwk = { ...this.#pair.publicKey.export({ format: 'jwk' }) };
    return Promise.resolve([{ kid: 'ledger-1', jwk }]);
  }

  sign(header: object, payload: unknown): string {
    const encode = (value: unknown) =>
      Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
    const signed = `${encode({ typ: 'consent+jwt', alg: 'EdDSA', kid: 'ledger-1', ...header })}.${encode(payload)}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.#pair.privateKey).toString('base64url')}`;
  }
}
