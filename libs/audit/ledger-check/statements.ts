import { AuthorityRules, type AuthorityType, authorityTypes } from './authority-rules.js';
import { ConsentRules, type ConsentType, consentTypes } from './consent-rules.js';
import { type Finding, Findings, type What } from './finding.js';
import type { Moment } from './moments.js';
import { text } from './saying.js';
import type { SignatureToCheck } from './signatures.js';
import type { Statement } from './statement.js';

/** The rules of the house over what records say, in the order of the ledger. */
export class StatementRules {
  readonly #findings = new Findings();
  readonly #consents: ConsentRules;
  readonly #authorities: AuthorityRules;
  #now: Moment = '';
  #blind = false;

  /** @param sign is told each signature that is still to be checked */
  constructor(sign: (toCheck: SignatureToCheck) => void) {
    this.#consents = new ConsentRules(this.#findings, sign);
    this.#authorities = new AuthorityRules(sign);
  }

  get findings(): readonly Finding[] {
    return this.#findings.all;
  }

  take([leaf, stream, version, type, said]: Statement): void {
    const at = { leaf, stream, version };
    const found = (what: What) => {
      if (!this.#findings.hasEnoughOf(what)) this.#findings.add({ ...at, what });
    };
    if (said === null) {
      found('schema_unknown');
      // What it says may be what allows all that follows: nobody is accused for want of knowing.
      this.#blind = true;
    }
    if (said === null || this.#blind) return;
    const time = text(said, 'time');
    if (time > this.#now) this.#now = time;
    const saying = { at, said, found };
    if (isOfConsents(type)) this.#consents.take(type, saying, this.#now);
    else if (isOfAuthorities(type)) this.#authorities.take(type, saying, this.#now);
  }

  /** Behind the last statement. @returns what is no fault, and should be known all the same */
  finish(): readonly Finding[] {
    // Behind a record that was not understood nothing settles what was open.
    return this.#blind ? [] : this.#consents.finish();
  }
}

const ofConsents: ReadonlySet<string> = new Set(consentTypes);
const isOfConsents = (type: string): type is ConsentType => ofConsents.has(type);
const ofAuthorities: ReadonlySet<string> = new Set(authorityTypes);
const isOfAuthorities = (type: string): type is AuthorityType => ofAuthorities.has(type);
