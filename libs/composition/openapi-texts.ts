import { sdJwtType } from '#libs/certificate';
import { tokenType } from '#libs/consent';
import { keyApprovalType, newKeyProofType, registrationProofType } from '#libs/identity';
import { passkeyStatementType } from '#libs/subject';
import { grantType, statementType } from '#libs/verify';

/** A kind of JWS that the API takes or returns: its signer, and the members of its payload. */
interface KindOfJws {
  readonly typ: string;
  readonly signer: string;
  readonly payload: string;
}

const kindsOfJws: readonly KindOfJws[] = [
  {
    typ: 'at+jwt',
    signer: 'the issuer, for a client',
    payload:
      '`iss`, `aud` (the public URL of this API), `sub` and `client_id` (the client), `scope`, `cnf.jkt`, `iat`, `exp`, `jti` (RFC 9068)',
  },
  {
    typ: 'dpop+jwt',
    signer: 'the caller, with the public key in `jwk` of the header',
    payload:
      '`htm`, `htu` (the URL without query and fragment), `iat`, `jti`, with an access token `ath`, and `bh` (RFC 9449)',
  },
  {
    typ: registrationProofType,
    signer: 'the new client',
    payload:
      '`aud` (the log’s origin), `iat`, `kind`, `name`, `department`, `window`, `town`, `authority`, as they are registered',
  },
  {
    typ: newKeyProofType,
    signer: 'the client, with its new key',
    payload: '`aud` (the log’s origin), `iat`, `client`',
  },
  {
    typ: keyApprovalType,
    signer: 'the client with its old key, or an administrator',
    payload: '`aud` (the log’s origin), `iat`, `by`, `client`, `jkt` of the new key',
  },
  {
    typ: 'phone-key+jws',
    signer: 'a phone, with the key that it offers',
    payload: '`codeHash` (base64url SHA-256 of the enrolment code), `jkt`, `iat`',
  },
  {
    typ: 'enrolment+jws',
    signer: 'the terminal that confirms an enrolment',
    payload: '`sub` (the subject for the department), `enrolment`, `jkt`, `iat`',
  },
  {
    typ: grantType,
    signer: 'the holder’s phone',
    payload: 'the members that `POST /v1/phone/consents/{consent}/grant` names, in canonical JSON',
  },
  {
    typ: passkeyStatementType,
    signer: 'the holder’s phone, for a passkey that it made',
    payload: '`credential` (its id), `jkt` of the passkey’s key, `rpId`, `iat`',
  },
  {
    typ: tokenType,
    signer: 'the ledger, for a terminal',
    payload:
      '`iss`, `aud` (the URL of `POST /v1/releases`), `sub` (the holder for the department), `client_id`, `cnf.jkt`, `authorization_details` (RFC 9396), `notice_hash`, `txn`, `amr`, `acr`, `iat`, `exp`',
  },
  {
    typ: sdJwtType,
    signer: 'an issuing authority',
    payload:
      '`iss` (its credit code), `vct` (the type), `version`, `valid_from`, `valid_until`, `as_of`, `supersedes`, `_sd_alg`, `_sd`; all else is disclosures (RFC 9901)',
  },
  {
    typ: statementType,
    signer: 'the ledger, for a holder',
    payload: 'canonical JSON; docs/verification.md, The exemption statement, names the members',
  },
];

/** What the API as a whole is and asks of its callers, in CommonMark. */
export const apiDescription = [
  'An open certificate-sharing ledger: windows use the certificates that a city already holds, with the holder’s consent, for one stated matter, once, and provably.',
  [
    '## Requests',
    'A command (POST) carries an `Idempotency-Key`; sent again with the same body, it has its effect once. Failures are problem details (RFC 9457): programs switch on `code`, whose values, texts in Chinese and English and remedies are in contracts/codes.json.',
  ].join('\n\n'),
  [
    '## Callers',
    'A client has an access token (OAuth 2 client credentials with private_key_jwt, RFC 7523) whose `aud` is the public URL of this API, and whose `scope` names what it may do; each operation says the scope that it needs. The assertion’s own `aud` is the issuer’s URL. Access tokens are bound to a key (`cnf.jkt`), and each request carries a DPoP proof (RFC 9449) by it. A phone has no token: its enrolled key signs the proof alone.',
    '`bh` in the proof is the base64url SHA-256, without padding, of the body’s bytes as they are sent. Phones send it with every body that is not empty; clients may, and where it stands it must fit.',
  ].join('\n\n'),
  [
    '## Canonical JSON',
    'What is hashed or signed as JSON is RFC 8785: members sorted by the UTF-16 code units of their names, no white space, numbers as ECMAScript writes them, UTF-8. Input with a member twice, a lone surrogate, U+0000 in a string, or a number that a double does not hold exactly is refused. A record’s `actor` names the `client` that acted and, where a person of staff was signed in at that terminal, `operator`: a random id. Records are stored, hashed and shown as the same bytes: hash what was received, and do not write it again. contracts/events has the JSON Schema of each event’s `data`.',
  ].join('\n\n'),
  [
    '## Signed texts',
    'Each is a compact JWS (RFC 7515) with the `typ` below, by Ed25519 (`EdDSA`) or P-256 (`ES256`). Header members that fetch a key or change how the text is read (`jku`, `x5u`, `crit`, `b64` and others) are refused; `jwk` stands in DPoP proofs alone. Statements (`+jws`) have the members that are named, and no others.',
    [
      '| `typ` | signed by | payload |',
      '| --- | --- | --- |',
      ...kindsOfJws.map(({ typ, signer, payload }) => `| \`${typ}\` | ${signer} | ${payload} |`),
    ].join('\n'),
  ].join('\n\n'),
].join('\n\n');
