// Generated from contracts/openapi.json by npm run contracts.
export interface paths {
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Liveness: whether the process runs
         * @description Needs no credentials.
         */
        get: operations["live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Readiness: whether requests may be sent to this process
         * @description Needs no credentials.
         */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identity/.well-known/openid-configuration": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metadata of the issuer (RFC 8414)
         * @description Needs no credentials. It changes only when a key is rotated.
         */
        get: operations["identityConfiguration"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identity/jwks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The keys that verify access tokens (RFC 7517)
         * @description Needs no credentials. It changes only when a key is rotated.
         */
        get: operations["identityJwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/identity/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get an access token
         * @description OAuth 2 client credentials with private_key_jwt (RFC 7523) and a DPoP proof (RFC 9449) by the same key. The assertion’s `aud` is the issuer’s URL (`issuer` of the discovery document), exactly and alone: not the token endpoint, not a list. `iss` and `sub` are the client id; `exp` is at most 60 seconds after `iat`; `jti` has 16 to 256 letters and is new each time. `scope` left out asks for all scopes of the client; one that does not exist, or that is not the client’s, is refused. An operator signs in at a terminal by the authorization code flow: PKCE with S256, `dpop_jkt`, `state` and `nonce` are required; endpoints are in the discovery document. The token lives 300 seconds and is bound to the key of the proof. Why a token was refused is in the operator’s log (`token_refused`), by code.
         */
        post: operations["identityToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/authority-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Authority keys: the keys that sign certificates, as a note signed by the log
         * @description A note signed by the key of the log. For each key: the authority’s credit code, the RFC 7638 thumbprint, algorithm and bytes, and the first and last leaf of the log for which certificates by it were accepted. Complete for the number of leaves in the third line. Needs no credentials.
         */
        get: operations["authorityKeysKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/checkpoint": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The latest checkpoint: a C2SP signed note of origin, size and root
         * @description Needs no credentials.
         */
        get: operations["logCheckpoint"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/origin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The origin of the log, and whether it is that of a trial
         * @description What a page says of a trial before anything else. An origin never changes: a trial is one for ever. Needs no credentials.
         */
        get: operations["logOrigin"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/pages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The set of pages published last, with its record in the log and the receipt
         * @description What a page from this city must be: the phone’s service worker takes no other file. Needs no credentials.
         */
        get: operations["recordedPagesLatest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/pages/{set}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A set of pages by its name, with its latest record and the receipt
         * @description Needs no credentials.
         */
        get: operations["recordedPagesNamed"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/policy": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The keys of log and witnesses, as a C2SP tlog-policy
         * @description Compare it with a copy from another source: a dishonest ledger could show a false policy here. Needs no credentials.
         */
        get: operations["logTrusted"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/statement-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Statement keys: the keys that sign exemption statements, as a note signed by the log
         * @description A note signed by the key of the log, which is the only key that a verifier must trust. Needs no credentials.
         */
        get: operations["logStatementKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/tile/{level}/{index}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A full tile of 256 hashes (C2SP tlog-tiles); immutable
         * @description Covers the latest checkpoint. Entry bundles (`entries` as level) hold the records themselves and need the scope `ledger:audit`.
         */
        get: operations["logTile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/log/tile/{level}/{index}.p/{width}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A partial tile with `width` hashes
         * @description Covers the latest checkpoint. Entry bundles (`entries` as level) hold the records themselves and need the scope `ledger:audit`.
         */
        get: operations["logPartialTile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/administrators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Administrators, and who of them is independent of the caller
         * @description For clients with the scope `clients:manage` (administrator).
         */
        get: operations["administratorsList"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/board": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Open cases of the caller’s window, and online cases that its department can take
         * @description For clients with the scope `cases:open` (terminal, kiosk, department).
         */
        get: operations["caseBoard"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/board/today": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Cases that the caller’s window closed today, without data
         * @description For clients with the scope `cases:open` (terminal, kiosk, department).
         */
        get: operations["boardToday"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open a case for a matter at the caller’s window, or a self-service matter at a kiosk
         * @description A kiosk opens cases of self-service matters alone, for one participant; every other caller opens the others For clients with the scope `cases:open` (terminal, kiosk, department).
         */
        post: operations["caseOpen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A case of the caller’s window: its materials with state and reason
         * @description For clients with the scope `cases:open` (terminal, kiosk, department).
         */
        get: operations["caseView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/close": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Close a case; no further release is possible
         * @description For clients with the scope `cases:open` (terminal, kiosk, department).
         */
        post: operations["caseClose"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Request consent from a participant
         * @description For clients with the scope `releases:pull` (terminal, kiosk, department).
         */
        post: operations["consentRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/consents/{consent}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * State of a consent
         * @description For clients with the scope `releases:pull` (terminal, kiosk, department).
         */
        get: operations["consentState"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/consents/{consent}/read-again": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Read the released data again at the same terminal, within 30 minutes while the case is open
         * @description For clients with the scope `releases:pull` (terminal, kiosk, department).
         */
        post: operations["releaseReadAgain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/consents/{consent}/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get the token that redeems a granted consent, valid for one minute
         * @description For clients with the scope `releases:pull` (terminal, kiosk, department).
         */
        post: operations["consentToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/consents/{consent}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw a request for consent that waits, or was granted and not used
         * @description Only the terminal that asked can. The holder’s phone shows that it was withdrawn. For clients with the scope `releases:pull` (terminal, kiosk, department).
         */
        post: operations["consentWithdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/materials/{code}/bring": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record that the applicant brought the paper of a material
         * @description For clients with the scope `cases:open` (terminal, kiosk, department).
         */
        post: operations["caseBring"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/return": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give an online case back to the board of the caller’s department
         * @description By the window that took it, while none of its requests is under way and nothing was released or brought for it. From then on any window of the department can take it. For clients with the scope `cases:open` (terminal, kiosk, department).
         */
        post: operations["caseReturn"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cases/{id}/take": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a case that was opened online for the caller’s department
         * @description From then on it is the open case of the caller’s window. Of two windows one gets it; the other is told `case_already_taken`. For clients with the scope `cases:open` (terminal, kiosk, department).
         */
        post: operations["caseTake"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalogue/import": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Import a file of types, matters or rules; refused lines are skipped and reported
         * @description For clients with the scope `catalogue:manage` (administrator).
         */
        post: operations["catalogueImport"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/catalogue/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * What importing this file would change, line by line; nothing is changed
         * @description For clients with the scope `catalogue:manage` (administrator).
         */
        post: operations["cataloguePreview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue a certificate: submit its first version, signed by the authority
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["certificateIssue"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/batch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Submit a batch of certificates and new versions; the reply has one line for each line
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["batchBatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/issuer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The caller’s registration: its credit code and the certificate types that it may issue
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        get: operations["certificateIssuer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/search": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Search the authority’s own certificates by number, holder, type or state; newest first
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["certificateSearch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{certificate}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * State of one of the authority’s own certificates; nothing is decrypted
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        get: operations["certificateFind"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{certificate}/amend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Amend a certificate: submit a new version, whose signed part names the one it supersedes
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["certificateAmend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{certificate}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a certificate that is no longer needed
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["certificateCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{certificate}/reinstate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Reinstate a suspended certificate
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["certificateReinstate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{certificate}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke a certificate permanently
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["certificateRevoke"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/certificates/{certificate}/suspend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Suspend a valid certificate
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["certificateSuspend"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List registered clients, 100 per page
         * @description For clients with the scope `clients:manage` (administrator).
         */
        get: operations["identityList"];
        put?: never;
        /**
         * Register a client with its public keys
         * @description Each key needs a proof of possession: a JWS by that key over the client’s registration (`proveClientKey` in libs/api-client). A key that another client has or had, and a credit code that another authority has, are refused. For clients with the scope `clients:manage` (administrator).
         */
        post: operations["identityRegister"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients/{client}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The registration of a client
         * @description For clients with the scope `clients:manage` (administrator).
         */
        get: operations["identityFind"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients/{client}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable a client
         * @description Not for an administrator admitted by a key file on the ledger’s machine: replace the key in that file instead. For clients with the scope `clients:manage` (administrator).
         */
        post: operations["identityDisable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients/{client}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable a disabled client
         * @description For clients with the scope `clients:manage` (administrator).
         */
        post: operations["identityEnable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients/{client}/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Replace all keys of a client with a new one
         * @description The new key needs a proof of possession. The new key of an issuing authority must also be signed by its old key, or approved by a second administrator who is independent of the first. An administrator admitted by a key file on the ledger’s machine gets a new key only by its own request, or by that file. For clients with the scope `clients:manage` (administrator).
         */
        post: operations["identityRotate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/clients/{client}/types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the certificate types that an issuing authority may issue
         * @description Takes effect at once in this process, and within a second in all others. Certificates issued before remain; those of a removed type can no longer be changed by the authority. For clients with the scope `clients:manage` (administrator).
         */
        post: operations["identityChangeTypes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/enrolments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Open an enrolment: get a one-time code for the phone of an identified person
         * @description For clients with the scope `subjects:identify` (terminal, kiosk).
         */
        post: operations["subjectOpenEnrolment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/enrolments/offer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show the code and offer the key of a phone
         * @description Needs no credentials.
         */
        post: operations["subjectOfferPhoneKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/enrolments/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Whether the key that the phone offered is enrolled by now
         * @description Needs no credentials.
         */
        post: operations["subjectOfferedKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/enrolments/typed": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Exchange a typed code for the code of its enrolment
         * @description For a phone that cannot scan: the handle of the terminal and eight digits, at most five tries for each enrolment, within its 10 minutes. Needs no credentials.
         */
        post: operations["subjectTypedCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/enrolments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * State of an enrolment opened by this terminal
         * @description For clients with the scope `subjects:identify` (terminal, kiosk).
         */
        get: operations["subjectEnrolment"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/enrolments/{id}/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an enrolment: sign that the offered key is the person’s
         * @description For clients with the scope `subjects:identify` (terminal, kiosk).
         */
        post: operations["subjectConfirmEnrolment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Erasures that wait for an approval, or are being carried out
         * @description For clients with the scope `subjects:erase` (administrator).
         */
        get: operations["erasureErasures"];
        put?: never;
        /**
         * Request the erasure of a subject’s data
         * @description For clients with the scope `subjects:erase` (administrator).
         */
        post: operations["erasureRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * State of an erasure
         * @description For clients with the scope `subjects:erase` (administrator).
         */
        get: operations["erasureErasure"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve and carry out an erasure that another administrator asked for
         * @description For clients with the scope `subjects:erase` (administrator).
         */
        post: operations["erasureApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/erasures/{id}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw one’s own erasure request before it is approved
         * @description For clients with the scope `subjects:erase` (administrator).
         */
        post: operations["erasureWithdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events of the caller’s cases
         * @description Server-sent events (WHATWG HTML, section 9.2). The first is `open`, the last `end`, whose `code` is that of a problem: after `token_expired`, `event_stream_closed` and `event_stream_replaced` another stream may be asked for. Events hold ids and states, never data: what they name is read by its own route. Each is told at least once, and only while its caller may read it. A comment comes every two seconds; a connection without one for longer is lost. `consent` has `case`, `consent` and `state`, at the moment of the record; `case` has `case` and `change` (opened, taken, returned, brought, closed, consent), once the board has it. Of a case that was opened online all windows of its department are told until one has taken it. A terminal or kiosk is told of its window’s cases, a department’s system of its department’s, with the scope `cases:open`. For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        get: operations["events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Store an encrypted file for a certificate that will refer to it
         * @description For clients with the scope `certificates:issue` (issuing-authority).
         */
        post: operations["batchKeep"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger/exclusions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Foreign events excluded from the ledger, with the administrators who decided it
         * @description For clients with the scope `ledger:audit` (auditor).
         */
        get: operations["exclusionExclusions"];
        put?: never;
        /**
         * Request that foreign events of a stream be excluded from the ledger
         * @description Name the stream, or one of its events by position and hash, as `verify ledger` reports them. The exclusion covers exactly the foreign events after the last sealed record, at most 256. It is accepted also while the ledger is read-only because of these events. For clients with the scope `ledger:exclude` (administrator).
         */
        post: operations["exclusionRequest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger/exclusions/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * State of an exclusion
         * @description For clients with the scope `ledger:exclude` (administrator).
         */
        get: operations["exclusionExclusion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger/exclusions/{id}/approve": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Approve an exclusion that another administrator asked for; the ledger then continues
         * @description For clients with the scope `ledger:exclude` (administrator).
         */
        post: operations["exclusionApprove"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger/exclusions/{id}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw one’s own exclusion request before it is approved
         * @description For clients with the scope `ledger:exclude` (administrator).
         */
        post: operations["exclusionWithdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * State of log, witnesses and event store, for operators’ pages
         * @description For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        get: operations["ledgerHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/ledger/streams/{stream}/records": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Records of one stream, as stored
         * @description For clients with the scope `ledger:audit` (auditor).
         */
        get: operations["recordsRecords"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/legal-holds": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Legal holds that stand
         * @description For clients with the scope `subjects:erase` (administrator).
         */
        get: operations["erasureHolds"];
        put?: never;
        /**
         * Place a legal hold: the data of a subject are kept until it is lifted
         * @description For clients with the scope `subjects:erase` (administrator).
         */
        post: operations["erasurePlaceHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/legal-holds/{id}/lift": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lift a legal hold
         * @description For clients with the scope `subjects:erase` (administrator).
         */
        post: operations["erasureLiftHold"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/limits": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Limits that the settings of the city set
         * @description For clients with the scope `clients:manage` (administrator).
         */
        get: operations["limitsLimits"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/matters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search matters by words or pinyin, the likeliest first
         * @description For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        get: operations["catalogueMatters"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/matters/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A matter and its materials
         * @description For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        get: operations["catalogueMatter"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/matters/{code}/exemptions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which materials of a matter are exemptible, by which fields of which types
         * @description For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        get: operations["catalogueExemptions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/matters/{code}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When a matter and its rules were changed, and by whom
         * @description For clients with the scope `catalogue:manage` (administrator).
         */
        get: operations["catalogueImportMatterVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator-accounts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bind an account at the operators’ issuer
         * @description For terminals, with what the city’s issuer states about an operator who opened an invitation there and signed in. Uses the invitation up: the operator signs in with that account from then on. For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        post: operations["operatorAccountsBind"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator-passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Finish making a passkey
         * @description Uses the invitation up: the operator signs in with the passkey from then on. For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        post: operations["operatorPasskeysAdd"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operator-passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to make a passkey
         * @description For terminals, with the invitation of an operator of their department. Returns what `navigator.credentials.create` takes; its challenge can be answered once, within three minutes. For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        post: operations["operatorPasskeysOptions"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List operators, 100 per page
         * @description For clients with the scope `clients:manage` (administrator).
         */
        get: operations["operatorsList"];
        put?: never;
        /**
         * Invite an operator
         * @description Returns a one-time invitation, valid for three days, with which the operator makes a passkey at a terminal of the department. For clients with the scope `clients:manage` (administrator).
         */
        post: operations["operatorsInvite"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * An operator
         * @description For clients with the scope `clients:manage` (administrator).
         */
        get: operations["operatorsFind"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator}/disable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disable an operator
         * @description Ends every sign-in of the operator within a second, in all processes. For clients with the scope `clients:manage` (administrator).
         */
        post: operations["operatorsDisable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator}/enable": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Enable a disabled operator
         * @description For clients with the scope `clients:manage` (administrator).
         */
        post: operations["operatorsEnable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator}/invite-again": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Invite an operator again, whose passkey is lost
         * @description The passkey that there was, and what was signed in with it, end within a second. An earlier invitation ends, too. For clients with the scope `clients:manage` (administrator).
         */
        post: operations["operatorsInviteAgain"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/operators/{operator}/roles": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Change the roles of an operator
         * @description For clients with the scope `clients:manage` (administrator).
         */
        post: operations["operatorsChangeRoles"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/accesses": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Complete list of accesses to the holder’s data, the latest page first
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["phoneConsentAccesses"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/book": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The holder’s complete book, with a proof of completeness
         * @description Input of `verifyBook` of the offline verifier, which trusts nothing in it without proof. For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["phoneBook"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/cases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Online cases of the holder
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["applicationsList"];
        put?: never;
        /**
         * Open a case online, for the department of the matter
         * @description Signed by the enrolled key, so that no number is compared when the window asks. The case belongs to no window until one of the department takes it. For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["applicationOpen"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/cases/{case}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One of the holder’s online cases: how far it is, and its materials
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["applicationView"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/cases/{case}/statement": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The exemption statement of a case, signed, with its proof
         * @description Input of `verifyStatement` of the offline verifier; the holder can show it to any third party, who verifies it without the ledger. Covers the holder’s own releases only. For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["statementStatement"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/cases/{case}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw an online case
         * @description Requests that wait for it are refused, and grants not used yet are withdrawn. For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["applicationWithdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Issue a QR code to show at a window
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["showQrCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/consents": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Consents requested from the holder
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["phoneConsentConsents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/consents/{consent}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * One consent, with the text to show and to sign
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["phoneConsentConsent"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/consents/{consent}/grant": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Grant a consent, signed by the enrolled key or by a passkey of the phone
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["phoneConsentGrant"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/consents/{consent}/refuse": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Refuse a consent
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["phoneConsentRefuse"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/consents/{consent}/withdraw": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Withdraw a granted consent
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["phoneConsentWithdraw"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Events of the holder’s book
         * @description Server-sent events (WHATWG HTML, section 9.2). The first is `open`, the last `end`, whose `code` is that of a problem: after `token_expired`, `event_stream_closed` and `event_stream_replaced` another stream may be asked for. Events hold ids and states, never data: what they name is read by its own route. Each is told at least once, and only while its caller may read it. A comment comes every two seconds; a connection without one for longer is lost. `consent` has `consent` and `state`, for each record of the holder’s book; `case` has `case` and `change`, for the holder’s online cases. For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["phoneEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List all keys ever enrolled for the holder
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["subjectOwnPhoneKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/keys/{jkt}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Revoke the key of one of the holder’s own phones
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["subjectRevokePhoneKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/matters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search matters by words or pinyin, the likeliest first
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["searchMattersForHolders"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/matters/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A matter: which materials need not be brought, by which certificates, and which remain
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["mattersForHoldersMatter"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add the passkey that the phone’s browser made
         * @description A passkey counts as long as the key of its phone does. For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["addHolderPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin to make a passkey beside the key of the phone
         * @description Returns what `navigator.credentials.create` takes; its challenge can be answered once, within three minutes. For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["beginHolderPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/passkeys/{jkt}/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take back one of the holder’s own passkeys
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        post: operations["revokeHolderPasskey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/phone/wallet": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The holder’s certificates with their fields; valid ones first, then by date
         * @description For a holder’s phone, whose enrolled key signs the DPoP proof.
         */
        get: operations["walletWallet"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/matters": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Search matters without a key
         * @description Needs no credentials.
         */
        get: operations["searchMattersWithoutKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/public/matters/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A matter, without a key: which materials are exemptible, by which certificates
         * @description Needs no credentials.
         */
        get: operations["showMatterWithoutKey"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/receipts/{stream}/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The receipt of a record: a C2SP tlog-proof whose extra data are the leaf hash
         * @description Requires the hash of the record, which is given only to the parties of the record. Needs no credentials.
         */
        get: operations["receiptsReceipt"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/releases": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Release: redeem a consent, once, for the data that the holder granted
         * @description A consent that can be answered in part is released in part. If nothing can be answered, the request is refused with the reason, which is recorded in the holder’s book; the consent is not spent, and ends after the third such refusal. Before data leave, everything that the release rests on is checked again: a withdrawal, a revoked key or a disabled terminal that was acknowledged before withholds it (`release_withheld`). Replies are not stored: a second request with the same Idempotency-Key is refused like any other second use. For clients with the scope `releases:pull` (terminal, kiosk, department).
         */
        post: operations["releasePull"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Exemptions and releases by day, type, matter, department, window or town
         * @description For clients with the scope `statistics:read` (department, auditor, administrator).
         */
        get: operations["statisticsStatistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/statistics/papers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Papers that are still brought, by reason, material, matter, day or place, most first
         * @description For clients with the scope `statistics:read` (department, auditor, administrator).
         */
        get: operations["statisticsPapers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/subjects/identify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Record that a person’s identity was checked
         * @description For clients with the scope `subjects:identify` (terminal, kiosk).
         */
        post: operations["subjectIdentify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/terminal-offers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Offer a browser as a terminal
         * @description Needs no credentials.
         */
        post: operations["terminalOffersOffer"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/terminal-offers/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign the administrator’s description of the terminal
         * @description Needs no credentials.
         */
        post: operations["terminalOffersProve"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/terminal-offers/state": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * State of the browser’s own offer
         * @description Needs no credentials.
         */
        post: operations["terminalOffersState"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/terminal-offers/{handle}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find the offer of a browser that shows this handle
         * @description For clients with the scope `clients:manage` (administrator).
         */
        get: operations["terminalOffersFind"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/terminal-offers/{handle}/details": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Describe the terminal; its key then signs the description
         * @description For clients with the scope `clients:manage` (administrator).
         */
        post: operations["terminalOffersDescribe"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/types": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * All certificate types
         * @description For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        get: operations["catalogueTypes"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/types/{code}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * A certificate type and the schema of its fields
         * @description For clients with the scope `matters:read` (terminal, kiosk, department, issuing-authority, auditor, administrator).
         */
        get: operations["catalogueType"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/types/{code}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * When a certificate type was defined and changed, and by whom
         * @description For clients with the scope `catalogue:manage` (administrator).
         */
        get: operations["catalogueImportTypeVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AccessDto: {
            /**
             * @description The record's version in the book
             * @example 2
             */
            version: number;
            /**
             * @description The record's leaf hash, hexadecimal
             * @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9
             */
            hash: string;
            /**
             * @description Time
             * @example 2026-11-22T08:03:00.000Z
             */
            time: string;
            /**
             * @description Event
             * @example released
             * @enum {string}
             */
            kind: "requested" | "granted" | "refused" | "withdrawn" | "mismatched" | "ended" | "released" | "nothing-released" | "withheld" | "read-again";
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /**
             * @description Purpose
             * @example 办理“灵活就业人员参保登记”
             */
            purpose: string;
            /**
             * @description Caller
             * @example 人社
             */
            department: string;
            /**
             * @description Window
             * @example window-3
             */
            window: string;
            /**
             * @description Terminal
             * @example terminal-3
             */
            terminal: string;
            /**
             * @description What the data may be used for
             * @example read
             * @enum {string}
             */
            action: "read" | "print";
            /** @description Data that were used or requested */
            used: components["schemas"]["UsedDto"][];
            /** @description Legal basis */
            basis: components["schemas"]["BasisDto"] | null;
            /**
             * @description Reason why it was withheld or ended
             * @example null
             * @enum {string|null}
             */
            reason: "material_brought" | "phone_key_revoked" | "consent_withdrawn" | "caller_disabled" | "caller_key_replaced" | "case_moved" | "certificate_moved" | "subject_erased" | null;
            /** @description What could not be answered, as told to the terminal */
            missing: components["schemas"]["MissingMaterialDto"][];
        };
        AccessesDto: {
            /**
             * @description Stream of the book
             * @example book-1XnA0vJm3sYk2qLzR8tWcg
             */
            stream: string;
            /** @description Its last record */
            head: components["schemas"]["BookHeadDto"] | null;
            /** @description Records, oldest first, versions without gaps: the last ones, at most 500 a page */
            accesses: components["schemas"]["AccessDto"][];
            /**
             * @description Value of `before` for the page before; null where the list begins with version 0
             * @example null
             */
            earlier: number | null;
        };
        AddHolderPasskeyBody: {
            /**
             * @description RegistrationResponseJSON of Web Authentication Level 3: `toJSON()` of the new credential. Its key is of ES256 or EdDSA.
             * @example {
             *       "id": "Y3JlZGVudGlhbA",
             *       "rawId": "Y3JlZGVudGlhbA",
             *       "type": "public-key",
             *       "response": {
             *         "clientDataJSON": "e30",
             *         "attestationObject": "oA",
             *         "transports": [
             *           "internal"
             *         ]
             *       },
             *       "clientExtensionResults": {}
             *     }
             */
            credential: {
                [key: string]: unknown;
            };
            /**
             * @description Compact JWS by the key of the phone (kid its thumbprint), typ passkey+jws, over exactly {credential, jkt, rpId, iat}: the id of the credential, the RFC 7638 thumbprint of its key, the RP ID (±60 s).
             * @example eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3NrZXkrandzIn0.e30.c2lnbmF0dXJl
             */
            statement: string;
        };
        AddPasskeyDto: {
            /**
             * @description As POST /v1/operators returned it.
             * @example VwYdZzZk0n4mX8yq1rT7Cg.q3X7vN0s2kJ4mP8wR1tY6z
             */
            invitation: string;
            /**
             * @description RegistrationResponseJSON of Web Authentication Level 3: `toJSON()` of the new credential.
             * @example {
             *       "id": "Y3JlZGVudGlhbA",
             *       "rawId": "Y3JlZGVudGlhbA",
             *       "type": "public-key",
             *       "response": {
             *         "clientDataJSON": "e30",
             *         "attestationObject": "oA",
             *         "transports": [
             *           "internal"
             *         ]
             *       },
             *       "clientExtensionResults": {}
             *     }
             */
            credential: {
                [key: string]: unknown;
            };
        };
        AddedHolderPasskey: {
            /**
             * @description Thumbprint of the passkey’s key.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string;
        };
        AdministratorView: {
            /**
             * @description Client id of one who acts by a key; null for an operator.
             * @example administrator
             */
            client: string | null;
            /** @example null */
            operator: string | null;
            /**
             * @description Null once an operator’s name was erased.
             * @example 示例·管理员
             */
            name: string | null;
            /** @example 管理 */
            department: string;
            /**
             * @description Whether it is whoever asks.
             * @example false
             */
            isCaller: boolean;
            /**
             * @description What controls the keys of both this administrator and the caller: clients, `operator:` operators, thumbprints. Empty: the two may do together what needs two.
             * @example []
             */
            sharedControl: string[];
        };
        AdministratorsView: {
            administrators: components["schemas"]["AdministratorView"][];
        };
        AnswerDto: {
            /**
             * @description A certificate type that answers the material.
             * @example ZZ001
             */
            type: string;
            /**
             * @description The subject of the certificate.
             * @example applicant
             * @enum {string}
             */
            whose: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /**
             * @example [
             *       "姓名",
             *       "公民身份号码"
             *     ]
             */
            fields: string[];
        };
        ApplicationDto: {
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description Code of the matter
             * @example SX0006
             */
            matter: string;
            /**
             * @description Name of the matter
             * @example 经济困难证明
             */
            matterName: string;
            /**
             * @description Name of the matter in English
             * @example Issue of economic hardship proof
             */
            matterNameEn: string;
            /**
             * @description Department that handles it
             * @example 乡镇（街道）村（社区）
             */
            department: string;
            /**
             * @description Absent where the catalogue had none.
             * @example Township (Subdistrict) and Village (Community)
             */
            departmentEn?: string;
            /**
             * @description The window that took it; null while none has
             * @example null
             */
            window: string | null;
            /**
             * @description Outcome
             * @example null
             * @enum {string|null}
             */
            outcome: "accepted" | "rejected" | "withdrawn" | null;
            /**
             * @description How far it is: opened, taken by a window, asked (a request waits for the holder), answered, papers (some are to be brought), done or withdrawn
             * @example opened
             * @enum {string}
             */
            stage: "opened" | "taken" | "asked" | "answered" | "papers" | "done" | "withdrawn";
            /**
             * @description Number of materials that were exempted
             * @example 0
             */
            answered: number;
            /** @description Materials of the matter */
            requirements: components["schemas"]["RequirementDto"][];
            /** @description Consents requested */
            consents: components["schemas"]["CaseConsentDto"][];
        };
        ApplicationEntryDto: {
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description Code of the matter
             * @example SX0006
             */
            matter: string;
            /**
             * @description Name of the matter
             * @example 经济困难证明
             */
            matterName: string;
            /**
             * @description Name of the matter in English
             * @example Issue of economic hardship proof
             */
            matterNameEn: string;
            /**
             * @description Department that handles it
             * @example 乡镇（街道）村（社区）
             */
            department: string;
            /**
             * @description Absent where the catalogue had none.
             * @example Township (Subdistrict) and Village (Community)
             */
            departmentEn?: string;
            /**
             * @description The window that took it; null while none has
             * @example null
             */
            window: string | null;
            /**
             * @description Outcome
             * @example null
             * @enum {string|null}
             */
            outcome: "accepted" | "rejected" | "withdrawn" | null;
            /**
             * @description Time of opening
             * @example 2026-11-22T08:00:00.000Z
             */
            opened: string;
            /**
             * @description When a window took it
             * @example null
             */
            taken: string | null;
            /**
             * @description When it was closed or withdrawn
             * @example null
             */
            closed: string | null;
            /**
             * @description Whether a request of its window waits for the holder’s answer
             * @example false
             */
            waiting: boolean;
        };
        ApplicationsDto: {
            /** @description Online cases of the holder, open ones first, newest first, at most 50 */
            cases: components["schemas"]["ApplicationEntryDto"][];
        };
        ApprovedErasure: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            erasure: string;
            /** @description The record of the change. */
            record: components["schemas"]["RecordOfErasure"] | null;
        };
        AskAnswerDto: {
            /**
             * @description Code of the certificate type
             * @example ZZ001
             */
            type: string;
            /**
             * @description The requested fields
             * @example [
             *       "姓名",
             *       "公民身份号码"
             *     ]
             */
            fields: string[];
        };
        AskDto: {
            /**
             * @description Code of the material
             * @example ZZ001
             */
            material: string;
            /** @description Certificate types of which any one answers the material */
            answers: components["schemas"]["AskAnswerDto"][];
        };
        AuthorityDto: {
            /**
             * @description Unified social credit code (GB 32100) under which it signs.
             * @example 11430112000000001P
             */
            creditCode: string;
            /**
             * @description Name as printed on certificates.
             * @example 示例市公安局
             */
            name: string;
            /**
             * @description Codes of the types that it may issue.
             * @example [
             *       "ZZ001"
             *     ]
             */
            types: string[];
        };
        BasisDto: {
            /**
             * @description Ground
             * @example consent
             * @enum {string}
             */
            by: "consent" | "mandate" | "next-of-kin" | "duty";
            /**
             * @description In which capacity it was given
             * @example self
             * @enum {string}
             */
            capacity: "self" | "legal-representative" | "agent" | "guardian";
            /**
             * @description By what it was given
             * @example jws
             * @enum {string}
             */
            method: "jws" | "webauthn" | "face" | "in-person";
        };
        BindAccountDto: {
            /**
             * @description As the sign-in page gets it from the city’s issuer, when an operator signed in at the operators’ issuer whose account is not bound yet.
             * @example eyJ0eXAiOiJvcGVyYXRvci1hY2NvdW50K2p3dCJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl
             */
            statement: string;
        };
        BoardConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description The participant who was asked
             * @example applicant
             * @enum {string}
             */
            role: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /**
             * @description Materials it is for
             * @example [
             *       "ZZ001"
             *     ]
             */
            materials: string[];
            /**
             * @description Whether the holder answers or the terminal redeems next
             * @example waiting
             * @enum {string}
             */
            state: "waiting" | "granted";
            /**
             * @description Expires
             * @example 2026-11-22T08:10:00.000Z
             */
            until: string;
        };
        BoardDto: {
            /**
             * @description Department of the caller
             * @example 人社
             */
            department: string;
            /**
             * @description Window of the caller; null for a client that stands at none
             * @example hall-1-03
             */
            window: string | null;
            /** @description Open cases, newest first */
            cases: components["schemas"]["BoardEntryDto"][];
            /** @description Cases that holders opened online for the department and that no window has taken yet, oldest first */
            online: components["schemas"]["NamedCaseDto"][];
        };
        BoardEntryDto: {
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /**
             * @description Name of the matter
             * @example 灵活就业人员参保登记
             */
            matterName: string;
            /**
             * @description Name of the matter in English
             * @example Social insurance enrolment of flexibly employed persons
             */
            matterNameEn: string;
            /**
             * @description Time of opening
             * @example 2026-11-22T08:00:00.000Z
             */
            opened: string;
            /**
             * @description Number of materials of the matter
             * @example 2
             */
            materials: number;
            /**
             * @description Where it was opened
             * @example window
             * @enum {string}
             */
            origin: "window" | "online";
            /**
             * @description Number by which the hall calls the applicant
             * @example A023
             */
            queueNumber: string | null;
            /**
             * @description Number of materials that were exempted: a release answered them, after the holder agreed
             * @example 1
             */
            answered: number;
            /**
             * @description Number of papers brought
             * @example 0
             */
            brought: number;
            /** @description Consents waiting for the holder’s answer */
            consents: components["schemas"]["BoardConsentDto"][];
        };
        BookDto: {
            /**
             * @description Stream of the book, which holds a subject’s consents and releases
             * @example book-1XnA0vJm3sYk2qLzR8tWcg
             */
            stream: string;
            /**
             * @description Stored bytes of every record from version 0 on, as UTF-8 text
             * @example [
             *       "{\"actor\":{\"client\":\"Yb2…\"},\"city\":\"city.example\",\"data\":{},\"id\":\"…\"}"
             *     ]
             */
            records: string[];
            /**
             * @description For each record a C2SP tlog-proof; all under one checkpoint
             * @example [
             *       "c2sp.org/tlog-proof@v1\nextra uU0nuZNNPg…\nindex 7\n…"
             *     ]
             */
            receipts: string[];
            /**
             * @description Signed note of the log: the last record of the stream under that checkpoint. A later record below its size proves the statement false.
             * @example mianzheng stream head v1
             *     city.example
             *     book-1XnA0vJm3sYk2qLzR8tWcg
             *     2
             *     …
             */
            head: string;
            /**
             * @description Public JWKs of the keys that granted in it, the keys of phones and passkeys. Each has the thumbprint that its grants name
             * @example [
             *       {
             *         "kty": "OKP",
             *         "crv": "Ed25519",
             *         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
             *       }
             *     ]
             */
            keys: {
                [key: string]: unknown;
            }[];
        };
        BookHeadDto: {
            /**
             * @description Version of the last record
             * @example 2
             */
            version: number;
            /**
             * @description Its leaf hash, hexadecimal
             * @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9
             */
            hash: string;
        };
        BringMaterialDto: {
            /**
             * @description Reason for bringing the paper
             * @example holder_prefers_paper
             * @enum {string}
             */
            reason: "no_rule" | "no_phone" | "refused" | "not_answered" | "holder_has_none" | "certificate_not_valid" | "holder_prefers_paper";
        };
        CancelDto: {
            /**
             * @example holder_request
             * @enum {string}
             */
            reason: "holder_request" | "holder_deceased" | "holder_dissolved" | "holder_moved_out" | "superseded" | "purpose_ended";
        };
        CaseConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description The participant who was asked
             * @example applicant
             * @enum {string}
             */
            role: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /**
             * @description Materials it is for
             * @example [
             *       "ZZ001"
             *     ]
             */
            materials: string[];
            /**
             * @description State
             * @example waiting
             * @enum {string}
             */
            state: "waiting" | "granted" | "refused" | "withdrawn" | "redeemed" | "withheld" | "expired";
            /**
             * @description Until when it can be answered
             * @example 2026-11-22T08:10:00.000Z
             */
            answerBy: string;
        };
        CaseDto: {
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description Where it was opened: at a window, or online by the applicant’s own key
             * @example window
             * @enum {string}
             */
            origin: "window" | "online";
            /**
             * @description Number by which the hall calls the applicant
             * @example A023
             */
            queueNumber: string | null;
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /**
             * @description Name of the matter
             * @example 灵活就业人员参保登记
             */
            matterName: string;
            /**
             * @description Name of the matter in English
             * @example Social insurance enrolment of flexibly employed persons
             */
            matterNameEn: string;
            /**
             * @description Department whose matter it is; null in cases opened before 0.2.0
             * @example 人社
             */
            matterDepartment: string | null;
            /**
             * @description Absent where the catalogue had none.
             * @example Human Resources and Social Security
             */
            matterDepartmentEn?: string;
            /**
             * @description Version of the rules recorded in the case
             * @example 1
             */
            ruleVersion: number;
            /**
             * @description The window
             * @example window-3
             */
            window: string;
            /**
             * @description Its department
             * @example 人社
             */
            department: string;
            /**
             * @description Absent where the matter is another department’s, or the catalogue had none.
             * @example Human Resources and Social Security
             */
            departmentEn?: string;
            /**
             * @description Whether it is open
             * @example open
             * @enum {string}
             */
            status: "open" | "closed";
            /**
             * @description Outcome
             * @example null
             * @enum {string|null}
             */
            outcome: "accepted" | "rejected" | "withdrawn" | null;
            /** @description Participants */
            participants: components["schemas"]["CaseParticipantDto"][];
            /**
             * @description Number of materials that were exempted: a release answered them, after the holder agreed
             * @example 0
             */
            answered: number;
            /** @description Materials of the matter */
            requirements: components["schemas"]["RequirementDto"][];
            /** @description Consents requested */
            consents: components["schemas"]["CaseConsentDto"][];
        };
        CaseParticipantDto: {
            /**
             * @description Role in the case
             * @example applicant
             * @enum {string}
             */
            role: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
        };
        CataloguePreviewDto: {
            /**
             * @example rules
             * @enum {string}
             */
            kind: "types" | "matters" | "rules";
            rows: components["schemas"]["PreviewedRowDto"][];
            refused: components["schemas"]["RefusedLineDto"][];
        };
        CatalogueVersionDto: {
            /**
             * @description Version in the stream.
             * @example 0
             */
            version: number;
            /**
             * Format: date-time
             * @example 2026-11-30T08:15:00.000Z
             */
            time: string;
            /**
             * @example rules-set
             * @enum {string}
             */
            change: "defined" | "changed" | "rules-set";
            /**
             * @description Version of the rules.
             * @example 1
             */
            rules: number | null;
            /**
             * @description Client that changed it.
             * @example administrator
             */
            client: string;
            /**
             * @description The operator there.
             * @example null
             */
            operator: string | null;
        };
        CatalogueVersionsDto: {
            versions: components["schemas"]["CatalogueVersionDto"][];
        };
        CertificateDto: {
            /** @example qf3H0m1V2bQ0v4yJ8m7TJw */
            certificate: string;
            /** @example ZZ001 */
            type: string;
            /**
             * @description Credit code of the authority.
             * @example 11430112000000001P
             */
            authority: string;
            /**
             * @description Today.
             * @example valid
             * @enum {string}
             */
            standing: "valid" | "suspended" | "revoked" | "cancelled" | "expired" | "not-yet-valid";
            versions: components["schemas"]["VersionDto"][];
            /**
             * @description The latest `as_of` that the authority gave for the newest version, also by submitting the same content again; an earlier `as_of` is refused (version_outdated). Null if none was given.
             * @example 2026-11-23
             */
            standsAsOf: string | null;
            /** @description The newest record of its stream. */
            record: components["schemas"]["RecordDto"];
        };
        ChangeOperatorRolesDto: {
            /**
             * @description All roles from now on.
             * @example [
             *       "clerk"
             *     ]
             */
            roles: ("clerk" | "second-operator" | "administrator" | "auditor")[];
        };
        ChangeTypesDto: {
            /**
             * @description Codes of types that the authority may issue from now on.
             * @example [
             *       "ZZ003"
             *     ]
             */
            add?: string[];
            /**
             * @description Codes of types that it may no longer issue; takes precedence over the other list. Issued certificates remain valid.
             * @example [
             *       "ZZ001"
             *     ]
             */
            remove?: string[];
        };
        ChangedDto: {
            /** @example qf3H0m1V2bQ0v4yJ8m7TJw */
            certificate: string;
            /**
             * @example suspended
             * @enum {string}
             */
            status: "valid" | "suspended" | "revoked" | "cancelled";
            /**
             * @description unchanged: already in that state.
             * @example recorded
             * @enum {string}
             */
            state: "recorded" | "unchanged";
            record: components["schemas"]["RecordDto"];
        };
        ClientKeyDto: {
            /**
             * @description Public JWK, Ed25519 or P-256, without the private part.
             * @example {
             *       "kty": "OKP",
             *       "crv": "Ed25519",
             *       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
             *     }
             */
            jwk: {
                [key: string]: unknown;
            };
            /**
             * @description Compact JWS by this key, `kid` its thumbprint. For a new client `typ` is client-registration+jws, and the payload has exactly aud (the origin of the log), iat, kind, name, department, window, town, authority, as the request has them and null where it has none. For a new key of a client that there is, client-key+jws with aud, iat and client. At most 30 days old.
             * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImNsaWVudC1yZWdpc3RyYXRpb24rand…
             */
            proof: string;
        };
        ClientKeyView: {
            /**
             * @description RFC 7638 thumbprint.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            kid: string;
            /**
             * @description Its algorithm.
             * @example EdDSA
             * @enum {string}
             */
            alg: "EdDSA" | "ES256";
        };
        ClientPageView: {
            /** @description Keyed by id. */
            clients: components["schemas"]["ClientView"][];
            /**
             * @description Value of `after` for the next page; null on the last one.
             * @example null
             */
            next: string | null;
        };
        ClientView: {
            /**
             * @description The OAuth client id.
             * @example VwYdZzZk0n4mX8yq1rT7Cg
             */
            client: string;
            /**
             * @description Kind of the client.
             * @example terminal
             * @enum {string}
             */
            kind: "terminal" | "kiosk" | "department" | "issuing-authority" | "auditor" | "administrator";
            /**
             * @description Name to show.
             * @example 一楼3号终端
             */
            name: string;
            /**
             * @description The department that it belongs to.
             * @example 人社
             */
            department: string;
            /**
             * @description Its window.
             * @example hall-1-03
             */
            window: string | null;
            /**
             * @description Its town.
             * @example 示例镇
             */
            town: string | null;
            /** @description What the authority may issue. */
            authority: components["schemas"]["AuthorityDto"] | null;
            /**
             * @description Scopes of the client.
             * @example [
             *       "matters:read"
             *     ]
             */
            scopes: ("clients:manage" | "catalogue:manage" | "certificates:issue" | "subjects:identify" | "subjects:erase" | "cases:open" | "releases:pull" | "matters:read" | "statistics:read" | "ledger:audit" | "ledger:exclude")[];
            /** @description Keys in use. */
            keys: components["schemas"]["ClientKeyView"][];
            /**
             * @description Whether the client is enabled.
             * @example true
             */
            enabled: boolean;
            /**
             * @description Who acts at it.
             * @example client
             * @enum {string}
             */
            signIn: "operator" | "client";
        };
        CloseCaseDto: {
            /**
             * @description Outcome of the case
             * @example accepted
             * @enum {string}
             */
            outcome: "accepted" | "rejected" | "withdrawn";
        };
        ClosedCaseDto: {
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /**
             * @description Name of the matter
             * @example 灵活就业人员参保登记
             */
            matterName: string;
            /**
             * @description Name of the matter in English
             * @example Social insurance enrolment of flexibly employed persons
             */
            matterNameEn: string;
            /**
             * @description Time of opening
             * @example 2026-11-22T08:00:00.000Z
             */
            opened: string;
            /**
             * @description Number of materials of the matter
             * @example 2
             */
            materials: number;
            /**
             * @description Where it was opened
             * @example window
             * @enum {string}
             */
            origin: "window" | "online";
            /**
             * @description Number by which the hall calls the applicant
             * @example A023
             */
            queueNumber: string | null;
            /**
             * @description Number of materials that were exempted: a release answered them, after the holder agreed
             * @example 1
             */
            answered: number;
            /**
             * @description Number of papers brought
             * @example 0
             */
            brought: number;
            /**
             * @description Time of closing
             * @example 2026-11-22T08:20:00.000Z
             */
            closed: string;
            /**
             * @description Outcome of the case
             * @example accepted
             * @enum {string}
             */
            outcome: "accepted" | "rejected" | "withdrawn";
        };
        ClosedTodayDto: {
            /** @description Cases of today (Asia/Shanghai), last closed first, at most 200 */
            cases: components["schemas"]["ClosedCaseDto"][];
        };
        ConfirmEnrolmentBody: {
            /**
             * @description Compact JWS by the terminal's registered key (kid its thumbprint), typ enrolment+jws, over exactly {sub, enrolment, jkt, iat} (±60 s).
             * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImVucm9sbWVudCtqd3MifQ.e30.c2lnbmF0dXJl
             */
            statement: string;
        };
        ConfirmedEnrolment: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            enrolment: string;
            /**
             * @description The key that is now enrolled for the subject.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string;
        };
        CountsDto: {
            /**
             * @description Materials answered by a release
             * @example 12
             */
            exemptions: number;
            /**
             * @description Certificates released
             * @example 12
             */
            releases: number;
            /**
             * @description Repeated readings of released certificates
             * @example 1
             */
            readings: number;
        };
        DamageDto: {
            /**
             * @description Code of the refusal to seal.
             * @example store_changed
             */
            code: string;
            /**
             * Format: date-time
             * @example 2026-11-30T08:15:00.000Z
             */
            since: string;
        };
        DifferenceDto: {
            /**
             * @description The member of the definition or the rule.
             * @example answers
             */
            member: string;
            /**
             * @description As the catalogue has it; null where it has nothing there.
             * @example ZZ001 applicant 姓名
             */
            before: string | null;
            /** @example ZZ001 applicant 姓名、公民身份号码 */
            after: string | null;
        };
        EnglishMissingDto: {
            /**
             * @example field_en_missing
             * @enum {string}
             */
            reason: "department_en_missing" | "material_en_missing" | "field_en_missing";
            /**
             * @description The name without an English one.
             * @example 住址
             */
            nameZh: string;
            /**
             * @description First line with this name.
             * @example 17
             */
            line: number;
            /**
             * @description Number of lines.
             * @example 3
             */
            lines: number;
        };
        EnrolmentCode: {
            /**
             * @description One-time code of the enrolment, for POST /v1/enrolments/offer.
             * @example xJ8kq2Vn0yZC7b1mR5tWdA
             */
            code: string;
        };
        EnrolmentState: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            enrolment: string;
            /**
             * @description How often its digits may still be typed; the scanned code works on at 0.
             * @example 5
             */
            typedTriesLeft: number | null;
            /**
             * @example offered
             * @enum {string}
             */
            state: "opened" | "offered" | "enrolled" | "expired";
            /**
             * @description The subject's id for this department: `sub` of the statement.
             * @example p5m1tN0c3uWvVQ2m4mXZpg
             */
            subject: string;
            /**
             * @description Thumbprint of the offered key; null until a phone offers one.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string | null;
            /**
             * @description Six digits of the offered key. The phone shows the same: compare them before confirming.
             * @example 048213
             */
            check: string | null;
            /**
             * @description Until when a phone can offer its key.
             * @example 2026-11-22T08:10:00.000Z
             */
            expires: string;
            /**
             * @description Until when the terminal can confirm; null until a phone offers a key.
             * @example 2026-11-22T08:15:00.000Z
             */
            confirmBy: string | null;
        };
        ErasureState: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            erasure: string;
            /**
             * @description The ledger's own subject id.
             * @example p5m1tN0c3uWvVQ2m4mXZpg
             */
            subject: string;
            /**
             * @description An expired or withdrawn one can be requested again, under another id.
             * @example requested
             * @enum {string}
             */
            state: "requested" | "expired" | "withdrawn" | "approved" | "erased";
            /**
             * @example consent-withdrawn
             * @enum {string}
             */
            reason: "purpose-ended" | "retention-ended" | "consent-withdrawn" | "unlawful" | "other-law";
            /**
             * @description Client id of the requesting administrator.
             * @example administrator
             */
            requestedBy: string;
            /**
             * @description The operator at that client; null where it acted by itself.
             * @example null
             */
            requestedByOperator: string | null;
            /**
             * @description The chain of registrars of the key: the client that registered it, the client that registered that one, and so on; of an operator also who invited it (`operator:` before an operator’s id). Empty if it was admitted by a key file on the ledger’s machine.
             * @example []
             */
            requesterKeyFrom: string[];
            /**
             * @description Client id of the approving administrator; null until approved.
             * @example second-administrator
             */
            approvedBy: string | null;
            /**
             * @description The operator at that client; null where it acted by itself, or until approved.
             * @example null
             */
            approvedByOperator: string | null;
            /**
             * @description The chain of registrars of the key: the client that registered it, the client that registered that one, and so on; of an operator also who invited it (`operator:` before an operator’s id). Empty if it was admitted by a key file on the ledger’s machine.
             * @example []
             */
            approverKeyFrom: string[];
            /**
             * @description Until when another administrator can approve: 30 days.
             * @example 2026-12-22T08:00:00.000Z
             */
            expires: string;
            /**
             * @description Grounds of the legal holds that prevent it.
             * @example []
             */
            holds: ("litigation" | "investigation" | "retention-by-law")[];
            record: components["schemas"]["RecordOfErasure"] | null;
        };
        ExclusionDto: {
            /**
             * @description Id of the exclusion, for the administrator who approves.
             * @example w0vF4cZtYyq9p4rT1dJZ3w
             */
            exclusion: string;
            /**
             * @description An expired or withdrawn one can be requested again, under another id.
             * @example excluded
             * @enum {string}
             */
            state: "requested" | "expired" | "withdrawn" | "excluded";
            /**
             * @description Stream name of the events in the event store; `sha256:` and the SHA-256 of the name if it is not a random one, because it may be personal.
             * @example book-9aX4mY0q2bC7dE1fG3hI5j
             */
            stream: string;
            events: components["schemas"]["NamedEventDto"][];
            /**
             * @description How the events got there, if known.
             * @example operators-mistake
             * @enum {string}
             */
            reason: "operators-mistake" | "another-program" | "intrusion" | "unknown";
            /** @description Size of the sealed log at that time. */
            sealed: components["schemas"]["SealedThenDto"];
            /**
             * @description Client id of the requesting administrator.
             * @example administrator
             */
            requestedBy: string;
            /**
             * @description The chain of registrars of the key: the client that registered it, the client that registered that one, and so on. Empty if it was admitted by a key file on the ledger’s machine.
             * @example []
             */
            requesterKeyFrom: string[];
            /**
             * @description Client id of the approving administrator; null until approved.
             * @example second-administrator
             */
            approvedBy: string | null;
            /**
             * @description The chain of registrars of the key: the client that registered it, the client that registered that one, and so on. Empty if it was admitted by a key file on the ledger’s machine.
             * @example []
             */
            approverKeyFrom: string[];
            /**
             * @description Until when another administrator can approve: 7 days.
             * @example 2026-11-29T08:00:00.000Z
             */
            expires: string;
        };
        ExclusionsDto: {
            /** @description In the order of the request. */
            exclusions: components["schemas"]["ExclusionDto"][];
        };
        ExemptionDto: {
            /** @example ZZ001 */
            material: string;
            /** @example 居民身份证 */
            nameZh: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Resident Identity Card
             */
            nameEn?: string;
            /** @example true */
            exemptible: boolean;
            /**
             * @description Reason why it is not exemptible.
             * @example null
             * @enum {string|null}
             */
            reason: "no_rule" | "original_surrendered" | "original_inspected" | null;
            /** @description Of the same role: alternatives. Of different roles: all needed, from each participant. */
            answers: components["schemas"]["AnswerDto"][];
        };
        FieldNameDto: {
            /** @example 公民身份号码 */
            key: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Citizen identity number
             */
            nameEn?: string;
        };
        FieldPersonDto: {
            /**
             * @example number
             * @enum {string}
             */
            says: "name" | "number" | "numbers" | "sex" | "birth";
            /**
             * @description The subject concerned.
             * @example holder
             * @enum {string}
             */
            whose: "holder" | "party-a" | "party-b" | "parties" | "head" | "spouse" | "mother" | "father" | "child" | "guardian" | "deceased" | "representative" | "other";
            /**
             * @description Kinds of numbers (GB/T 36903) allowed there; absent: any.
             * @example [
             *       "111"
             *     ]
             */
            kinds?: string[];
        };
        FoundCertificateDto: {
            /** @example qf3H0m1V2bQ0v4yJ8m7TJw */
            certificate: string;
            /** @example ZZ020 */
            type: string;
            /**
             * @description Today.
             * @example valid
             * @enum {string}
             */
            standing: "valid" | "suspended" | "revoked" | "cancelled" | "expired" | "not-yet-valid";
            /**
             * @description The newest version.
             * @example 1
             */
            version: number;
            /** @example 2026-11-22 */
            validFrom: string;
            /** @example 2046-11-22 */
            validUntil: string | null;
            /** @example 2026-11-22T08:00:00.000Z */
            issuedAt: string;
        };
        FoundCertificatesDto: {
            /** @description At most 100, newest first. */
            certificates: components["schemas"]["FoundCertificateDto"][];
            /**
             * @description Null on the last page.
             * @example qf3H0m1V2bQ0v4yJ8m7TJw
             */
            next: string | null;
        };
        GrantConsentDto: {
            /**
             * @description Compact JWS of the enrolled key, typ consent-grant+jws, over RFC 8785 of {answer: "grant", capacity, case, consent, digits, iat, noticeHash}; digits are the two that the window shows, null where it shows none
             * @example eyJ0eXAiOiJjb25zZW50LWdyYW50K2p3cyIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl
             */
            jws?: string;
            /** @description Instead of `jws`: the answer of a passkey of the phone that sends it */
            passkey?: components["schemas"]["PasskeyGrantDto"];
        };
        GrantedConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description State
             * @example granted
             * @enum {string}
             */
            state: "granted";
            /**
             * @description Until when the terminal can redeem it
             * @example 2026-11-22T08:12:30.000Z
             */
            redeemBy: string;
        };
        HandInDto: {
            /**
             * @description The SD-JWT (RFC 9901) that the authority signed, compact, with every disclosure and without key binding.
             * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImRjK3NkLWp3dCJ9.eyJpc3MiOiIuLi4ifQ.c2ln~WyJzYWx0Iiwi5aeT5ZCNIiwiLi4uIl0~
             */
            sdJwt: string;
            /** @description The files that the SD-JWT refers to. */
            files?: components["schemas"]["HandedFileDto"][];
        };
        HandedFileDto: {
            /**
             * @description The claim that refers to the file: a field of kind image or file, or file.<name>.
             * @example file.original
             */
            name: string;
            /**
             * @description Storage id from the reply of POST /v1/files.
             * @example qf3H0m1V2bQ0v4yJ8m7TJw
             */
            blob: string;
            /**
             * @description Key from the reply of POST /v1/files.
             * @example 9bqz0Wm0i3cJ5m1xv2yQYw5xN7q0dQm5v0yXQm2cB4E
             */
            key: string;
        };
        HandedOverDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description What it may be used for
             * @example read
             * @enum {string}
             */
            action: "read" | "print";
            /**
             * @description On what ground it is handed over
             * @example consent
             * @enum {string}
             */
            basis: "consent" | "mandate" | "next-of-kin" | "duty";
            /**
             * @description The holder’s id for this department
             * @example h3Yv0QmLxW8sPzR1tKdA5g
             */
            subject: string;
            /** @description For a watermark */
            purpose: components["schemas"]["PurposeDto"];
            /** @description Materials that are answered */
            materials: components["schemas"]["MaterialReleasedDto"][];
            /** @description Materials that are not answered, with reasons */
            missing: components["schemas"]["MissingDto"][];
        };
        HeldCertificateDto: {
            /** @example qf3H0m1V2bQ0v4yJ8m7TJw */
            certificate: string;
            /** @example ZZ001 */
            type: string;
            /** @example 居民身份证 */
            nameZh: string;
            /** @example Resident Identity Card */
            nameEn: string;
            /**
             * @description Credit code of the authority.
             * @example 11430112000000001P
             */
            authority: string;
            /**
             * @example [
             *       "holder"
             *     ]
             */
            roles: string[];
            /**
             * @description Today.
             * @example valid
             * @enum {string}
             */
            standing: "valid" | "suspended" | "revoked" | "cancelled" | "expired" | "not-yet-valid";
            /** @example 1 */
            version: number;
            /** @example 2026-11-22 */
            validFrom: string;
            /** @example 2046-11-22 */
            validUntil: string | null;
            /**
             * @description GB/T 36904.
             * @example 1.2.156.3005.2.11100000000013127D001.11430112000000001P.20260000001.001.0
             */
            identifier: string | null;
            /**
             * @description The decrypted fields, by their keys.
             * @example {
             *       "姓名": "测试甲"
             *     }
             */
            fields: {
                [key: string]: unknown;
            };
            /**
             * @description English names of the fields, by their keys, where the catalogue has them.
             * @example {
             *       "姓名": "Name"
             *     }
             */
            fieldNamesEn: {
                [key: string]: string;
            };
        };
        HolderConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description State
             * @example waiting
             * @enum {string}
             */
            state: "waiting" | "granted" | "refused" | "withdrawn" | "ended" | "redeemed" | "withheld" | "expired" | "mismatched";
            /**
             * @description The requesting department
             * @example 人社
             */
            department: string;
            /**
             * @description Window
             * @example window-3
             */
            window: string;
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /**
             * @description Purpose
             * @example 办理“灵活就业人员参保登记”
             */
            purpose: string;
            /**
             * @description What the data may be used for
             * @example read
             * @enum {string}
             */
            action: "read" | "print";
            /** @description Data */
            asks: components["schemas"]["AskDto"][];
            /**
             * @description Until when it can be answered
             * @example 2026-11-22T08:10:00.000Z
             */
            answerBy: string;
            /**
             * @description Until when it can be redeemed, once granted
             * @example null
             */
            redeemBy: string | null;
            /**
             * @description Why it ended without the holder’s answer; null where it did not
             * @example null
             * @enum {string|null}
             */
            endReason: "material_brought" | "phone_key_revoked" | "request_withdrawn" | "nothing_to_release" | null;
            /** @description The text to show and to sign */
            notice: components["schemas"]["NoticeDto"];
            /**
             * @description Whether the two digits that the window shows have to be signed
             * @example required
             * @enum {string}
             */
            numberMatch: "required" | "none";
            /**
             * @description How often the digits can still be sent; with the last miss the request is closed
             * @example 2
             */
            numberTries: number;
        };
        HolderConsentsDto: {
            /** @description Those that wait or can be redeemed first: the newest of each window, then the second newest of each; then the others, the newest first. At most 100 per page */
            consents: components["schemas"]["HolderConsentDto"][];
            /**
             * @description Value of `after` for the next page; null on the last one
             * @example null
             */
            next: string | null;
        };
        HolderPasskeyOptions: {
            /** @description PublicKeyCredentialCreationOptionsJSON of Web Authentication Level 3. */
            publicKey: {
                [key: string]: unknown;
            };
        };
        IdentifiedSubject: {
            /**
             * @description The id by which this department knows the subject; no other department has it.
             * @example p5m1tN0c3uWvVQ2m4mXZpg
             */
            subject: string;
        };
        IdentifierDto: {
            /**
             * @description Kind of number, GB/T 36903: 111 resident id number, 001 unified social credit code
             * @example 111
             * @enum {string}
             */
            kind: "001" | "111" | "411" | "412" | "413" | "414" | "511" | "516" | "999";
            /**
             * @description The number as printed; its check character must be correct
             * @example 11010519491231002X
             */
            number: string;
            /**
             * @description Whose number it is, where the kind does not say it. Of kinds 411–414 the issuing state as line 1 of the passport has it (ICAO Doc 9303, part 3: FRA, D, …); of kind 999 whoever issued the paper, as printed, without spaces. Not with other kinds.
             * @example FRA
             */
            issuer?: string;
        };
        IdentifierOfSubject: {
            /**
             * @description Kind of number (GB/T 36903): 001 unified social credit code, 111 resident id number, 411–414 passports, 511 and 516 permits, 999 other.
             * @example 111
             * @enum {string}
             */
            kind: "001" | "111" | "411" | "412" | "413" | "414" | "511" | "516" | "999";
            /**
             * @description The number as printed. Kinds 001 and 111 need a correct check character.
             * @example 11010519491231002X
             */
            number: string;
            /**
             * @description Whose number it is, where the kind does not say it. Of kinds 411–414 the issuing state as line 1 of the passport has it (ICAO Doc 9303, part 3: FRA, D, …); of kind 999 whoever issued the paper, as printed, without spaces. Not with other kinds.
             * @example FRA
             */
            issuer?: string;
        };
        IdentifierReadDto: {
            /**
             * @description Kind of number, GB/T 36903
             * @example 111
             * @enum {string}
             */
            kind: "001" | "111" | "411" | "412" | "413" | "414" | "511" | "516" | "999";
            /**
             * @description The number as printed
             * @example 11010519491231002X
             */
            number: string;
            /**
             * @description Whose number it is, where the kind does not say it. Of kinds 411–414 the issuing state as line 1 of the passport has it (ICAO Doc 9303, part 3: FRA, D, …); of kind 999 whoever issued the paper, as printed, without spaces. Not with other kinds.
             * @example FRA
             */
            issuer?: string;
        };
        IdentifySubjectBody: {
            identifier: components["schemas"]["IdentifierOfSubject"];
            /**
             * @description How the person was identified: by document, by face, or by an authority’s record.
             * @example document
             * @enum {string}
             */
            basis: "document" | "face" | "authority";
        };
        ImportCatalogueDto: {
            /**
             * @description A types, matters or rules file, TSV or CSV, with its header.
             * @example matter	material	type	whose	fields	indicative	reason
             *     SX0001	ZZ001	ZZ001	applicant	姓名;公民身份号码	yes
             */
            content: string;
            /**
             * @description Added to line numbers, if the content is part of a larger file.
             * @example 0
             */
            lineOffset?: number;
        };
        ImportReportDto: {
            /**
             * @example rules
             * @enum {string}
             */
            kind: "types" | "matters" | "rules";
            /**
             * @description What was imported: types, matters, or materials of rules.
             * @example 479
             */
            added: number;
            /** @example 0 */
            changed: number;
            /** @example 0 */
            unchanged: number;
            /** @description Refused lines, with reasons. */
            refused: components["schemas"]["RefusedLineDto"][];
            /**
             * @description Departments whose names look alike. They were imported all the same: check that both exist.
             * @example [
             *       [
             *         "公安",
             *         "公安．"
             *       ]
             *     ]
             */
            lookalikes: string[][];
            /** @description Names without an English one. They were imported all the same: English notices show the Chinese name. */
            englishMissing: components["schemas"]["EnglishMissingDto"][];
        };
        InviteOperatorDto: {
            /**
             * @description All roles from now on.
             * @example [
             *       "clerk"
             *     ]
             */
            roles: ("clerk" | "second-operator" | "administrator" | "auditor")[];
            /**
             * @description Name of the person; recorded sealed.
             * @example 示例·甲
             */
            name: string;
            /**
             * @description At whose terminals the operator signs in.
             * @example 人社
             */
            department: string;
        };
        InvitedOperatorView: {
            /**
             * @description As records name the operator.
             * @example VwYdZzZk0n4mX8yq1rT7Cg
             */
            operator: string;
            /**
             * @description Null once the name was erased.
             * @example 示例·甲
             */
            name: string | null;
            /** @example 人社 */
            department: string;
            /**
             * @example [
             *       "clerk"
             *     ]
             */
            roles: ("clerk" | "second-operator" | "administrator" | "auditor")[];
            /**
             * @description invited: has no passkey and no account yet, and cannot sign in.
             * @example enabled
             * @enum {string}
             */
            state: "invited" | "enabled" | "disabled";
            /**
             * Format: date-time
             * @description Until when the open invitation can be used.
             * @example null
             */
            invitedUntil: string | null;
            /**
             * @description Returned once. The operator opens /sign-in#invitation=… with it at a terminal of the department, and makes a passkey there, or binds an account at the operators’ issuer.
             * @example VwYdZzZk0n4mX8yq1rT7Cg.q3X7vN0s2kJ4mP8wR1tY6z
             */
            invitation: string;
        };
        IssuedDto: {
            /**
             * @description The certificate of this paper.
             * @example qf3H0m1V2bQ0v4yJ8m7TJw
             */
            certificate: string;
            /** @example ZZ001 */
            type: string;
            /**
             * @description The version, from 1.
             * @example 1
             */
            version: number;
            /**
             * @description Findings about its GB/T 36904 identifier; holder_has_another: the holder has another valid certificate of a type without number.
             * @example [
             *       "identifier_type_local"
             *     ]
             */
            flags: ("identifier_missing" | "identifier_malformed" | "identifier_check_wrong" | "identifier_type_unexpected" | "identifier_type_local" | "identifier_authority_malformed" | "identifier_authority_unexpected" | "identifier_version_unexpected" | "holder_has_another")[];
            /**
             * @description unchanged: the newest version has the same content.
             * @example recorded
             * @enum {string}
             */
            state: "recorded" | "unchanged";
            record: components["schemas"]["RecordDto"];
        };
        IssuerDto: {
            /** @example 11430112000000001P */
            creditCode: string;
            /**
             * @description As printed on certificates.
             * @example 示例市公安局
             */
            name: string;
            /**
             * @example [
             *       "ZZ001",
             *       "ZZ003"
             *     ]
             */
            types: string[];
        };
        KeptFileDto: {
            /** @example qf3H0m1V2bQ0v4yJ8m7TJw */
            blob: string;
            /**
             * @description Returned once; the ledger does not store it.
             * @example 9bqz0Wm0i3cJ5m1xv2yQYw5xN7q0dQm5v0yXQm2cB4E
             */
            key: string;
            /** @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 */
            sha256: string;
            /** @example application/pdf */
            mediaType: string;
        };
        KeyApprovalDto: {
            /**
             * @description The client whose key signed it: the client itself, by its old key, or an administrator.
             * @example second-administrator
             */
            by: string;
            /**
             * @description Compact JWS of type client-key-approval+jws: aud (the origin of the log), iat, by, client, and jkt, the thumbprint of the new key.
             * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImNsaWVudC1rZXktYXBwcm92YWwrand…
             */
            jws: string;
        };
        LedgerRecordDto: {
            /** @example 0 */
            version: number;
            /**
             * @description RFC 6962 leaf hash of the bytes, hexadecimal.
             * @example 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
             */
            hash: string;
            /**
             * @description The stored bytes as UTF-8 text: RFC 8785 canonical JSON. Hash these, not a re-serialisation. `actor` has the `client` that acted and, if a member of staff was signed in at that terminal, `operator`, a random id.
             * @example {"actor":{"client":"Yb2…","operator":"k7J…"},"city":"city.example","data":{},"id":"…"}
             */
            bytes: string;
        };
        LegalHold: {
            /**
             * @description Id of the legal hold.
             * @example mX4n0b1Jq9p4rT1dJZ3wYQ
             */
            hold: string;
        };
        LiftLegalHoldBody: {
            /**
             * @description Reason for lifting the hold.
             * @example ended
             * @enum {string}
             */
            basis: "ended" | "placed-in-error";
        };
        LimitsDto: {
            /**
             * @description REQUESTS_PER_SECOND: requests of one client.
             * @example 50
             */
            requestsPerSecond: number;
            /**
             * @description HOLDERS_PER_WINDOW_AND_DAY.
             * @example 300
             */
            holdersPerWindowAndDay: number;
            /**
             * @description HOLDERS_PER_DEPARTMENT_AND_DAY.
             * @example 3000
             */
            holdersPerDepartmentAndDay: number;
            /**
             * @description QUESTIONS_PER_HOLDER_AND_HOUR.
             * @example 30
             */
            questionsPerHolderAndHour: number;
            /**
             * @description CASES_PER_HOLDER_AND_DAY: cases that a holder opens online.
             * @example 10
             */
            casesPerHolderAndDay: number;
            /**
             * @description SIGN_IN_HOURS: the longest sign-in of an operator.
             * @example 10
             */
            signInHours: number;
            /**
             * @description RP_ID: the name to which operators’ passkeys belong.
             * @example ledger.city.example
             */
            relyingParty: string;
        };
        LogHealthDto: {
            /**
             * @description The worst of: damaged (nothing is sealed until an operator has checked), witnesses-missing, slow (records wait over 10 s for their seal, or a part is not ready), ok.
             * @example ok
             * @enum {string}
             */
            state: "ok" | "slow" | "witnesses-missing" | "damaged";
            /**
             * @description Records under the latest checkpoint.
             * @example 40185
             */
            records: number;
            /**
             * Format: date-time
             * @description Time of the latest cosignature under it; null where there is none.
             * @example 2026-11-30T08:15:00.000Z
             */
            sealedAt: string | null;
            /**
             * @description Age in seconds of the oldest record without a seal; 0 where there is none.
             * @example 0
             */
            waitingSeconds: number;
            witnesses: components["schemas"]["WitnessHealthDto"][];
            /**
             * @description Whether as many as the policy needs cosign what is written.
             * @example true
             */
            quorum: boolean;
            damage: components["schemas"]["DamageDto"] | null;
            /**
             * @example postgres
             * @enum {string}
             */
            store: "postgres" | "eventstoredb";
            /** @description As /health/ready of this process. */
            parts: components["schemas"]["PartHealthDto"][];
        };
        LogOriginDto: {
            /**
             * @description The first line of each checkpoint, and `city` of each record
             * @example trial.city.example
             */
            origin: string;
            /**
             * @description Whether the origin begins with `trial.`: then nothing here is of a real city
             * @example true
             */
            trial: boolean;
        };
        MaterialDto: {
            /** @example ZZ001 */
            code: string;
            /** @example 居民身份证 */
            nameZh: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Resident Identity Card
             */
            nameEn?: string;
        };
        MaterialForHoldersDto: {
            /** @example ZZ001 */
            material: string;
            /** @example 居民身份证 */
            nameZh: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Resident Identity Card
             */
            nameEn?: string;
            /** @example true */
            exemptible: boolean;
            /**
             * @description Reason why it is not exemptible.
             * @example null
             * @enum {string|null}
             */
            reason: "no_rule" | "original_surrendered" | "original_inspected" | null;
            /** @description Of the same role: alternatives. Of different roles: all needed, from each participant. */
            answers: components["schemas"]["NamedAnswerDto"][];
        };
        MaterialReleasedDto: {
            /**
             * @description Code of the material
             * @example ZZ001
             */
            material: string;
            /**
             * @description Its name
             * @example 居民身份证
             */
            nameZh: string;
            /**
             * @description Code of the certificate type
             * @example ZZ001
             */
            type: string;
            /**
             * @description Credit code of the issuing authority
             * @example 11430112000000001P
             */
            authority: string;
            /**
             * @description Version of the certificate
             * @example 1
             */
            version: number;
            /**
             * @description JWS of the authority, without disclosures
             * @example eyJ0eXAiOiJkYytzZC1qd3QiLCJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl
             */
            signed: string;
            /**
             * @description SD-JWT disclosures of the requested fields; the digest of each is in `signed`
             * @example [
             *       "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3Iiwi5aeT5ZCNIiwi5rWL6K-V55SyIl0"
             *     ]
             */
            disclosures: string[];
            /**
             * @description The same as a map
             * @example {
             *       "姓名": "测试甲",
             *       "公民身份号码": "11010519491231002X"
             *     }
             */
            fields: {
                [key: string]: unknown;
            };
            /**
             * @description Requested fields that the certificate lacks
             * @example []
             */
            absentFields: string[];
        };
        MatterDto: {
            /** @example SX0001 */
            code: string;
            /** @example 灵活就业人员参保登记 */
            nameZh: string;
            /** @example Social insurance enrolment of flexibly employed persons */
            nameEn: string;
            /** @example 人社 */
            department: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Human Resources and Social Security
             */
            departmentEn?: string;
            /**
             * @example district
             * @enum {string}
             */
            level: "municipal" | "district" | "town" | "village";
            /**
             * @example natural
             * @enum {string}
             */
            audience: "natural" | "legal";
            /** @example null */
            place: string | null;
            /** @example 灵活就业 */
            bundle: string | null;
            materials: components["schemas"]["MaterialDto"][];
            /**
             * @description What a kiosk does for it; absent where a window handles it.
             * @example print
             * @enum {string}
             */
            selfService?: "print";
        };
        MatterExemptionsDto: {
            /** @example SX0001 */
            matter: string;
            /** @example 灵活就业人员参保登记 */
            nameZh: string;
            /**
             * @description Which rules apply: its own, or those of the basic matter.
             * @example SX0001
             */
            rulesOf: string;
            /**
             * @description 0 if there are no rules.
             * @example 1
             */
            ruleVersion: number;
            /**
             * @description No department has confirmed the rules yet.
             * @example true
             */
            indicative: boolean;
            materials: components["schemas"]["ExemptionDto"][];
        };
        MatterForHoldersDto: {
            /** @example SX0001 */
            code: string;
            /** @example 灵活就业人员参保登记 */
            nameZh: string;
            /** @example Social insurance enrolment of flexibly employed persons */
            nameEn: string;
            /** @example 人社 */
            department: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Human Resources and Social Security
             */
            departmentEn?: string;
            /**
             * @example district
             * @enum {string}
             */
            level: "municipal" | "district" | "town" | "village";
            /**
             * @example natural
             * @enum {string}
             */
            audience: "natural" | "legal";
            /** @example null */
            place: string | null;
            /** @example 灵活就业 */
            bundle: string | null;
            /**
             * @description What a kiosk does for it; absent where a window handles it.
             * @example print
             * @enum {string}
             */
            selfService?: "print";
            /**
             * @description 0 if there are no rules.
             * @example 1
             */
            ruleVersion: number;
            /**
             * @description No department has confirmed the rules yet.
             * @example true
             */
            indicative: boolean;
            materials: components["schemas"]["MaterialForHoldersDto"][];
        };
        MattersDto: {
            /**
             * @description Total number of matches over all pages.
             * @example 192
             */
            total: number;
            /** @example 1 */
            page: number;
            /** @example 20 */
            size: number;
            matters: components["schemas"]["MatterDto"][];
        };
        MintedTokenDto: {
            /**
             * @description The consent token (typ consent+jwt), for this terminal and its key alone
             * @example eyJ0eXAiOiJjb25zZW50K2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl
             */
            token: string;
            /**
             * @description Expiry, after at most one minute
             * @example 2026-11-22T08:05:00.000Z
             */
            expires: string;
        };
        MissingDto: {
            /**
             * @description Code of the material
             * @example ZZ019
             */
            material: string;
            /**
             * @description Reason why the paper has to be brought
             * @example holder_has_none
             * @enum {string}
             */
            reason: "holder_has_none" | "fields_absent" | "certificate_suspended" | "certificate_revoked" | "certificate_cancelled" | "certificate_expired" | "certificate_not_yet_valid" | "record_absent";
        };
        MissingMaterialDto: {
            /**
             * @description Code of the material
             * @example ZZ019
             */
            material: string;
            /**
             * @description Reason why the paper has to be brought
             * @example holder_has_none
             * @enum {string}
             */
            reason: "holder_has_none" | "fields_absent" | "certificate_suspended" | "certificate_revoked" | "certificate_cancelled" | "certificate_expired" | "certificate_not_yet_valid" | "record_absent";
        };
        NamedAnswerDto: {
            /**
             * @description A certificate type that answers the material.
             * @example ZZ001
             */
            type: string;
            /** @example 居民身份证 */
            nameZh: string;
            /** @example Resident Identity Card */
            nameEn: string;
            /**
             * @description The department that issues it.
             * @example 公安
             */
            department: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Public Security
             */
            departmentEn?: string;
            /**
             * @description The subject of the certificate.
             * @example applicant
             * @enum {string}
             */
            whose: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /** @description The fields that the matter needs. */
            fields: components["schemas"]["FieldNameDto"][];
        };
        NamedCaseDto: {
            /**
             * @description Id of the case
             * @example b0mC3rWkTq6L1sXvY9zH4g
             */
            case: string;
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /**
             * @description Name of the matter
             * @example 灵活就业人员参保登记
             */
            matterName: string;
            /**
             * @description Name of the matter in English
             * @example Social insurance enrolment of flexibly employed persons
             */
            matterNameEn: string;
            /**
             * @description Time of opening
             * @example 2026-11-22T08:00:00.000Z
             */
            opened: string;
            /**
             * @description Number of materials of the matter
             * @example 2
             */
            materials: number;
        };
        NamedEventDto: {
            /**
             * @description In the stream itself, or in its metadata in the event store.
             * @example events
             * @enum {string}
             */
            part: "events" | "metadata";
            /**
             * @description Version as counted by the event store.
             * @example 5
             */
            version: number;
            /**
             * @description Position in the event store; opaque.
             * @example 40185
             */
            position: string;
            /**
             * @description RFC 6962 leaf hash of its bytes, hexadecimal.
             * @example 9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a
             */
            hash: string;
        };
        NoticeDto: {
            /**
             * @description Version of the wording
             * @example 1
             */
            version: number;
            /**
             * @description The text in Chinese
             * @example …请您同意，为办理“…”使用…
             */
            zh: string;
            /**
             * @description The text in English
             * @example … asks you to agree …
             */
            en: string;
            /**
             * @description SHA-256, base64url, of RFC 8785 of {version, zh, en, consent}: what is signed
             * @example 2jmj7l5rSw0yVb_vlWAYkK_YBwk2jmj7l5rSw0yVb_w
             */
            hash: string;
        };
        OfferPhoneKeyBody: {
            /**
             * @description The code that the window showed.
             * @example xJ8kq2Vn0yZC7b1mR5tWdA
             */
            code: string;
            /**
             * @description Public JWK of the phone: Ed25519 or P-256.
             * @example {
             *       "kty": "OKP",
             *       "crv": "Ed25519",
             *       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
             *     }
             */
            jwk: {
                [key: string]: unknown;
            };
            /**
             * @description Compact JWS by that key, typ phone-key+jws, over exactly {codeHash, jkt, iat}: SHA-256 of the code in base64url, RFC 7638 thumbprint of the key, whole seconds since 1970 (±60 s).
             * @example eyJhbGciOiJFZERTQSIsInR5cCI6InBob25lLWtleStqd3MifQ.e30.c2lnbmF0dXJl
             */
            proof: string;
        };
        OfferTerminalDto: {
            /**
             * @description Public JWK of the browser’s own key, Ed25519 or P-256.
             * @example {
             *       "kty": "OKP",
             *       "crv": "Ed25519",
             *       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
             *     }
             */
            jwk: {
                [key: string]: unknown;
            };
            /**
             * @description Nonce of the invitation link: at least 128 bits in base64url.
             * @example q3X7vN0s2kJ4mP8wR1tY6z
             */
            invitation?: string | null;
        };
        OfferedKeyBody: {
            /**
             * @description RFC 7638 thumbprint of the key that the phone offered.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string;
        };
        OfferedKeyState: {
            /**
             * @description Whether a clerk confirmed the key, and nobody took it back.
             * @example false
             */
            enrolled: boolean;
        };
        OfferedPhoneKey: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            enrolment: string;
            /**
             * @description RFC 7638 thumbprint of the offered key, which the clerk compares with the phone’s display.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string;
        };
        OfferedTerminal: {
            /**
             * @description With which the administrator finds the offer.
             * @example K7QD42XM
             */
            handle: string;
            /**
             * @description Six digits of the key: the administrator’s page shows the same.
             * @example 048213
             */
            check: string;
            /**
             * @description Secret with which the browser polls its offer. Returned once.
             * @example q3X7vN0s2kJ4mP8wR1tY6z
             */
            ticket: string;
            /**
             * Format: date-time
             * @example 2026-11-30T08:15:00.000Z
             */
            expires: string;
        };
        OpenApplicationDto: {
            /**
             * @description Compact JWS by the enrolled key, typ `case-application+jws`, over the RFC 8785 bytes of `act` (`open`), `capacity` (`self`), `case` (128 random bits, base64url: the id that the case gets), `department`, `iat`, `matter` and `matterName` (Chinese)
             * @example eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl
             */
            jws: string;
        };
        OpenCaseDto: {
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /** @description Participants, one to ten */
            participants: components["schemas"]["ParticipantDto"][];
            /**
             * @description Number by which the hall calls the applicant; letters and digits only
             * @example A023
             */
            queueNumber?: string;
            /**
             * @description At a kiosk: codes of the materials that the case is about, at most 20; by default all of the matter
             * @example [
             *       "ZZ001"
             *     ]
             */
            materials?: string[];
        };
        OpenEnrolmentBody: {
            identifier: components["schemas"]["IdentifierOfSubject"];
        };
        OpenErasures: {
            erasures: components["schemas"]["ErasureState"][];
        };
        OpenedEnrolment: {
            /**
             * @description Id of the enrolment.
             * @example w0vF4cZtYyq9p4rT1dJZ3w
             */
            enrolment: string;
            /**
             * @description One-time code for the phone (128 bits). Show it as a QR code; it is not stored.
             * @example xJ8kq2Vn0yZC7b1mR5tWdA
             */
            code: string;
            /** @description The same code where it is typed: five tries at most. */
            typed: components["schemas"]["TypedCodeBody"];
            /**
             * @description Until when a phone can use it.
             * @example 2026-11-22T08:10:00.000Z
             */
            expires: string;
        };
        OperatorPageView: {
            operators: components["schemas"]["OperatorView"][];
            /**
             * @description The id after which the next page begins; null on the last.
             * @example null
             */
            next: string | null;
        };
        OperatorView: {
            /**
             * @description As records name the operator.
             * @example VwYdZzZk0n4mX8yq1rT7Cg
             */
            operator: string;
            /**
             * @description Null once the name was erased.
             * @example 示例·甲
             */
            name: string | null;
            /** @example 人社 */
            department: string;
            /**
             * @example [
             *       "clerk"
             *     ]
             */
            roles: ("clerk" | "second-operator" | "administrator" | "auditor")[];
            /**
             * @description invited: has no passkey and no account yet, and cannot sign in.
             * @example enabled
             * @enum {string}
             */
            state: "invited" | "enabled" | "disabled";
            /**
             * Format: date-time
             * @description Until when the open invitation can be used.
             * @example null
             */
            invitedUntil: string | null;
        };
        PageOfSetDto: {
            /**
             * @description Path in the build
             * @example phone/index.html
             */
            path: string;
            /**
             * @description SHA-256 of its bytes, base64url
             * @example LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ
             */
            hash: string;
        };
        PagesRecordDto: {
            /**
             * @description Stream of the record
             * @example pages-published
             */
            stream: string;
            /**
             * @description Version in the stream
             * @example 3
             */
            version: number;
            /**
             * @description Leaf hash of the record, hexadecimal
             * @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9
             */
            hash: string;
            /**
             * @description The record as it is stored
             * @example {"actor":{"client":"city"},…
             */
            bytes: string;
        };
        PaperNumberDto: {
            /**
             * @description The field that holds the number of the certificate.
             * @example 公民身份号码
             */
            field: string;
            /**
             * @description What the number identifies within one authority: a certificate, or one holder’s part of it.
             * @example paper
             * @enum {string}
             */
            unique: "paper" | "paper-and-holder";
        };
        PaperRowDto: {
            /**
             * @description Value of the dimension: a reason is one of those with which a paper is recorded; a window is prefixed with its department
             * @example no_phone
             */
            key: string;
            /**
             * @description Papers brought
             * @example 12
             */
            papers: number;
        };
        PapersDto: {
            /**
             * @description First day
             * @example 2026-11-01
             */
            from: string;
            /**
             * @description Last day
             * @example 2026-11-30
             */
            to: string;
            /**
             * @description Dimension
             * @example reason
             * @enum {string}
             */
            by: "reason" | "material" | "matter" | "day" | "department" | "window" | "town";
            /**
             * @description All papers of these days
             * @example 12
             */
            total: number;
            /** @description Counts by the dimension, most first */
            rows: components["schemas"]["PaperRowDto"][];
        };
        PartHealthDto: {
            /** @example projections */
            part: string;
            /**
             * @description `ok`, or the code of the obstacle.
             * @example ok
             */
            state: string;
        };
        ParticipantDto: {
            /**
             * @description Role of the participant; each role once
             * @example applicant
             * @enum {string}
             */
            role: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /** @description The number that the clerk read from the document; either this or `code` */
            identifier?: components["schemas"]["IdentifierDto"];
            /**
             * @description The value of the QR code on the holder's phone; either this or `identifier`
             * @example q2m0bR7cV1xJ3kYt8wZ5dA
             */
            code?: string;
        };
        PasskeyCreationView: {
            /** @description PublicKeyCredentialCreationOptionsJSON of Web Authentication Level 3. */
            publicKey: {
                [key: string]: unknown;
            };
        };
        PasskeyGrantDto: {
            /**
             * @description Id of the passkey
             * @example Y3JlZGVudGlhbA
             */
            credentialId: string;
            /**
             * @description As the browser gave it, base64url
             * @example Y3JlZGVudGlhbA
             */
            authenticatorData: string;
            /**
             * @description As the browser gave it, base64url. Its challenge is SHA-256 of RFC 8785 of {answer: "grant", capacity, case, consent, digits, noticeHash, typ: "consent-grant+webauthn"}
             * @example Y3JlZGVudGlhbA
             */
            clientDataJSON: string;
            /**
             * @description As the browser gave it, base64url
             * @example Y3JlZGVudGlhbA
             */
            signature: string;
            /**
             * @description The two digits of the challenge; null where it has none
             * @example 37
             */
            digits: string | null;
        };
        PasskeyInvitationDto: {
            /**
             * @description As POST /v1/operators returned it.
             * @example VwYdZzZk0n4mX8yq1rT7Cg.q3X7vN0s2kJ4mP8wR1tY6z
             */
            invitation: string;
        };
        PasskeyOfHolder: {
            /**
             * @description Thumbprint of the passkey’s key.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string;
            /**
             * @description Its public key.
             * @example {
             *       "kty": "EC",
             *       "crv": "P-256",
             *       "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
             *       "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
             *     }
             */
            jwk: {
                [key: string]: unknown;
            };
            /**
             * @description The id by which the authenticator knows it.
             * @example Y3JlZGVudGlhbA
             */
            credential: string;
            /**
             * @description The RP ID that it was made for.
             * @example city.example
             */
            rpId: string;
            /**
             * @description Hints for its next use.
             * @example [
             *       "internal"
             *     ]
             */
            transports: string[];
            /**
             * @example active
             * @enum {string}
             */
            state: "active" | "revoked";
            /**
             * @description What the key of the phone signed for it: the phone can check its own word.
             * @example eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3NrZXkrandzIn0.e30.c2lnbmF0dXJl
             */
            statement: string;
        };
        PhoneKeyOfHolder: {
            /** @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k */
            jkt: string;
            /**
             * @example active
             * @enum {string}
             */
            state: "active" | "revoked";
            /**
             * @description The department whose terminal signed the enrolment.
             * @example social-security
             */
            department: string;
            /**
             * @description Whether it is the key of this request.
             * @example true
             */
            asking: boolean;
            /** @description Passkeys that were made beside it. */
            passkeys: components["schemas"]["PasskeyOfHolder"][];
        };
        PhoneKeysOfHolder: {
            keys: components["schemas"]["PhoneKeyOfHolder"][];
        };
        PlaceLegalHoldBody: {
            /** @description The subject, by number. Either this or `subject`. */
            identifier?: components["schemas"]["IdentifierOfSubject"];
            /**
             * @description The ledger’s own subject id. Either this or `identifier`.
             * @example p5m1tN0c3uWvVQ2m4mXZpg
             */
            subject?: string;
            /**
             * @description Ground on which the data must be kept.
             * @example litigation
             * @enum {string}
             */
            basis: "litigation" | "investigation" | "retention-by-law";
        };
        PreviewedRowDto: {
            /**
             * @description Line of the file; the header is line 1.
             * @example 2
             */
            line: number;
            /**
             * @description Code of the type or matter.
             * @example SX0001
             */
            code: string;
            /**
             * @description Of a rules file: the material, which may have several lines.
             * @example ZZ001
             */
            material: string | null;
            /** @example 居民身份证 */
            nameZh: string;
            /**
             * @example changed
             * @enum {string}
             */
            change: "added" | "changed" | "unchanged";
            /** @description Empty for what is added or unchanged. */
            differs: components["schemas"]["DifferenceDto"][];
        };
        /** @description RFC 9457. Programs switch on `code`, which is stable; texts may change. */
        Problem: {
            /**
             * Format: uri-reference
             * @example /problems/consent_spent
             */
            type: string;
            /** @example The current state does not allow this */
            title: string;
            /** @example 409 */
            status: number;
            code: components["schemas"]["ProblemCode"];
            /** @example this consent has been used */
            detail: string;
            /** @description What to do. */
            hint?: string;
            /** @description Ids and codes that identify what happened; no personal data. */
            facts?: {
                [key: string]: unknown;
            };
            /** @description The id under which the request is logged. */
            request: string;
        };
        /**
         * @description What happened, for programs. contracts/codes.json has the family, the texts in Chinese and English, and what to do. Later releases add codes: treat an unknown one by its status.
         * @example consent_spent
         * @enum {string}
         */
        ProblemCode: "account_answer_foreign" | "account_answer_malformed" | "account_method_weak" | "account_not_confirmed" | "account_sign_in_old" | "account_statement_refused" | "account_token_expired" | "account_token_foreign" | "account_token_not_verified" | "account_token_replayed" | "account_unknown" | "action_not_of_case" | "address_not_here" | "address_rate_exceeded" | "answer_lost" | "append_uncertain" | "application_malformed" | "application_of_other_kind" | "application_out_of_date" | "application_signature_refused" | "application_stale" | "as_of_missing" | "as_of_repeated" | "as_of_to_come" | "ask_beyond_rule" | "audience_unknown" | "authority_code_taken" | "authority_key_later" | "authority_key_unknown" | "authority_keys_behind" | "authority_keys_malformed" | "authority_keys_of_other_log" | "authority_keys_too_many" | "authority_signature_wrong" | "authority_word_malformed" | "authority_word_other" | "basis_not_supported" | "batch_column_missing" | "batch_empty" | "batch_not_text" | "batch_too_long" | "blob_id_taken" | "blob_too_large" | "body_aborted" | "body_too_large" | "body_unexpected" | "caller_not_issuing_authority" | "caller_not_principal" | "caller_unknown" | "capacity_not_supported" | "case_absent" | "case_already_open" | "case_already_taken" | "case_closed" | "case_in_hand" | "case_not_online" | "case_not_taken" | "case_of_another_window" | "case_request_under_way" | "case_self_service" | "cases_of_holder" | "category_unknown" | "certificate_cancelled" | "certificate_exists" | "certificate_expired" | "certificate_not_yet_valid" | "certificate_revoked" | "certificate_suspended" | "certificate_unknown" | "certificate_valid" | "chain_broken" | "chain_gap" | "chain_of_other_log" | "chain_of_other_stream" | "checkpoint_malformed" | "checkpoint_not_signed" | "city_not_trial" | "city_running" | "city_unknown" | "claim_unknown" | "claim_wrong" | "client_admitted_by_city" | "client_authority_code_wrong" | "client_authority_missing" | "client_authority_type_unknown" | "client_authority_types_missing" | "client_authority_types_too_many" | "client_authority_unexpected" | "client_disabled" | "client_exists" | "client_is_own" | "client_key_approver_unfit" | "client_key_approvers_not_independent" | "client_key_not_current" | "client_key_retired" | "client_key_taken" | "client_key_twice" | "client_key_unapproved" | "client_key_unknown" | "client_keys_missing" | "client_scope_not_of_kind" | "client_sign_in_not_of_kind" | "client_unknown" | "client_window_missing" | "code_duplicate" | "code_malformed" | "column_missing" | "column_twice" | "column_unknown" | "columns_too_many" | "columns_wrong" | "connection_lost" | "consent_absent" | "consent_already_granted" | "consent_already_requested" | "consent_already_waiting" | "consent_ended" | "consent_expired" | "consent_for_other_action" | "consent_not_granted" | "consent_not_redeemed" | "consent_of_another_case" | "consent_of_another_terminal" | "consent_refused" | "consent_schema_unknown" | "consent_spent" | "consent_terms_unknown" | "consent_twice" | "consent_withdrawn" | "consistency_not_proved" | "content_type_unsupported" | "daily_holders_of_department" | "daily_holders_of_window" | "database_encoding_wrong" | "database_in_use" | "database_login_refused" | "database_missing" | "database_not_owned" | "database_not_started" | "database_password_lost" | "database_port_taken" | "database_read_only" | "database_too_old" | "database_unavailable" | "database_unreachable" | "database_user_missing" | "database_version" | "database_version_unsupported" | "disclosure_malformed" | "disclosure_missing" | "disclosure_not_signed" | "disclosure_repeated" | "disclosure_unknown" | "disk_full" | "enrolment_absent" | "enrolment_code_refused" | "enrolment_expired" | "enrolment_not_offered" | "enrolment_statement_refused" | "erasure_absent" | "erasure_administrators_not_independent" | "erasure_expired" | "erasure_needs_second_administrator" | "erasure_of_another_administrator" | "erasure_on_legal_hold" | "erasure_requester_changed" | "erasure_under_way" | "erasure_withdrawn" | "event_malformed" | "event_schema_unknown" | "event_store_access_changed" | "event_store_access_not_given" | "event_store_access_of_others" | "event_store_administrator_refused" | "event_store_login_missing" | "event_store_open" | "event_store_password_differs" | "event_store_shared" | "event_store_user_disabled" | "event_store_user_is_administrator" | "event_stream_closed" | "event_stream_replaced" | "event_streams_full" | "event_too_large" | "exclusion_absent" | "exclusion_administrators_not_independent" | "exclusion_changed" | "exclusion_expired" | "exclusion_needs_second_administrator" | "exclusion_of_another_administrator" | "exclusion_of_damaged" | "exclusion_of_sealed" | "exclusion_requester_changed" | "exclusion_unclear" | "exclusion_withdrawn" | "feed_behind" | "field_contradicts" | "field_duplicate" | "field_name_taken" | "field_unknown" | "field_wrong" | "fields_absent" | "fields_beyond_consent" | "fields_other" | "file_empty" | "file_malformed" | "file_missing" | "file_not_utf8" | "file_too_long" | "file_wrong" | "files_unnamed_too_many" | "grant_counter_behind" | "grant_for_another_consent" | "grant_for_another_text" | "grant_from_elsewhere" | "grant_key_malformed" | "grant_key_missing" | "grant_malformed" | "grant_number_not_opened" | "grant_of_other_number" | "grant_of_other_request" | "grant_of_other_site" | "grant_passkey_unknown" | "grant_proof_unsupported" | "grant_signature_refused" | "grant_signature_wrong" | "grant_stale" | "grant_user_not_verified" | "grant_without_request" | "handed_over_other" | "head_malformed" | "head_of_other_checkpoint" | "head_other" | "headers_too_large" | "holder_has_none" | "holder_kind_wrong" | "holder_number_unknown" | "holder_passkey_algorithm_unsupported" | "holder_unknown" | "holders_changed" | "holders_wrong" | "idempotency_key_malformed" | "idempotency_key_missing" | "idempotency_key_reused" | "identifier_birth_impossible" | "identifier_check_failed" | "identifier_issuer_missing" | "identifier_issuer_unknown" | "identifier_issuer_unwanted" | "identifier_kind_unknown" | "identifier_malformed" | "inclusion_not_proved" | "indicative_unknown" | "internal" | "issuer_not_caller" | "issuer_unreachable" | "json_duplicate_member" | "json_forbidden_member" | "json_malformed" | "json_not_canonical" | "json_nul" | "json_number_inexact" | "json_too_deep" | "json_too_many" | "jws_algorithm_refused" | "jws_header_forbidden" | "jws_key_unknown" | "jws_malformed" | "jws_payload_malformed" | "jws_signature_wrong" | "jws_type_wrong" | "key_file_invalid" | "key_file_missing" | "key_file_readable_by_others" | "key_kind_unknown" | "key_malformed" | "key_member_unknown" | "key_not_of_caller" | "key_not_public" | "key_proof_of_other_client" | "key_proof_out_of_time" | "key_proof_signature_wrong" | "key_unusable" | "key_use" | "key_weak" | "keys_of_other_city" | "kind_unknown" | "large_bodies_busy" | "lease_lost" | "ledger_damaged" | "ledger_of_other_city" | "ledger_read_only" | "legal_hold_absent" | "level_unknown" | "line_malformed" | "line_too_long" | "log_never_cosigned" | "log_size_other" | "log_unknown" | "lookup_row_vanished" | "mandate_not_supported" | "master_key_in_environment" | "material_absent" | "material_already_answered" | "material_already_brought" | "material_duplicate" | "material_not_exemptible" | "material_not_released" | "material_twice" | "material_unknown" | "materials_missing" | "materials_of_matter" | "materials_unequal" | "matter_absent" | "matter_not_self_service" | "matter_self_service" | "matter_unknown" | "method_not_allowed" | "metrics_not_served" | "mismatch_without_request" | "names_unequal" | "national_code_check" | "national_code_malformed" | "no_answer" | "note_malformed" | "note_too_large" | "nothing_foreign" | "nothing_to_release" | "number_changed" | "number_field_wrong" | "number_mismatched" | "number_mismatched_twice" | "number_missing" | "number_not_asked" | "number_unique_unknown" | "old_size_other" | "open_routes_busy" | "operator_account_taken" | "operator_administers_by_passkey" | "operator_exists" | "operator_invitation_unusable" | "operator_is_own" | "operator_missing" | "operator_not_enabled" | "operator_of_other_department" | "operator_roles_missing" | "operator_signed_out" | "operator_signs_in_at_issuer" | "operator_unknown" | "operators_issuer_unreachable" | "origin_other" | "owner_unknown" | "page_absent" | "pages_not_built" | "pages_not_recorded" | "pages_record_malformed" | "pages_record_other" | "pages_set_misnamed" | "participant_absent" | "participant_ambiguous" | "participant_code_refused" | "participant_missing" | "participants_too_many" | "passkey_absent" | "passkey_algorithm_unsupported" | "passkey_challenge_unusable" | "passkey_counter_behind" | "passkey_malformed" | "passkey_needs_terminal" | "passkey_not_verified" | "passkey_sample_refused" | "passkey_statement_refused" | "passkey_unknown" | "passkeys_too_many" | "phone_key_absent" | "phone_key_proof_refused" | "phone_key_taken" | "phone_unknown" | "policy_duplicate" | "policy_malformed" | "policy_too_large" | "policy_unknown_name" | "port_not_allowed" | "port_taken" | "proof_answer_refused" | "proof_body_wrong" | "proof_key_wrong" | "proof_malformed" | "proof_method_wrong" | "proof_missing" | "proof_not_supported" | "proof_replayed" | "proof_signature_wrong" | "proof_source_away" | "proof_source_missing" | "proof_sources_wrong" | "proof_stale" | "proof_token_wrong" | "proof_url_wrong" | "questions_of_holder" | "quorum_missing" | "quotation_wrong" | "range_outside" | "rate_exceeded" | "reading_again_over" | "reading_already_answered" | "reason_missing" | "reason_unknown" | "reason_unwanted" | "rebuild_under_way" | "receipt_malformed" | "receipt_missing" | "receipt_of_other_checkpoint" | "receipt_too_large" | "record_absent" | "record_malformed" | "record_misnamed" | "record_missing" | "record_no_release" | "record_not_named" | "record_of_other_log" | "record_other" | "record_unknown" | "release_malformed" | "release_of_other_case" | "release_of_other_consent" | "release_of_other_materials" | "release_of_other_place" | "release_of_other_terms" | "release_withheld" | "release_without_grant" | "request_invalid" | "request_malformed" | "request_timeout" | "restore_unfinished" | "role_cannot_hold" | "role_twice" | "role_unknown" | "rotation_under_way" | "route_closed" | "route_unknown" | "rp_id_changed" | "rules_scattered" | "schema_newer" | "scope_missing" | "sd_jwt_malformed" | "sd_jwt_too_large" | "seal_pending" | "sealer_fenced" | "sealing_interrupted" | "service_away" | "setting_invalid" | "setting_missing" | "sibling_refused" | "sign_in_expired" | "sign_in_foreign" | "sign_in_from_elsewhere" | "sign_in_malformed" | "sign_in_over" | "signature_missing" | "signature_wrong" | "signing_keys_invalid" | "statement_absent" | "statement_key_unknown" | "statement_keys_malformed" | "statement_keys_of_other_log" | "statement_malformed" | "statement_of_other_log" | "statement_signature_wrong" | "store_busy" | "store_closed" | "store_fenced" | "store_of_other_kind" | "store_of_other_ledger" | "store_unreachable" | "store_url_invalid" | "stream_limited" | "stream_name_invalid" | "subject_absent" | "subject_erased" | "subject_erased_before" | "subject_key_absent" | "subject_key_destroyed" | "subject_merge_with_itself" | "subject_not_identified" | "terminal_offer_absent" | "terminal_offer_proved" | "terminal_offer_taken" | "terminal_offer_waiting" | "terminal_offers_too_many" | "text_refused" | "tile_path_malformed" | "tile_too_short" | "tile_unknown" | "token_audience_wrong" | "token_expired" | "token_for_another_release" | "token_issuer_wrong" | "token_lives_too_long" | "token_malformed" | "token_missing" | "token_not_given" | "token_not_yet_valid" | "token_of_another_client" | "token_of_another_key" | "token_scheme_wrong" | "token_signature_refused" | "token_signature_wrong" | "token_unavailable" | "token_unbound" | "tree_inconsistent" | "trial_not_on_loopback" | "trial_of_other_ledger" | "trial_state_unusable" | "type_changed" | "type_not_of_authority" | "type_unknown" | "url_too_long" | "validity_malformed" | "validity_wrong" | "value_malformed" | "value_missing" | "vault_not_in_use" | "version_conflict" | "version_not_next" | "version_outdated" | "version_supersedes_other" | "whom_ambiguous" | "window_required" | "witness_ahead" | "witness_folder_taken" | "witness_forgot" | "witness_not_started" | "witness_objects" | "witness_request_invalid" | "witness_silent";
        PullReleaseDto: {
            /**
             * @description The consent token that the ledger issued to this terminal
             * @example eyJ0eXAiOiJjb25zZW50K2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl
             */
            token: string;
            /**
             * @description What the data are wanted for, `read` where it is left out; it has to be what the holder agreed to
             * @example read
             * @enum {string}
             */
            action?: "read" | "print";
            /** @description With `print`: the number that the kiosk read from the document by which it opened the case. Without it, the number that a valid certificate of the holder attests is told to the department that makes an e-proof */
            identifier?: components["schemas"]["IdentifierReadDto"];
        };
        PurposeDto: {
            /**
             * @description In Chinese
             * @example 仅供人社（窗口：window-3）办理“灵活就业人员参保登记”使用 · 2026-11-22 16:03（北京时间） · 办件 b0mC3rWkTq6L1sXvY9zH4g
             */
            zh: string;
            /**
             * @description In English
             * @example Only for 人社 (window: window-3) to handle “Social insurance enrolment of flexibly employed persons” · 2026-11-22 16:03 (Beijing time) · case b0mC3rWkTq6L1sXvY9zH4g
             */
            en: string;
        };
        ReasonDto: {
            /**
             * @description Reason, as a code, so that no personal data are typed into the ledger.
             * @example maintenance
             * @enum {string}
             */
            reason: "lost" | "stolen" | "compromised" | "retired" | "maintenance" | "returned" | "other";
        };
        ReceiptDto: {
            /**
             * @description Proof that the record is in the sealed log: a C2SP tlog-proof, verified offline by `mianzheng verify receipt`; null if sealing took more than a second
             * @example c2sp.org/tlog-proof@v1
             *     extra uU0nuZNNPg…
             *     index 7
             *     …
             */
            receipt: string | null;
            /**
             * @description Path of the receipt, under the latest checkpoint at that time
             * @example /v1/receipts/book-1XnA0vJm3sYk2qLzR8tWcg/2?hash=b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9
             */
            at: string;
        };
        ReceiptedDto: {
            /** @description The released data */
            handedOver: components["schemas"]["HandedOverDto"];
            /**
             * @description 0 for the release, n for the n-th reading again
             * @example 0
             */
            reading: number;
            /**
             * @description Until when this terminal can read the same again, while the case is open
             * @example 2026-11-22T08:33:00.000Z
             */
            readAgainUntil: string;
            /** @description Place of the record in the ledger */
            record: components["schemas"]["ReleaseRecordDto"];
            /** @description Place of the record in the ledger */
            receipt: components["schemas"]["ReceiptDto"];
        };
        RecordDto: {
            /** @example certificate-qf3H0m1V2bQ0v4yJ8m7TJw */
            stream: string;
            /**
             * @description Counts from 0 in its stream.
             * @example 0
             */
            version: number;
            /**
             * @description Leaf hash of the record (RFC 6962), 64 hexadecimal digits.
             * @example d0b5…
             */
            hash: string;
        };
        RecordOfErasure: {
            /** @example subject-p5m1tN0c3uWvVQ2m4mXZpg */
            stream: string;
            /** @example 5 */
            version: number;
            /**
             * @description Leaf hash; its receipt is at /v1/receipts/{stream}/{version}?hash={hash}.
             * @example 9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a
             */
            hash: string;
        };
        RecordedPagesDto: {
            /**
             * @description Name of the set: SHA-256, base64url, of a line `HASH PATH` for each file, in the order of the paths
             * @example uU0nuZNNPgilLlLX2n2r-sSE7-N6U4DukIj3rOLvzek
             */
            set: string;
            /**
             * @description Version of the product that published it
             * @example 0.2.0
             */
            productVersion: string;
            /** @description Its files, in the order of their paths */
            files: components["schemas"]["PageOfSetDto"][];
            /** @description The record `PagesPublished` that names them */
            record: components["schemas"]["PagesRecordDto"];
            /**
             * @description The receipt of the record: a C2SP tlog-proof whose extra data are the leaf hash
             * @example c2sp.org/tlog-proof@v1
             *     extra uU0nuZNNPg…
             *     index 7
             *     …
             */
            receipt: string;
        };
        RecordsDto: {
            /** @example case-9aX4mY0q2bC7dE1fG3hI5j */
            stream: string;
            /** @description At most 1,000, in order; continue with the next version. */
            records: components["schemas"]["LedgerRecordDto"][];
        };
        RefusedLineDto: {
            /**
             * @description Line of the file; the header is line 1.
             * @example 17
             */
            line: number;
            /** @example SX0001 */
            code: string | null;
            /**
             * @example field_unknown
             * @enum {string}
             */
            reason: "columns_wrong" | "quotation_wrong" | "value_missing" | "value_malformed" | "code_malformed" | "code_duplicate" | "category_unknown" | "holder_unknown" | "validity_malformed" | "national_code_malformed" | "national_code_check" | "number_unique_unknown" | "number_field_wrong" | "field_unknown" | "field_duplicate" | "kind_unknown" | "owner_unknown" | "level_unknown" | "audience_unknown" | "materials_unequal" | "names_unequal" | "material_duplicate" | "material_unknown" | "type_unknown" | "matter_unknown" | "role_unknown" | "role_cannot_hold" | "indicative_unknown" | "reason_unknown" | "reason_missing" | "reason_unwanted" | "sibling_refused";
            /**
             * @description The column, code or field concerned.
             * @example 住址
             */
            detail: string;
        };
        RegisterClientDto: {
            /**
             * @description Kind of the client.
             * @example terminal
             * @enum {string}
             */
            kind: "terminal" | "kiosk" | "department" | "issuing-authority" | "auditor" | "administrator";
            /**
             * @description Name to show. Never the name of a person.
             * @example 一楼3号终端
             */
            name: string;
            /**
             * @description The department that it belongs to.
             * @example 人社
             */
            department: string;
            /**
             * @description The window of the client; required for terminals and kiosks. A department’s own system needs one for `cases:open` and `releases:pull`, because cases belong to a window and the daily limit of holders is counted per window. An online service is a window of its own, such as `online-1`.
             * @example hall-1-03
             */
            window?: string | null;
            /**
             * @description The town or village of the window; for statistics.
             * @example 示例镇
             */
            town?: string | null;
            /** @description For issuing authorities, and only for them. */
            authority?: components["schemas"]["AuthorityDto"] | null;
            /**
             * @description What it may do, recorded as it stands here; where left out, all that its kind may, without a window none of cases:open, releases:pull. By kind: terminal: subjects:identify, cases:open, releases:pull, matters:read; kiosk: subjects:identify, cases:open, releases:pull, matters:read; department: cases:open, releases:pull, matters:read, statistics:read; issuing-authority: certificates:issue, matters:read; auditor: ledger:audit, statistics:read, matters:read; administrator: clients:manage, catalogue:manage, subjects:erase, ledger:exclude, statistics:read, matters:read. A terminal with `signIn` operator may hold clients:manage, catalogue:manage, subjects:erase, statistics:read, ledger:audit, too, which its operators then have by their roles.
             * @example [
             *       "cases:open",
             *       "releases:pull",
             *       "matters:read"
             *     ]
             */
            scopes?: ("clients:manage" | "catalogue:manage" | "certificates:issue" | "subjects:identify" | "subjects:erase" | "cases:open" | "releases:pull" | "matters:read" | "statistics:read" | "ledger:audit" | "ledger:exclude")[] | null;
            /**
             * @description operator: a terminal at which an operator must be signed in for everything but signing in. client: it acts by itself. Where left out, operator for a browser that offered itself as a terminal, and client for all others.
             * @example client
             * @enum {string|null}
             */
            signIn?: "operator" | "client" | null;
            /** @description Its public keys. */
            keys: components["schemas"]["ClientKeyDto"][];
        };
        RegisteredClientView: {
            /**
             * @description The OAuth client id.
             * @example VwYdZzZk0n4mX8yq1rT7Cg
             */
            client: string;
            /**
             * @description Kind of the client.
             * @example terminal
             * @enum {string}
             */
            kind: "terminal" | "kiosk" | "department" | "issuing-authority" | "auditor" | "administrator";
            /**
             * @description Name to show.
             * @example 一楼3号终端
             */
            name: string;
            /**
             * @description The department that it belongs to.
             * @example 人社
             */
            department: string;
            /**
             * @description Its window.
             * @example hall-1-03
             */
            window: string | null;
            /**
             * @description Its town.
             * @example 示例镇
             */
            town: string | null;
            /** @description What the authority may issue. */
            authority: components["schemas"]["AuthorityDto"] | null;
            /**
             * @description Scopes of the client.
             * @example [
             *       "matters:read"
             *     ]
             */
            scopes: ("clients:manage" | "catalogue:manage" | "certificates:issue" | "subjects:identify" | "subjects:erase" | "cases:open" | "releases:pull" | "matters:read" | "statistics:read" | "ledger:audit" | "ledger:exclude")[];
            /** @description Keys in use. */
            keys: components["schemas"]["ClientKeyView"][];
            /**
             * @description Whether the client is enabled.
             * @example true
             */
            enabled: boolean;
            /**
             * @description Who acts at it.
             * @example client
             * @enum {string}
             */
            signIn: "operator" | "client";
            /**
             * @description Departments whose names look like the client’s. The client was registered all the same: check that both exist, because holders sign this name.
             * @example [
             *       [
             *         "人社",
             *         "入社"
             *       ]
             *     ]
             */
            lookalikes: string[][];
        };
        ReinstateDto: {
            /**
             * @example review_closed
             * @enum {string}
             */
            reason: "review_closed" | "period_served" | "decision_lifted";
        };
        ReleaseRecordDto: {
            /**
             * @description Stream of the record: the holder's book
             * @example book-1XnA0vJm3sYk2qLzR8tWcg
             */
            stream: string;
            /**
             * @description Version in the stream
             * @example 2
             */
            version: number;
            /**
             * @description Leaf hash of the record, hexadecimal
             * @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9
             */
            hash: string;
            /**
             * @description The stored record as UTF-8 text; SHA-256(0x00 ‖ these bytes) is its hash. `verifyRelease` of the offline verifier needs this, `handedOver`, the salt and the receipt
             * @example {"actor":{"client":"window-3-terminal"},"city":"city.example","data":{"case":"b0mC3rWkTq6L1sXvY9zH4g"},"id":"…"}
             */
            bytes: string;
            /**
             * @description The commitment in the record: SHA-256(salt ‖ RFC 8785 of `handedOver`), base64url
             * @example 2jmj7l5rSw0yVb_vlWAYkK_YBwk2jmj7l5rSw0yVb_w
             */
            commitment: string;
            /**
             * @description The salt, base64url; the ledger does not store it
             * @example uH2mVt5sQ0yXb3zK8wLrC1eNfA7dJpGoTiMvYqSx4hE
             */
            salt: string;
        };
        RequestConsentDto: {
            /**
             * @description The participant to ask
             * @example applicant
             * @enum {string}
             */
            role: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /**
             * @description Codes of the materials; the rules recorded in the case determine the fields
             * @example [
             *       "ZZ001"
             *     ]
             */
            materials: string[];
            /**
             * @description What the data may be used for: `print` at a kiosk, in the case of a self-service matter, and `read` in every other case
             * @default read
             * @example read
             * @enum {string}
             */
            action: "read" | "print";
        };
        RequestErasureBody: {
            /** @description The subject, by number. Either this or `subject`. */
            identifier?: components["schemas"]["IdentifierOfSubject"];
            /**
             * @description The ledger’s own subject id. Either this or `identifier`.
             * @example p5m1tN0c3uWvVQ2m4mXZpg
             */
            subject?: string;
            /**
             * @description Reason: the cases of article 47 of the Personal Information Protection Law.
             * @example consent-withdrawn
             * @enum {string}
             */
            reason: "purpose-ended" | "retention-ended" | "consent-withdrawn" | "unlawful" | "other-law";
        };
        RequestExclusionBody: {
            /**
             * @description Stream name of the events in the event store. If it cannot be written, leave it out and name one event by `position` and `hash`.
             * @example book-9aX4mY0q2bC7dE1fG3hI5j
             */
            stream?: string;
            /**
             * @description Position in the event store; opaque.
             * @example 40185
             */
            position?: string;
            /**
             * @description RFC 6962 leaf hash of its bytes, hexadecimal.
             * @example 9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a
             */
            hash?: string;
            /**
             * @description How the events got there, if known.
             * @example operators-mistake
             * @enum {string}
             */
            reason: "operators-mistake" | "another-program" | "intrusion" | "unknown";
        };
        RequestedErasure: {
            /**
             * @description Id of the erasure, for the administrator who approves.
             * @example w0vF4cZtYyq9p4rT1dJZ3w
             */
            erasure: string;
            /**
             * @description Until when another administrator can approve: 30 days.
             * @example 2026-12-22T08:00:00.000Z
             */
            expires: string;
        };
        RequirementAnswerDto: {
            /**
             * @description Code of the certificate type
             * @example ZZ001
             */
            type: string;
            /**
             * @description Role of the participant who holds it
             * @example applicant
             */
            whose: string;
            /**
             * @description The fields that the matter needs, and no others
             * @example [
             *       "姓名",
             *       "公民身份号码"
             *     ]
             */
            fields: string[];
        };
        RequirementDto: {
            /**
             * @description Code of the material
             * @example ZZ001
             */
            material: string;
            /**
             * @description Its name
             * @example 居民身份证
             */
            nameZh: string;
            /**
             * @description Absent where the catalogue had none.
             * @example Resident Identity Card
             */
            nameEn?: string;
            /**
             * @description State
             * @example exemptible
             * @enum {string}
             */
            state: "exemptible" | "waiting" | "granted" | "answered" | "to-be-brought" | "brought";
            /**
             * @description Reason why the paper has to be brought. Only after a grant: holder_has_none, fields_absent, certificate_*
             * @example null
             * @enum {string|null}
             */
            reason: "no_rule" | "no_participant" | "consent_refused" | "consent_expired" | "consent_withdrawn" | "consent_ended" | "release_withheld" | "holder_has_none" | "fields_absent" | "certificate_suspended" | "certificate_revoked" | "certificate_cancelled" | "certificate_expired" | "certificate_not_yet_valid" | "record_absent" | null;
            /** @description Certificates that would answer it: any one for each participating role */
            answers: components["schemas"]["RequirementAnswerDto"][];
            /**
             * @description The consent that determines the state
             * @example null
             */
            consent: string | null;
            /**
             * @description Whether its consent can be requested now
             * @example true
             */
            mayAsk: boolean;
            /** @description One for each participant who must provide it (such as both spouses); the overall state is that of the least advanced one */
            parts: components["schemas"]["RequirementPartDto"][];
        };
        RequirementPartDto: {
            /**
             * @description Role of the participant
             * @example applicant
             */
            whose: string;
            /**
             * @description State
             * @example exemptible
             * @enum {string}
             */
            state: "exemptible" | "waiting" | "granted" | "answered" | "to-be-brought" | "brought";
            /**
             * @description Reason why the paper has to be brought
             * @example null
             * @enum {string|null}
             */
            reason: "no_rule" | "no_participant" | "consent_refused" | "consent_expired" | "consent_withdrawn" | "consent_ended" | "release_withheld" | "holder_has_none" | "fields_absent" | "certificate_suspended" | "certificate_revoked" | "certificate_cancelled" | "certificate_expired" | "certificate_not_yet_valid" | "record_absent" | null;
            /**
             * @description The consent that determines the state
             * @example null
             */
            consent: string | null;
            /**
             * @description Whether this participant’s consent can be requested now
             * @example true
             */
            mayAsk: boolean;
        };
        RevokeDto: {
            /**
             * @example wrongly_issued
             * @enum {string}
             */
            reason: "wrongly_issued" | "obtained_by_fraud" | "penalty" | "court_order";
        };
        RevokePhoneKeyBody: {
            /**
             * @description Reason; not-wanted by default.
             * @example lost
             * @enum {string}
             */
            reason?: "lost" | "replaced" | "not-wanted";
        };
        RevokedPhoneKey: {
            /** @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k */
            jkt: string;
        };
        RotateKeyDto: {
            /**
             * @description Public JWK, Ed25519 or P-256, without the private part.
             * @example {
             *       "kty": "OKP",
             *       "crv": "Ed25519",
             *       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
             *     }
             */
            jwk: {
                [key: string]: unknown;
            };
            /**
             * @description Compact JWS by this key, `kid` its thumbprint. For a new client `typ` is client-registration+jws, and the payload has exactly aud (the origin of the log), iat, kind, name, department, window, town, authority, as the request has them and null where it has none. For a new key of a client that there is, client-key+jws with aud, iat and client. At most 30 days old.
             * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImNsaWVudC1yZWdpc3RyYXRpb24rand…
             */
            proof: string;
            /** @description Approval of the new key; required for issuing authorities. */
            approval?: components["schemas"]["KeyApprovalDto"] | null;
        };
        SealedThenDto: {
            /**
             * @description Number of leaves of the log.
             * @example 1427
             */
            size: number;
            /**
             * @description Position of the last one; opaque.
             * @example 39870
             */
            position: string;
        };
        SearchCertificatesDto: {
            /**
             * @description The number of the certificate, or the serial of its GB/T 36904 identifier.
             * @example 4301120020000123
             */
            serial?: string;
            holder?: components["schemas"]["SoughtHolderDto"];
            /** @example ZZ020 */
            type?: string;
            /**
             * @description Today.
             * @example valid
             * @enum {string}
             */
            state?: "valid" | "suspended" | "revoked" | "cancelled" | "expired" | "not-yet-valid";
            /**
             * @description `next` of the previous page.
             * @example qf3H0m1V2bQ0v4yJ8m7TJw
             */
            after?: string;
        };
        ShownCodeDto: {
            /**
             * @description Value of the QR code: opaque, for one use
             * @example q2m0bR7cV1xJ3kYt8wZ5dA
             */
            code: string;
            /**
             * @description Expiry, after 60 seconds
             * @example 2026-11-22T08:01:00.000Z
             */
            expires: string;
        };
        SoughtHolderDto: {
            /**
             * @example 111
             * @enum {string}
             */
            kind: "001" | "111" | "411" | "412" | "413" | "414" | "511" | "516" | "999";
            /**
             * @description As printed on the certificate.
             * @example 11010519491231002X
             */
            number: string;
            /**
             * @description If the kind has an issuer.
             * @example FRA
             */
            issuer?: string;
        };
        StandingLegalHold: {
            /**
             * @description Id of the legal hold.
             * @example mX4n0b1Jq9p4rT1dJZ3wYQ
             */
            hold: string;
            /**
             * @description The ledger's own subject id.
             * @example p5m1tN0c3uWvVQ2m4mXZpg
             */
            subject: string;
            /**
             * @example litigation
             * @enum {string}
             */
            basis: "litigation" | "investigation" | "retention-by-law";
        };
        StandingLegalHolds: {
            holds: components["schemas"]["StandingLegalHold"][];
        };
        StatementDto: {
            /**
             * @description Compact JWS, `typ: exemption-statement+jws`, by a key of `/log/statement-keys`: case, matter, rule version, and each material with the record that answered it
             * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImV4ZW1wdGlvbi1zdGF0ZW1lbnQrandzIn0.e30.c2lnbmF0dXJl
             */
            statement: string;
            /** @description The records that the statement refers to */
            records: components["schemas"]["StatementRecordDto"][];
        };
        StatementRecordDto: {
            /**
             * @description Stored bytes of the record, as UTF-8 text
             * @example {"actor":{"client":"Yb2…"},"city":"city.example","data":{},"id":"…"}
             */
            bytes: string;
            /**
             * @description Proof that it is in the sealed log: a C2SP tlog-proof
             * @example c2sp.org/tlog-proof@v1
             *     extra uU0nuZNNPg…
             *     index 7
             *     …
             */
            receipt: string;
        };
        StatisticRowDto: {
            /**
             * @description Materials answered by a release
             * @example 12
             */
            exemptions: number;
            /**
             * @description Certificates released
             * @example 12
             */
            releases: number;
            /**
             * @description Repeated readings of released certificates
             * @example 1
             */
            readings: number;
            /**
             * @description Value of the dimension; a window is prefixed with its department: 人社/window-3
             * @example ZZ001
             */
            key: string;
        };
        StatisticsDto: {
            /**
             * @description First day
             * @example 2026-11-01
             */
            from: string;
            /**
             * @description Last day
             * @example 2026-11-30
             */
            to: string;
            /**
             * @description Dimension
             * @example type
             * @enum {string}
             */
            by: "day" | "type" | "matter" | "department" | "window" | "town";
            /** @description Sums */
            totals: components["schemas"]["CountsDto"];
            /** @description Counts by the dimension */
            rows: components["schemas"]["StatisticRowDto"][];
        };
        SuspendDto: {
            /**
             * @example under_review
             * @enum {string}
             */
            reason: "withheld" | "under_review" | "court_order";
        };
        TerminalDetailsDto: {
            /**
             * @description Name to show. Never the name of a person.
             * @example 一楼3号终端
             */
            name: string;
            /**
             * @description The department that it belongs to.
             * @example 人社
             */
            department: string;
            /**
             * @description The window of the client.
             * @example hall-1-03
             */
            window: string;
            /** @example 示例镇 */
            town?: string | null;
        };
        TerminalOfferState: {
            /**
             * @description waiting for an administrator; described: to be signed by the browser; proved: to be registered; registered.
             * @example described
             * @enum {string}
             */
            state: "waiting" | "described" | "proved" | "registered";
            details: components["schemas"]["TerminalDetailsDto"] | null;
            /**
             * @description The OAuth client id, once it is registered.
             * @example null
             */
            client: string | null;
        };
        TerminalOfferView: {
            /**
             * @description waiting for an administrator; described: to be signed by the browser; proved: to be registered; registered.
             * @example described
             * @enum {string}
             */
            state: "waiting" | "described" | "proved" | "registered";
            details: components["schemas"]["TerminalDetailsDto"] | null;
            /**
             * @description The OAuth client id, once it is registered.
             * @example null
             */
            client: string | null;
            /** @example K7QD42XM */
            handle: string;
            /**
             * @description To compare with what the browser shows.
             * @example 048213
             */
            check: string;
            /** @description The public key that it offers. */
            jwk: {
                [key: string]: unknown;
            };
            /**
             * @description To be sent with the key to POST /v1/clients.
             * @example null
             */
            proof: string | null;
        };
        TerminalProofDto: {
            /** @example q3X7vN0s2kJ4mP8wR1tY6z */
            ticket: string;
            /**
             * @description Compact JWS as for POST /v1/clients, over the details of the offer.
             * @example eyJhbGciOiJFUzI1NiIsInR5cCI6ImNsaWVudC1yZWdpc3RyYXRpb24rand…
             */
            proof: string;
        };
        TerminalTicketDto: {
            /** @example q3X7vN0s2kJ4mP8wR1tY6z */
            ticket: string;
        };
        TypeDto: {
            /** @example ZZ001 */
            code: string;
            /**
             * @example certificate
             * @enum {string}
             */
            category: "certificate" | "proof";
            /** @example 居民身份证 */
            nameZh: string;
            /** @example Resident Identity Card */
            nameEn: string;
            /**
             * @description The department that issues it.
             * @example 公安
             */
            department: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Public Security
             */
            departmentEn?: string;
            /**
             * @example natural
             * @enum {string}
             */
            holder: "natural" | "legal" | "both";
            /**
             * @description ISO 8601 duration; null for no expiry.
             * @example P20Y
             */
            validity: string | null;
            /** @description What identifies a certificate within its authority; null if the type has no number. */
            number: components["schemas"]["PaperNumberDto"] | null;
            fields: components["schemas"]["TypeFieldDto"][];
            /**
             * @description GB/T 36904 type code, where one is known.
             * @example 11100000000013127D001
             */
            nationalTypeCode: string | null;
            /**
             * @description An e-proof that is a decision: a kiosk prints it again, and does not make it.
             * @example true
             * @enum {boolean}
             */
            decision?: true;
            /**
             * @description JSON Schema of the fields.
             * @example {
             *       "type": "object",
             *       "properties": {
             *         "姓名": {
             *           "type": "string"
             *         }
             *       },
             *       "required": [
             *         "姓名"
             *       ]
             *     }
             */
            schema: {
                [key: string]: unknown;
            };
        };
        TypeFieldDto: {
            /** @example 公民身份号码 */
            key: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Citizen identity number
             */
            nameEn?: string;
            /**
             * @example code
             * @enum {string}
             */
            kind: "text" | "lines" | "date" | "partial-date" | "code" | "number" | "rows" | "image" | "file";
            /** @description Absent if the field is not personal, or is the holder’s name. */
            person?: components["schemas"]["FieldPersonDto"];
        };
        TypeSummaryDto: {
            /** @example ZZ001 */
            code: string;
            /**
             * @example certificate
             * @enum {string}
             */
            category: "certificate" | "proof";
            /** @example 居民身份证 */
            nameZh: string;
            /** @example Resident Identity Card */
            nameEn: string;
            /**
             * @description The department that issues it.
             * @example 公安
             */
            department: string;
            /**
             * @description Absent if the catalogue has none.
             * @example Public Security
             */
            departmentEn?: string;
            /**
             * @example natural
             * @enum {string}
             */
            holder: "natural" | "legal" | "both";
            /**
             * @description ISO 8601 duration; null for no expiry.
             * @example P20Y
             */
            validity: string | null;
            /** @description What identifies a certificate within its authority; null if the type has no number. */
            number: components["schemas"]["PaperNumberDto"] | null;
            fields: components["schemas"]["TypeFieldDto"][];
        };
        TypedCodeBody: {
            /**
             * @description Handle of the terminal: four characters.
             * @example K7QD
             */
            handle: string;
            /**
             * @description Eight digits that the terminal shows.
             * @example 04821377
             */
            digits: string;
        };
        TypesDto: {
            types: components["schemas"]["TypeSummaryDto"][];
        };
        UsedDto: {
            /**
             * @description Code of the material
             * @example ZZ001
             */
            material: string;
            /**
             * @description Code of the certificate type
             * @example ZZ001
             */
            type: string;
            /**
             * @description Fields
             * @example [
             *       "姓名",
             *       "公民身份号码"
             *     ]
             */
            fields: string[];
        };
        VersionDto: {
            /** @example 1 */
            number: number;
            /**
             * @description A day of Asia/Shanghai, inclusive.
             * @example 2026-11-22
             */
            validFrom: string;
            /**
             * @description A day of Asia/Shanghai, inclusive.
             * @example 2046-11-22
             */
            validUntil: string | null;
            /**
             * @description SHA-256 of the signed part, which the next version names in `supersedes`.
             * @example m0v1jH5w3q2x0f7o6l4k9s8d7g6h5j4k3l2z1x0c9vA
             */
            digest: string;
            /**
             * @description Date as of which the content holds, given by the authority; null if not given.
             * @example 2026-11-22
             */
            asOf: string | null;
            /**
             * @description Names only.
             * @example [
             *       "姓名",
             *       "公民身份号码"
             *     ]
             */
            fields: string[];
            /**
             * @description Number of holders.
             * @example 1
             */
            holders: number;
            /** @example [] */
            flags: ("identifier_missing" | "identifier_malformed" | "identifier_check_wrong" | "identifier_type_unexpected" | "identifier_type_local" | "identifier_authority_malformed" | "identifier_authority_unexpected" | "identifier_version_unexpected")[];
        };
        WaitingConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description The same for every person
             * @example waiting
             * @enum {string}
             */
            state: "waiting";
            /**
             * @description Until when the holder can answer
             * @example 2026-11-22T08:10:00.000Z
             */
            answerBy: string;
            /**
             * @description Two digits that the window shows, and that the holder types on the phone. Null where the holder’s own QR code was scanned; the same whoever was asked
             * @example 37
             */
            number: string | null;
        };
        WalletPageDto: {
            certificates: components["schemas"]["HeldCertificateDto"][];
            /** @example 1 */
            page: number;
            /**
             * @description Total number of certificates.
             * @example 3
             */
            total: number;
        };
        WindowConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description The participant who was asked
             * @example applicant
             * @enum {string}
             */
            role: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /**
             * @description Materials it is for
             * @example [
             *       "ZZ001"
             *     ]
             */
            materials: string[];
            /**
             * @description How it stands. `refused`: the holder did not agree, be it by a no or by a number that was wrong twice
             * @example waiting
             * @enum {string}
             */
            state: "waiting" | "granted" | "refused" | "withdrawn" | "ended" | "redeemed" | "withheld" | "expired";
            /**
             * @description Until when the holder can answer
             * @example 2026-11-22T08:10:00.000Z
             */
            answerBy: string;
            /**
             * @description Until when it can be redeemed, once granted
             * @example null
             */
            redeemBy: string | null;
            /**
             * @description Why it ended without the holder’s answer; null where it did not
             * @example null
             * @enum {string|null}
             */
            endReason: "material_brought" | "phone_key_revoked" | "request_withdrawn" | "nothing_to_release" | null;
            /**
             * @description Two digits that the window shows, and that the holder types on the phone. Null where the holder’s own QR code was scanned; and for other terminals, and when it no longer waits
             * @example 37
             */
            number: string | null;
        };
        WithdrawnErasure: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            erasure: string;
        };
        WithdrawnExclusion: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            exclusion: string;
        };
        WitnessHealthDto: {
            /**
             * @description Name in the log’s policy.
             * @example witness.city.example
             */
            name: string;
            /**
             * @description Whether it cosigned the latest checkpoint.
             * @example true
             */
            cosigned: boolean;
        };
    };
    responses: {
        /** @description The request is not valid */
        Invalid: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/request_invalid",
                 *       "title": "The request is not valid",
                 *       "status": 400,
                 *       "code": "request_invalid",
                 *       "detail": "The request is not valid",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller is not authenticated */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/token_missing",
                 *       "title": "The caller is not authenticated",
                 *       "status": 401,
                 *       "code": "token_missing",
                 *       "detail": "The caller is not authenticated",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller is not allowed to do this */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/scope_missing",
                 *       "title": "The caller is not allowed to do this",
                 *       "status": 403,
                 *       "code": "scope_missing",
                 *       "detail": "The caller is not allowed to do this",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not found for this caller */
        Absent: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/case_absent",
                 *       "title": "Not found for this caller",
                 *       "status": 404,
                 *       "code": "case_absent",
                 *       "detail": "Not found for this caller",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The current state does not allow this */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/idempotency_key_reused",
                 *       "title": "The current state does not allow this",
                 *       "status": 409,
                 *       "code": "idempotency_key_reused",
                 *       "detail": "The current state does not allow this",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is too large */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/body_too_large",
                 *       "title": "The request is too large",
                 *       "status": 413,
                 *       "code": "body_too_large",
                 *       "detail": "The request is too large",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The request is not valid */
        ContentType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/content_type_unsupported",
                 *       "title": "The request is not valid",
                 *       "status": 415,
                 *       "code": "content_type_unsupported",
                 *       "detail": "The request is not valid",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too many requests */
        TooMany: {
            headers: {
                /**
                 * @description Seconds after which to send it again, under the same Idempotency-Key (RFC 9110, section 10.2.3).
                 * @example 2
                 */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/rate_exceeded",
                 *       "title": "Too many requests",
                 *       "status": 429,
                 *       "code": "rate_exceeded",
                 *       "detail": "Too many requests",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Not available at the moment */
        Unavailable: {
            headers: {
                /**
                 * @description Seconds after which to send it again, under the same Idempotency-Key (RFC 9110, section 10.2.3).
                 * @example 2
                 */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/database_unavailable",
                 *       "title": "Not available at the moment",
                 *       "status": 503,
                 *       "code": "database_unavailable",
                 *       "detail": "Not available at the moment",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Liveness: whether the process runs */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["Invalid"];
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every part is ready */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            400: components["responses"]["Invalid"];
            /** @description A part is not ready: `parts` has its code, and `where` the stream and position, if known */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
        };
    };
    identityConfiguration: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Metadata of the issuer (RFC 8414) */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        issuer: string;
                        token_endpoint: string;
                        jwks_uri: string;
                        /** @description At which operators sign in; absent where they do so with passkeys. */
                        operators_issuer?: string;
                    };
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityJwks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys that verify access tokens (RFC 7517) */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/jwk-set+json": {
                        keys: {
                            [key: string]: unknown;
                        }[];
                    };
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityToken: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A proof for this request: `htm` POST, `htu` the URL of this route.
                 * @example eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl
                 */
                DPoP: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "grant_type": "client_credentials",
                 *       "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                 *       "client_assertion": "eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl"
                 *     }
                 */
                "application/x-www-form-urlencoded": {
                    /** @enum {string} */
                    grant_type: "client_credentials" | "authorization_code" | "refresh_token";
                    /** @enum {string} */
                    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                    /**
                     * @description A compact JWS, EdDSA or ES256.
                     * @example eyJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl
                     */
                    client_assertion: string;
                    /**
                     * @description Separated by spaces; if left out, all scopes of the client.
                     * @example cases:open releases:pull
                     */
                    scope?: string;
                    /** @description Of an operator’s sign-in at a terminal. */
                    code?: string;
                    /** @description RFC 7636, S256. */
                    code_verifier?: string;
                    /** Format: uri */
                    redirect_uri?: string;
                    /** @description Used once: each reply has a new one. */
                    refresh_token?: string;
                };
            };
        };
        responses: {
            /** @description The token */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @description A JWT (RFC 9068). */
                        access_token: string;
                        /** @enum {string} */
                        token_type: "DPoP";
                        /** @example 300 */
                        expires_in: number;
                        /** @example cases:open releases:pull */
                        scope: string;
                        /** @description Of an operator’s sign-in. */
                        refresh_token?: string;
                        /** @description Of an operator’s sign-in. */
                        id_token?: string;
                    };
                };
            };
            /** @description The request is refused: `invalid_request`, `invalid_scope`, `invalid_dpop_proof` */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example invalid_client */
                        error: string;
                        error_description?: string;
                    };
                };
            };
            /** @description The client is not authenticated: `invalid_client` */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example invalid_client */
                        error: string;
                        error_description?: string;
                    };
                };
            };
            /** @description Too many requests: `temporarily_unavailable`, with Retry-After */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example invalid_client */
                        error: string;
                        error_description?: string;
                    };
                };
            };
            /** @description The event store is unavailable: `temporarily_unavailable`, with Retry-After; nothing was done */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        /** @example invalid_client */
                        error: string;
                        error_description?: string;
                    };
                };
            };
        };
    };
    authorityKeysKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Authority keys: the keys that sign certificates, as a note signed by the log */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example mianzheng authority keys v1
                     *     city.example
                     *     1427
                     *     11430112000000001P kPrK_qmx… EdDSA CsUYapGG… 17 -
                     *
                     *     — city.example …
                     */
                    "text/plain": string;
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    logCheckpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The latest checkpoint: a C2SP signed note of origin, size and root */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example city.example
                     *     7
                     *     CsUYapGG…
                     *
                     *     — city.example …
                     */
                    "text/plain": string;
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    logOrigin: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The origin of the log, and whether it is that of a trial */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogOriginDto"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    recordedPagesLatest: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The set of pages published last, with its record in the log and the receipt */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedPagesDto"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    recordedPagesNamed: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Name of the set */
                set: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A set of pages by its name, with its latest record and the receipt */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordedPagesDto"];
                };
            };
            400: components["responses"]["Invalid"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    logTrusted: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys of log and witnesses, as a C2SP tlog-policy */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example log city.example+9b2f…
                     *     quorum none
                     */
                    "text/plain": string;
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    logStatementKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Statement keys: the keys that sign exemption statements, as a note signed by the log */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example mianzheng statement keys v1
                     *     city.example
                     *     uU0nuZNNPg… CsUYapGG…
                     *
                     *     — city.example …
                     */
                    "text/plain": string;
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    logTile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 0 to 63, or `entries`
                 * @example 0
                 */
                level: string;
                /**
                 * @description In groups of three digits, all but the last prefixed with x: 1234067 is `x001/x234/067`; slashes are not escaped
                 * @example 000
                 */
                index: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hashes of 32 bytes each, or entries each prefixed with a length of two bytes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    logPartialTile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description 0 to 63, or `entries`
                 * @example 0
                 */
                level: string;
                /**
                 * @description In groups of three digits, all but the last prefixed with x: 1234067 is `x001/x234/067`; slashes are not escaped
                 * @example 000
                 */
                index: string;
                /**
                 * @description 1 to 255
                 * @example 17
                 */
                width: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Hashes of 32 bytes each, or entries each prefixed with a length of two bytes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    administratorsList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Administrators, and who of them is independent of the caller */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AdministratorsView"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    caseBoard: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Open cases of the caller’s window, and online cases that its department can take */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BoardDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    boardToday: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Cases that the caller’s window closed today, without data */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClosedTodayDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    caseOpen: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "matter": "SX0001",
                 *       "participants": [
                 *         {
                 *           "role": "applicant",
                 *           "identifier": {
                 *             "kind": "111",
                 *             "number": "11010519491231002X"
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["OpenCaseDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    caseView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A case of the caller’s window: its materials with state and reason */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    caseClose: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "outcome": "accepted"
                 *     }
                 */
                "application/json": components["schemas"]["CloseCaseDto"];
            };
        };
        responses: {
            /** @description Close a case; no further release is possible */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    consentRequest: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "role": "applicant",
                 *       "materials": [
                 *         "ZZ001"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["RequestConsentDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WaitingConsentDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    consentState: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of a consent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WindowConsentDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    releaseReadAgain: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Read the released data again at the same terminal, within 30 minutes while the case is open */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiptedDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    consentToken: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Get the token that redeems a granted consent, valid for one minute */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintedTokenDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    consentWithdraw: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdraw a request for consent that waits, or was granted and not used */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WindowConsentDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    caseBring: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
                /** @example ZZ001 */
                code: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "holder_prefers_paper"
                 *     }
                 */
                "application/json": components["schemas"]["BringMaterialDto"];
            };
        };
        responses: {
            /** @description Record that the applicant brought the paper of a material */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    caseReturn: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    caseTake: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Take a case that was opened online for the caller’s department */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CaseDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    catalogueImport: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "content": "matter\tmaterial\ttype\twhose\tfields\tindicative\treason\nSX0001\tZZ001\tZZ001\tapplicant\t姓名;公民身份号码\tyes\t\n"
                 *     }
                 */
                "application/json": components["schemas"]["ImportCatalogueDto"];
            };
        };
        responses: {
            /** @description Import a file of types, matters or rules; refused lines are skipped and reported */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ImportReportDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    cataloguePreview: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "content": "matter\tmaterial\ttype\twhose\tfields\tindicative\treason\nSX0001\tZZ001\tZZ001\tapplicant\t姓名;公民身份号码\tyes\t\n"
                 *     }
                 */
                "application/json": components["schemas"]["ImportCatalogueDto"];
            };
        };
        responses: {
            /** @description What importing this file would change, line by line; nothing is changed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CataloguePreviewDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateIssue: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "sdJwt": "eyJhbGciOiJFZERTQSIsInR5cCI6ImRjK3NkLWp3dCJ9.eyJpc3MiOiIuLi4ifQ.c2ln~WyJzYWx0Iiwi5aeT5ZCNIiwiLi4uIl0~"
                 *     }
                 */
                "application/json": components["schemas"]["HandInDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    batchBatch: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description NDJSON: {"sdJwt": "…", "files"?: […], "certificate"?: "…"} on each line; `certificate` for a later version, where its number does not name it. CSV: a column sd_jwt. At most 1,000 lines and 16 MiB. */
        requestBody: {
            content: {
                /** @example {"sdJwt":"eyJhbGciOi…~WyJz…~"} */
                "application/x-ndjson": string;
                /**
                 * @example sd_jwt
                 *     eyJhbGciOi…~WyJz…~
                 */
                "text/csv": string;
            };
        };
        responses: {
            /** @description A line for each, in order: {"line", "state": "recorded" | "unchanged", "certificate", "version", "record", "flags"} or {"line", "state": "refused", "code", "detail", "hint", "hintZh", "facts"}, what to do being said in English and in Chinese. `record` is the leaf hash of the record that holds it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/x-ndjson": string;
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateIssuer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller’s registration: its credit code and the certificate types that it may issue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuerDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateSearch: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "serial": "4301120020000123"
                 *     }
                 */
                "application/json": components["schemas"]["SearchCertificatesDto"];
            };
        };
        responses: {
            /** @description Search the authority’s own certificates by number, holder, type or state; newest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FoundCertificatesDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateFind: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The certificate’s id. */
                certificate: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of one of the authority’s own certificates; nothing is decrypted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CertificateDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateAmend: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The certificate’s id. */
                certificate: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "sdJwt": "eyJhbGciOiJFZERTQSIsInR5cCI6ImRjK3NkLWp3dCJ9.eyJpc3MiOiIuLi4ifQ.c2ln~WyJzYWx0Iiwi5aeT5ZCNIiwiLi4uIl0~"
                 *     }
                 */
                "application/json": components["schemas"]["HandInDto"];
            };
        };
        responses: {
            /** @description Amend a certificate: submit a new version, whose signed part names the one it supersedes */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IssuedDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateCancel: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The certificate’s id. */
                certificate: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "holder_request"
                 *     }
                 */
                "application/json": components["schemas"]["CancelDto"];
            };
        };
        responses: {
            /** @description Cancel a certificate that is no longer needed */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateReinstate: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The certificate’s id. */
                certificate: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "review_closed"
                 *     }
                 */
                "application/json": components["schemas"]["ReinstateDto"];
            };
        };
        responses: {
            /** @description Reinstate a suspended certificate */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateRevoke: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The certificate’s id. */
                certificate: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "wrongly_issued"
                 *     }
                 */
                "application/json": components["schemas"]["RevokeDto"];
            };
        };
        responses: {
            /** @description Revoke a certificate permanently */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    certificateSuspend: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The certificate’s id. */
                certificate: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "under_review"
                 *     }
                 */
                "application/json": components["schemas"]["SuspendDto"];
            };
        };
        responses: {
            /** @description Suspend a valid certificate */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChangedDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityList: {
        parameters: {
            query?: {
                /** @description Entries after this id: `next` of the previous page. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description List registered clients, 100 per page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientPageView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityRegister: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "kind": "terminal",
                 *       "name": "一楼3号终端",
                 *       "department": "人社",
                 *       "keys": [
                 *         {
                 *           "jwk": {
                 *             "kty": "OKP",
                 *             "crv": "Ed25519",
                 *             "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
                 *           },
                 *           "proof": "eyJhbGciOiJFZERTQSIsInR5cCI6ImNsaWVudC1yZWdpc3RyYXRpb24rand…"
                 *         }
                 *       ],
                 *       "window": "hall-1-03",
                 *       "town": "示例镇"
                 *     }
                 */
                "application/json": components["schemas"]["RegisterClientDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RegisteredClientView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityFind: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The OAuth client id. */
                client: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The registration of a client */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityDisable: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The OAuth client id. */
                client: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "maintenance"
                 *     }
                 */
                "application/json": components["schemas"]["ReasonDto"];
            };
        };
        responses: {
            /** @description Disable a client */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityEnable: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The OAuth client id. */
                client: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "maintenance"
                 *     }
                 */
                "application/json": components["schemas"]["ReasonDto"];
            };
        };
        responses: {
            /** @description Enable a disabled client */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityRotate: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The OAuth client id. */
                client: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "jwk": {
                 *         "kty": "OKP",
                 *         "crv": "Ed25519",
                 *         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
                 *       },
                 *       "proof": "eyJhbGciOiJFZERTQSIsInR5cCI6ImNsaWVudC1yZWdpc3RyYXRpb24rand…"
                 *     }
                 */
                "application/json": components["schemas"]["RotateKeyDto"];
            };
        };
        responses: {
            /** @description Replace all keys of a client with a new one */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    identityChangeTypes: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path: {
                /** @description The OAuth client id. */
                client: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "add": [
                 *         "ZZ003"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["ChangeTypesDto"];
            };
        };
        responses: {
            /** @description Change the certificate types that an issuing authority may issue */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClientView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectOpenEnrolment: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifier": {
                 *         "kind": "111",
                 *         "number": "11010519491231002X"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["OpenEnrolmentBody"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenedEnrolment"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectOfferPhoneKey: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "xJ8kq2Vn0yZC7b1mR5tWdA",
                 *       "jwk": {
                 *         "kty": "OKP",
                 *         "crv": "Ed25519",
                 *         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
                 *       },
                 *       "proof": "eyJhbGciOiJFZERTQSIsInR5cCI6InBob25lLWtleStqd3MifQ.e30.c2lnbmF0dXJl"
                 *     }
                 */
                "application/json": components["schemas"]["OfferPhoneKeyBody"];
            };
        };
        responses: {
            /** @description Show the code and offer the key of a phone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferedPhoneKey"];
                };
            };
            400: components["responses"]["Invalid"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectOfferedKey: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "jkt": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
                 *     }
                 */
                "application/json": components["schemas"]["OfferedKeyBody"];
            };
        };
        responses: {
            /** @description Whether the key that the phone offered is enrolled by now */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferedKeyState"];
                };
            };
            400: components["responses"]["Invalid"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectTypedCode: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "handle": "K7QD",
                 *       "digits": "04821377"
                 *     }
                 */
                "application/json": components["schemas"]["TypedCodeBody"];
            };
        };
        responses: {
            /** @description Exchange a typed code for the code of its enrolment */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolmentCode"];
                };
            };
            400: components["responses"]["Invalid"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectEnrolment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of an enrolment opened by this terminal */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnrolmentState"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectConfirmEnrolment: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "statement": "eyJhbGciOiJFZERTQSIsInR5cCI6ImVucm9sbWVudCtqd3MifQ.e30.c2lnbmF0dXJl"
                 *     }
                 */
                "application/json": components["schemas"]["ConfirmEnrolmentBody"];
            };
        };
        responses: {
            /** @description Confirm an enrolment: sign that the offered key is the person’s */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfirmedEnrolment"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    erasureErasures: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Erasures that wait for an approval, or are being carried out */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OpenErasures"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    erasureRequest: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "consent-withdrawn",
                 *       "identifier": {
                 *         "kind": "111",
                 *         "number": "11010519491231002X"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["RequestErasureBody"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RequestedErasure"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    erasureErasure: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of an erasure */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErasureState"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    erasureApprove: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Approve and carry out an erasure that another administrator asked for */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApprovedErasure"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    erasureWithdraw: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdraw one’s own erasure request before it is approved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WithdrawnErasure"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    events: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `id` of the last event received. What was recorded since then is told first, where `resumed` of the event `open` says so; otherwise what is shown is to be read anew. Ids of other callers count as none. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events of the caller’s cases */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    batchKeep: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII characters; the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description The file’s bytes, at most 10 MB. */
        requestBody: {
            content: {
                "application/pdf": string;
                "application/ofd": string;
                "image/jpeg": string;
                "image/png": string;
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeptFileDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    exclusionExclusions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Foreign events excluded from the ledger, with the administrators who decided it */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExclusionsDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    exclusionRequest: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "operators-mistake"
                 *     }
                 */
                "application/json": components["schemas"]["RequestExclusionBody"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExclusionDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    exclusionExclusion: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of an exclusion */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExclusionDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    exclusionApprove: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Approve an exclusion that another administrator asked for; the ledger then continues */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExclusionDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    exclusionWithdraw: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdraw one’s own exclusion request before it is approved */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WithdrawnExclusion"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    ledgerHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description State of log, witnesses and event store, for operators’ pages */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogHealthDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    recordsRecords: {
        parameters: {
            query?: {
                /** @description First version to read; 0 is the first. */
                from?: number;
            };
            header?: never;
            path: {
                /** @example book-9aX4mY0q2bC7dE1fG3hI5j */
                stream: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Records of one stream, as stored */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecordsDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    erasureHolds: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Legal holds that stand */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StandingLegalHolds"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    erasurePlaceHold: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "basis": "litigation",
                 *       "identifier": {
                 *         "kind": "111",
                 *         "number": "11010519491231002X"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PlaceLegalHoldBody"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LegalHold"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    erasureLiftHold: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "basis": "ended"
                 *     }
                 */
                "application/json": components["schemas"]["LiftLegalHoldBody"];
            };
        };
        responses: {
            /** @description Lift a legal hold */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LegalHold"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    limitsLimits: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Limits that the settings of the city set */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LimitsDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    catalogueMatters: {
        parameters: {
            query?: {
                /** @description Words that must all be found: in code, names, department, place, bundle or materials, or as the name’s pinyin or its first letters (`lhjy`). The likeliest matter comes first. Where nothing is found, one typing error a word is forgiven. */
                q?: string;
                /** @description Only this place. */
                place?: string;
                department?: string;
                level?: "municipal" | "district" | "town" | "village";
                audience?: "natural" | "legal";
                /** @description What kiosks do themselves. Without it, what windows handle. */
                selfService?: "print";
                /** @description A bundle (一件事一次办). */
                bundle?: string;
                /** @description Page, from 1. */
                page?: number;
                /** @description Matters per page. */
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Search matters by words or pinyin, the likeliest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MattersDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    catalogueMatter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Code of a matter; of a local variant `SX0001.0031`. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A matter and its materials */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatterDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    catalogueExemptions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Code of a matter; of a local variant `SX0001.0031`. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Which materials of a matter are exemptible, by which fields of which types */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatterExemptionsDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    catalogueImportMatterVersions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Code of a matter; of a local variant `SX0001.0031`. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description When a matter and its rules were changed, and by whom */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogueVersionsDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorAccountsBind: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "statement": "eyJ0eXAiOiJvcGVyYXRvci1hY2NvdW50K2p3dCJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"
                 *     }
                 */
                "application/json": components["schemas"]["BindAccountDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorPasskeysAdd: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "invitation": "VwYdZzZk0n4mX8yq1rT7Cg.q3X7vN0s2kJ4mP8wR1tY6z",
                 *       "credential": {
                 *         "id": "Y3JlZGVudGlhbA",
                 *         "rawId": "Y3JlZGVudGlhbA",
                 *         "type": "public-key",
                 *         "response": {
                 *           "clientDataJSON": "e30",
                 *           "attestationObject": "oA",
                 *           "transports": [
                 *             "internal"
                 *           ]
                 *         },
                 *         "clientExtensionResults": {}
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["AddPasskeyDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorPasskeysOptions: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "invitation": "VwYdZzZk0n4mX8yq1rT7Cg.q3X7vN0s2kJ4mP8wR1tY6z"
                 *     }
                 */
                "application/json": components["schemas"]["PasskeyInvitationDto"];
            };
        };
        responses: {
            /** @description Begin to make a passkey */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PasskeyCreationView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorsList: {
        parameters: {
            query?: {
                /** @description Only of this department. */
                department?: string;
                /** @description Only operators whose id comes after it: `next` of the page before. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description List operators, 100 per page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorPageView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorsInvite: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "roles": [
                 *         "clerk"
                 *       ],
                 *       "name": "示例·甲",
                 *       "department": "人社"
                 *     }
                 */
                "application/json": components["schemas"]["InviteOperatorDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitedOperatorView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorsFind: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the operator. */
                operator: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An operator */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorsDisable: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the operator. */
                operator: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "maintenance"
                 *     }
                 */
                "application/json": components["schemas"]["ReasonDto"];
            };
        };
        responses: {
            /** @description Disable an operator */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorsEnable: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the operator. */
                operator: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "maintenance"
                 *     }
                 */
                "application/json": components["schemas"]["ReasonDto"];
            };
        };
        responses: {
            /** @description Enable a disabled operator */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorsInviteAgain: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the operator. */
                operator: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Invite an operator again, whose passkey is lost */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["InvitedOperatorView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    operatorsChangeRoles: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Id of the operator. */
                operator: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "roles": [
                 *         "clerk"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["ChangeOperatorRolesDto"];
            };
        };
        responses: {
            /** @description Change the roles of an operator */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OperatorView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneConsentAccesses: {
        parameters: {
            query?: {
                /** @description `earlier` of the page that was read before */
                before?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Complete list of accesses to the holder’s data, the latest page first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessesDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneBook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The holder’s complete book, with a proof of completeness */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BookDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            /** @description The book has no record yet */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    applicationsList: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Online cases of the holder */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApplicationsDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    applicationOpen: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "jws": "eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl"
                 *     }
                 */
                "application/json": components["schemas"]["OpenApplicationDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApplicationDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    applicationView: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                case: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One of the holder’s online cases: how far it is, and its materials */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApplicationDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    statementStatement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                case: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The exemption statement of a case, signed, with its proof */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatementDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    applicationWithdraw: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                case: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdraw an online case */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ApplicationDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    showQrCode: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShownCodeDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneConsentConsents: {
        parameters: {
            query?: {
                /** @description `next` of the previous page */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Consents requested from the holder */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderConsentsDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneConsentConsent: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One consent, with the text to show and to sign */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderConsentDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneConsentGrant: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                consent: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "jws": "eyJ0eXAiOiJjb25zZW50LWdyYW50K2p3cyIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl"
                 *     }
                 */
                "application/json": components["schemas"]["GrantConsentDto"];
            };
        };
        responses: {
            /** @description Grant a consent, signed by the enrolled key or by a passkey of the phone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["GrantedConsentDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneConsentRefuse: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Refuse a consent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderConsentDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneConsentWithdraw: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example Zk3nT0bqVxS8hHqY2cJ4Rw */
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Withdraw a granted consent */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderConsentDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneEvents: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `id` of the last event received. What was recorded since then is told first, where `resumed` of the event `open` says so; otherwise what is shown is to be read anew. Ids of other callers count as none. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events of the holder’s book */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectOwnPhoneKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description List all keys ever enrolled for the holder */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PhoneKeysOfHolder"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectRevokePhoneKey: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs */
                jkt: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["RevokePhoneKeyBody"];
            };
        };
        responses: {
            /** @description Revoke the key of one of the holder’s own phones */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevokedPhoneKey"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    searchMattersForHolders: {
        parameters: {
            query?: {
                /** @description Words that must all be found: in code, names, department, place, bundle or materials, or as the name’s pinyin or its first letters (`lhjy`). The likeliest matter comes first. Where nothing is found, one typing error a word is forgiven. */
                q?: string;
                /** @description Only this place. */
                place?: string;
                department?: string;
                level?: "municipal" | "district" | "town" | "village";
                audience?: "natural" | "legal";
                /** @description What kiosks do themselves. Without it, what windows handle. */
                selfService?: "print";
                /** @description A bundle (一件事一次办). */
                bundle?: string;
                /** @description Page, from 1. */
                page?: number;
                /** @description Matters per page. */
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Search matters by words or pinyin, the likeliest first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MattersDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    mattersForHoldersMatter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Code of a matter; of a local variant `SX0001.0031`. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A matter: which materials need not be brought, by which certificates, and which remain */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatterForHoldersDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    addHolderPasskey: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "credential": {
                 *         "id": "Y3JlZGVudGlhbA",
                 *         "rawId": "Y3JlZGVudGlhbA",
                 *         "type": "public-key",
                 *         "response": {
                 *           "clientDataJSON": "e30",
                 *           "attestationObject": "oA",
                 *           "transports": [
                 *             "internal"
                 *           ]
                 *         },
                 *         "clientExtensionResults": {}
                 *       },
                 *       "statement": "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3NrZXkrandzIn0.e30.c2lnbmF0dXJl"
                 *     }
                 */
                "application/json": components["schemas"]["AddHolderPasskeyBody"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedHolderPasskey"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    beginHolderPasskey: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Begin to make a passkey beside the key of the phone */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderPasskeyOptions"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeHolderPasskey: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @example NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs */
                jkt: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /** @example {} */
                "application/json": components["schemas"]["RevokePhoneKeyBody"];
            };
        };
        responses: {
            /** @description Take back one of the holder’s own passkeys */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AddedHolderPasskey"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    walletWallet: {
        parameters: {
            query?: {
                /** @description Counts from 1. */
                page?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The holder’s certificates with their fields; valid ones first, then by date */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WalletPageDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    searchMattersWithoutKey: {
        parameters: {
            query?: {
                /** @description Words that must all be found: in code, names, department, place, bundle or materials, or as the name’s pinyin or its first letters (`lhjy`). The likeliest matter comes first. Where nothing is found, one typing error a word is forgiven. */
                q?: string;
                /** @description Only this place. */
                place?: string;
                department?: string;
                level?: "municipal" | "district" | "town" | "village";
                audience?: "natural" | "legal";
                /** @description What kiosks do themselves. Without it, what windows handle. */
                selfService?: "print";
                /** @description A bundle (一件事一次办). */
                bundle?: string;
                /** @description Page, from 1. */
                page?: number;
                /** @description Matters per page. */
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Search matters without a key */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MattersDto"];
                };
            };
            400: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    showMatterWithoutKey: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Code of a matter; of a local variant `SX0001.0031`. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A matter, without a key: which materials are exemptible, by which certificates */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MatterForHoldersDto"];
                };
            };
            400: components["responses"]["Invalid"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    receiptsReceipt: {
        parameters: {
            query: {
                /** @description Leaf hash of the record, hexadecimal; without it there is no receipt */
                hash: string;
            };
            header?: never;
            path: {
                /** @description Stream of the record */
                stream: string;
                /** @description Version in the stream */
                version: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The receipt of a record: a C2SP tlog-proof whose extra data are the leaf hash */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example c2sp.org/tlog-proof@v1
                     *     extra uU0nuZNNPg…
                     *     index 7
                     *     …
                     */
                    "text/plain": string;
                };
            };
            400: components["responses"]["Invalid"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    releasePull: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "eyJ0eXAiOiJjb25zZW50K2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl"
                 *     }
                 */
                "application/json": components["schemas"]["PullReleaseDto"];
            };
        };
        responses: {
            /** @description Release: redeem a consent, once, for the data that the holder granted */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReceiptedDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    statisticsStatistics: {
        parameters: {
            query: {
                /** @description First day (Asia/Shanghai) */
                from: string;
                /** @description Last day */
                to: string;
                /** @description Dimension to count by */
                by?: "day" | "type" | "matter" | "department" | "window" | "town";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Exemptions and releases by day, type, matter, department, window or town */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatisticsDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    statisticsPapers: {
        parameters: {
            query: {
                /** @description First day (Asia/Shanghai) */
                from: string;
                /** @description Last day */
                to: string;
                /** @description Dimension to count by */
                by?: "reason" | "material" | "matter" | "day" | "department" | "window" | "town";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Papers that are still brought, by reason, material, matter, day or place, most first */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PapersDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    subjectIdentify: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "identifier": {
                 *         "kind": "111",
                 *         "number": "11010519491231002X"
                 *       },
                 *       "basis": "document"
                 *     }
                 */
                "application/json": components["schemas"]["IdentifySubjectBody"];
            };
        };
        responses: {
            /** @description Record that a person’s identity was checked */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["IdentifiedSubject"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    terminalOffersOffer: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "jwk": {
                 *         "kty": "OKP",
                 *         "crv": "Ed25519",
                 *         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["OfferTerminalDto"];
            };
        };
        responses: {
            /** @description Done */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OfferedTerminal"];
                };
            };
            400: components["responses"]["Invalid"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    terminalOffersProve: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ticket": "q3X7vN0s2kJ4mP8wR1tY6z",
                 *       "proof": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImNsaWVudC1yZWdpc3RyYXRpb24rand…"
                 *     }
                 */
                "application/json": components["schemas"]["TerminalProofDto"];
            };
        };
        responses: {
            /** @description Sign the administrator’s description of the terminal */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TerminalOfferState"];
                };
            };
            400: components["responses"]["Invalid"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    terminalOffersState: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ticket": "q3X7vN0s2kJ4mP8wR1tY6z"
                 *     }
                 */
                "application/json": components["schemas"]["TerminalTicketDto"];
            };
        };
        responses: {
            /** @description State of the browser’s own offer */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TerminalOfferState"];
                };
            };
            400: components["responses"]["Invalid"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    terminalOffersFind: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Eight characters that the browser shows. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Find the offer of a browser that shows this handle */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TerminalOfferView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    terminalOffersDescribe: {
        parameters: {
            query?: never;
            header: {
                /**
                 * @description A random value for this request; the same for each retry of it.
                 * @example 6f0a1f8e-3b52-4a52-9d0f-1f2f6c1b7a10
                 */
                "Idempotency-Key": string;
            };
            path: {
                /** @description Eight characters that the browser shows. */
                handle: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "一楼3号终端",
                 *       "department": "人社",
                 *       "window": "hall-1-03"
                 *     }
                 */
                "application/json": components["schemas"]["TerminalDetailsDto"];
            };
        };
        responses: {
            /** @description Describe the terminal; its key then signs the description */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TerminalOfferView"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    catalogueTypes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All certificate types */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TypesDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    catalogueType: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Code of a certificate type. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A certificate type and the schema of its fields */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TypeDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    catalogueImportTypeVersions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Code of a certificate type. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description When a certificate type was defined and changed, and by whom */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CatalogueVersionsDto"];
                };
            };
            400: components["responses"]["Invalid"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Refused"];
            404: components["responses"]["Absent"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
}
