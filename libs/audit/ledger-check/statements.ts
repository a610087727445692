import { bookOf } from '#libs/consent';
import { JwsRefused, unverifiedHeader } from '#libs/identity';
import { isObject, type JsonObject, type JsonValue } from '#libs/kernel';
import { type Finding, mostFindings, type What } from './finding.js';
import type { Statement } from './statement.js';
import type { SignatureToCheck } from './signatures.js';

interface Consent {
  readonly case: string;
  readonly noticeHash: string;
  granted: boolean;
  redeemed: boolean;
}

/**
 * The rules of the house over what records say, in the order of the ledger: one redemption a consent, no release without a grant and an
 * open case, every grant signed by a key that was enrolled for the holder of that book, every certificate by a key that an issuing authority
 * registered.
 */
export class StatementRules {
  readonly #cases = new Map<string, 'open' | 'closed'>();
  readonly #consents = new Map<string, Consent>();
  readonly #offered = new Map<string, JsonObject>();
  /** Enrolled phones' keys by book and thumbprint. */
  readonly #phones = new Map<string, JsonObject>();
  readonly #authorityKeys = new Map<string, JsonObject>();
  readonly findings: Finding[] = [];
  /** Those that are still to be checked. */
  readonly signatures: SignatureToCheck[] = [];

  #found(finding: Finding): void {
    if (this.findings.length < mostFindings) this.findings.push(finding);
  }

  take(statement: Statement): void {
    const [leaf, stream, version, type, data] = statement;
    const found = (what: What) => {
      this.#found({ leaf, stream, version, what });
    };
    switch (type) {
      case 'CaseOpened':
        this.#cases.set(stream, 'open');
        return;
      case 'CaseClosed':
        this.#cases.set(stream, 'closed');
        return;
      case 'ClientRegistered':
        if (data['authority'] !== null && Array.isArray(data['keys']))
          for (const key of data['keys'] as readonly JsonValue[]) this.#learnKey(key);
        else this.#others.add(stream);
        return;
      case 'ClientKeyRotated':
        if (!this.#others.has(stream)) this.#learnKey(data['added']);
        return;
      case 'PhoneKeyOffered':
        if (isObject(data['jwk'])) this.#offered.set(`${stream} ${text(data, 'jkt')}`, data['jwk']);
        return;
      case 'PhoneEnrolled': {
        const jkt = text(data, 'jkt');
        const jwk = this.#offered.get(`${stream} ${jkt}`);
        const book = bookOf(stream.replace(/^subject-/, ''));
        if (jwk !== undefined) this.#phones.set(`${book} ${jkt}`, jwk);
        return;
      }
      case 'ConsentRequested':
        this.#consents.set(`${stream} ${text(data, 'consent')}`, {
          case: text(data, 'case'),
          noticeHash: text(data, 'noticeHash'),
          granted: false,
          redeemed: false,
        });
        return;
      case 'ConsentGranted': {
        const consent = this.#consents.get(`${stream} ${text(data, 'consent')}`);
        if (consent === undefined) {
          found('grant_without_request');
          return;
        }
        consent.granted = true;
        this.#grantSignature(statement, consent);
        return;
      }
      case 'ConsentRedeemed': {
        const consent = this.#consents.get(`${stream} ${text(data, 'consent')}`);
        if (consent?.granted !== true) found('release_without_grant');
        if (consent?.redeemed === true) found('release_twice');
        if (consent !== undefined) consent.redeemed = true;
        const ofCase = text(data, 'case');
        if (this.#cases.get(`case-${ofCase}`) !== 'open' || consent?.case !== ofCase)
          found('release_without_open_case');
        return;
      }
      case 'ReleaseReadAgain':
        if (this.#consents.get(`${stream} ${text(data, 'consent')}`)?.redeemed !== true)
          found('reading_without_release');
        return;
      case 'CertificateIssued':
      case 'CertificateAmended':
        this.#authoritySignature(statement);
        return;
      default:
    }
  }
  readonly #others = new Set<string>();

  #learnKey(key: JsonValue | undefined): void {
    if (isObject(key) && isObject(key['jwk']))
      this.#authorityKeys.set(text(key, 'kid'), key['jwk']);
  }

  #grantSignature([leaf, stream, version, , data]: Statement, consent: Consent): void {
    const key = this.#phones.get(`${stream} ${text(data, 'jkt')}`);
    if (key === undefined) {
      this.#found({ leaf, stream, version, what: 'grant_key_unknown' });
      return;
    }
    const grant = {
      consent: text(data, 'consent'),
      case: consent.case,
      noticeHash: consent.noticeHash,
    };
    this.signatures.push({ leaf, stream, version, jws: text(data, 'jws'), key, grant });
  }

  #authoritySignature([leaf, stream, version, , data]: Statement): void {
    const signed = text(data, 'signed');
    const kid = kidOf(signed);
    const key = kid === null ? undefined : this.#authorityKeys.get(kid);
    if (key === undefined) {
      this.#found({ leaf, stream, version, what: 'authority_key_unknown' });
      return;
    }
    this.signatures.push({ leaf, stream, version, jws: signed, key, grant: null });
  }
}

function kidOf(signed: string): string | null {
  try {
    const { kid } = unverifiedHeader(signed);
    return typeof kid === 'string' ? kid : null;
  } catch (error) {
    if (error instanceof JwsRefused) return null;
    throw error;
  }
}

function text(data: JsonObject, member: string): string {
  const value = data[member];
  return typeof value === 'string' ? value : '';
}
