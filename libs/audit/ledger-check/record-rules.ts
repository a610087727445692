import { isOperatorId, isTrialOrigin } from '#libs/log';
import { AuthorityRules, type AuthorityType, authorityTypes } from './authority-rules.js';
import { OperatorRules } from './operator-rules.js';
import { type OperatorType, operatorTypes } from './operator-types.js';
import { PagesRules, pagesType } from './pages-rules.js';
import { ClientRules, type ClientType, clientTypes } from './client-rules.js';
import { ConsentRules, type ConsentType, consentTypes } from './consent-rules.js';
import { ErasureRules, type ErasureType, erasureTypes } from './erasure-rules.js';
import {
  ExclusionRules,
  type ExclusionType,
  exclusionTypes,
  type LeftOutAct,
} from './exclusion-rules.js';
import { type Finding, Findings, type FindingCode } from './finding.js';
import type { KeptKeys } from './kept-keys.js';
import type { Moment } from './moments.js';
import { type DecodedRecord, text } from './decoded-record.js';
import type { SignatureToCheck } from './signatures.js';
import { operatorInput, type RuleInput } from './rule-input.js';

/** The rules of the ledger about the content of records, in the order of the ledger. */
export class RecordRules {
  readonly #findings = new Findings();
  readonly #consents: ConsentRules;
  readonly #authorities: AuthorityRules;
  readonly #operators: OperatorRules;
  readonly #clients: ClientRules;
  readonly #exclusions: ExclusionRules;
  readonly #erasures: ErasureRules;
  readonly #pages = new PagesRules();
  #now: Moment = '';
  #blind = false;

  /**
   * @param city origin of the log; @param sign receives each signature that is still to be checked
   */
  constructor(city: string, sign: (toCheck: SignatureToCheck) => void) {
    this.#operators = new OperatorRules(isTrialOrigin(city));
    this.#clients = new ClientRules(city, this.#operators);
    this.#exclusions = new ExclusionRules(this.#clients);
    this.#erasures = new ErasureRules(this.#clients);
    this.#consents = new ConsentRules(this.#findings, this.#clients, sign);
    this.#authorities = new AuthorityRules(sign);
  }

  get findings(): readonly Finding[] {
    return this.#findings.all;
  }

  /** What was left out of the ledger. */
  get acts(): readonly LeftOutAct[] {
    return this.#exclusions.acts;
  }

  /**
   * Differences between a read model of the authorities' keys and the records. None where a record
   * was not understood.
   */
  againstKeys(kept: KeptKeys): readonly Finding[] {
    return this.#blind ? [] : this.#authorities.folded.against(kept);
  }

  take([leaf, stream, version, type, said]: RuleInput): void {
    const at = { leaf, stream, version };
    const found = (what: FindingCode) => {
      if (!this.#findings.hasEnoughOf(what)) this.#findings.add({ ...at, what });
    };
    if (said === null) {
      found('schema_unknown');
      // An unknown record may permit what follows, so that no finding rests on its absence.
      this.#blind = true;
    }
    if (said === null || this.#blind) return;
    const time = text(said, 'time');
    if (time > this.#now) this.#now = time;
    const saying = { at, said, found };
    if (type === operatorInput) this.#judgeOperator(saying);
    else if (type === pagesType) this.#pages.take(saying);
    else if (isOfConsents(type)) this.#consents.take(type, saying, this.#now);
    else if (isOfExclusions(type)) this.#exclusions.take(type, saying, this.#now);
    else if (isOfOperators(type)) this.#operators.take(type, saying);
    else if (isOfErasures(type)) this.#erasures.take(type, saying, this.#now);
    else if (isOfAuthorities(type)) {
      if (isOfClients(type)) this.#clients.take(type, saying, this.#now);
      if (type === 'CertificateIssued') this.#consents.judgeDemand(saying);
      this.#authorities.take(type, saying, this.#now);
    }
  }

  /**
   * Staff are named by their random ids alone, and act where, when and as what their own records
   * say.
   */
  #judgeOperator({ said, found }: DecodedRecord): void {
    if (!isOperatorId(text(said, 'operator'))) {
      found('operator_malformed');
      return;
    }
    const actor = text(said, 'actor');
    const desk = this.#clients.standsAt(actor);
    if (desk === null || this.#clients.kindOf(actor) !== 'terminal') {
      found('operator_without_terminal');
      return;
    }
    const fault = this.#operators.faultOf(said, desk.department, this.#now);
    if (fault !== null) found(fault);
  }

  /** After the last record. @returns observations that are no faults */
  finish(): readonly Finding[] {
    // After a record that was not understood nothing settles what was open.
    return this.#blind ? [] : this.#consents.finish();
  }
}

const ofConsents: ReadonlySet<string> = new Set(consentTypes);
const isOfConsents = (type: string): type is ConsentType => ofConsents.has(type);
const ofExclusions: ReadonlySet<string> = new Set(exclusionTypes);
const isOfExclusions = (type: string): type is ExclusionType => ofExclusions.has(type);
const ofErasures: ReadonlySet<string> = new Set(erasureTypes);
const isOfErasures = (type: string): type is ErasureType => ofErasures.has(type);
const ofOperators: ReadonlySet<string> = new Set(operatorTypes);
const isOfOperators = (type: string): type is OperatorType => ofOperators.has(type);
const ofClients: ReadonlySet<string> = new Set(clientTypes);
const isOfClients = (type: AuthorityType): type is ClientType => ofClients.has(type);
const ofAuthorities: ReadonlySet<string> = new Set(authorityTypes);
const isOfAuthorities = (type: string): type is AuthorityType => ofAuthorities.has(type);
