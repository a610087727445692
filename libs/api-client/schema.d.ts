// Generated from contracts/openapi.json by npm run contracts.
export interface paths {
    "/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The process runs */
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
        /** Requests may be sent to this process */
        get: operations["ready"];
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
        /** The latest checkpoint: a C2SP signed note of origin, size and root */
        get: operations["logCheckpoint"];
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
         * @description Compare it with one that came another way: a ledger that lies would lie here too.
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
         * The keys by which the ledger signs exemption statements, signed by the log
         * @description A signed note of the log’s own key: who trusts that one needs no other.
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
    "/v1/board": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The own window's open cases and the consents it waits for */
        get: operations["caseBoard"];
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
        /** Open a case for a matter at the own window */
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
        /** A case of the own window: its materials, how each stands and why */
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
        /** Close a case: nothing is released for it any more */
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
        /** Ask a participant for materials */
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
        /** How a consent stands */
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
        /** Read the same again at the same terminal, for 30 minutes while the case is open */
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
        /** The token that redeems a granted consent, for a minute */
        post: operations["consentToken"];
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
        /** Note that the applicant brought a material */
        post: operations["caseBring"];
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
        /** Imports a file of types, matters or rules; bad lines are left out and told */
        post: operations["catalogueImport"];
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
        /** Hands in the first version of a certificate that the authority signed */
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
        /** Hands in many first versions at once; each line is answered on a line of its own */
        post: operations["batchBatch"];
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
        /** How a certificate of the own authority stands; nothing is decrypted */
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
        /** Hands in a new version; its signed part names the one it supersedes */
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
        /** Ends a certificate that is not needed any more */
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
        /** Ends a suspension */
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
        /** Takes a certificate back for good */
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
        /** Suspends a valid certificate */
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
        get?: never;
        put?: never;
        /** Registers a client with its public keys */
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
        /** What the register knows of a client */
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
        /** Shuts a client out */
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
        /** Lets a client in again */
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
        /** Gives a client a new key; all others stop at once */
        post: operations["identityRotate"];
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
        /** Get a one-time code with which an identified person enrols a phone */
        post: operations["privacyOpenEnrolment"];
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
        /** Show the code and offer the key of a phone */
        post: operations["privacyOfferPhoneKey"];
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
        /** See how far an enrolment of this terminal is */
        get: operations["privacyEnrolment"];
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
        /** Sign that the offered key is the person's */
        post: operations["privacyConfirmEnrolment"];
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
        get?: never;
        put?: never;
        /** Ask that everything that is known of a subject be erased */
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
        /** See how far an erasure is */
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
        /** Approve an erasure that another administrator asked for, and carry it out */
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
        /** Take back an erasure that one asked for, while nobody has approved it */
        post: operations["erasureWithdraw"];
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
        /** Stores a file, sealed, that a certificate will name */
        post: operations["batchKeep"];
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
        /** Records of one stream, as stored */
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
        get?: never;
        put?: never;
        /** Place a legal hold: the data of a subject are kept until it is lifted */
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
        /** Lift a legal hold */
        post: operations["erasureLiftHold"];
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
        /** Searches the matters */
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
        /** A matter and what it asks for */
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
        /** Which materials of a matter are exemptible, by which fields of which types */
        get: operations["catalogueExemptions"];
        put?: never;
        post?: never;
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
        /** Every use of the holder's data, complete */
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
         * The own book whole, with the proof that it is whole
         * @description What `verifyBook` of the offline verifier takes: nothing of it needs to be believed.
         */
        get: operations["receiptsBook"];
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
         * What was not asked for in a case, signed, with the proof
         * @description What `verifyStatement` of the offline verifier takes: to be shown to whomever the holder likes, who needs to ask nobody. For the holder’s own releases alone.
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
    "/v1/phone/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** A QR code to show at a window */
        post: operations["phoneConsentCode"];
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
        /** Consents that the holder was asked for */
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
        /** One consent, with the text to show and to sign */
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
        /** Grant a consent, signed by the enrolled key */
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
        /** Refuse a consent */
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
        /** Take a granted consent back */
        post: operations["phoneConsentWithdraw"];
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
        /** See every key that was ever enrolled for the holder */
        get: operations["privacyOwnPhoneKeys"];
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
        /** Take back the key of one of the holder's own phones */
        post: operations["privacyRevokePhoneKey"];
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
        /** The own certificates, newest first, with their fields opened */
        get: operations["walletWallet"];
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
         * @description For whoever knows the hash, which the ledger told those whom the record concerns.
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
         * Redeem a consent: what the holder granted, once
         * @description Partly answerable consents are answered in part; where nothing can be answered the request is refused and the consent is not spent. Answers are not kept: a second request with the same key is refused like any other second use.
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
        /** Exemptions and releases by day, type, matter, department, window or town */
        get: operations["statisticsStatistics"];
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
        /** Report that the identity of a person was checked */
        post: operations["privacyIdentify"];
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
        /** All certificate types */
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
        /** A certificate type and the schema of its fields */
        get: operations["catalogueType"];
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
             * @description When
             * @example 2026-11-22T08:03:00.000Z
             */
            time: string;
            /**
             * @description What happened
             * @example released
             * @enum {string}
             */
            kind: "requested" | "granted" | "refused" | "withdrawn" | "released" | "withheld" | "read-again";
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
             * @description What for
             * @example 办理“灵活就业人员参保登记”
             */
            purpose: string;
            /**
             * @description Who
             * @example 人社
             */
            department: string;
            /**
             * @description At which window
             * @example window-3
             */
            window: string;
            /**
             * @description By which terminal
             * @example terminal-3
             */
            terminal: string;
            /** @description What was used or asked for */
            used: components["schemas"]["UsedDto"][];
            /** @description On what basis */
            basis: components["schemas"]["BasisDto"] | null;
            /**
             * @description Why it was withheld
             * @example null
             */
            reason: string | null;
        };
        AccessesDto: {
            /**
             * @description The book's stream
             * @example book-1XnA0vJm3sYk2qLzR8tWcg
             */
            stream: string;
            /** @description Its last record */
            head: components["schemas"]["BookHeadDto"] | null;
            /** @description Every record, the oldest first; versions count from 0 without a gap */
            accesses: components["schemas"]["AccessDto"][];
        };
        AnswerDto: {
            /**
             * @description A certificate type that answers the material.
             * @example ZZ001
             */
            type: string;
            /**
             * @description Whose certificate it is.
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
        ApprovedErasure: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            erasure: string;
            /** @description The record that says so. */
            record: components["schemas"]["RecordOfErasure"] | null;
        };
        AskAnswerDto: {
            /**
             * @description Code of the certificate type
             * @example ZZ001
             */
            type: string;
            /**
             * @description The fields asked of it
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
            /** @description Any one of these answers it */
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
             * @description On what ground
             * @example consent
             * @enum {string}
             */
            by: "consent";
            /**
             * @description In which capacity it was given
             * @example self
             */
            capacity: string;
        };
        BoardConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description Whom it was asked of
             * @example applicant
             */
            role: string;
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
             * @description Until when
             * @example 2026-11-22T08:10:00.000Z
             */
            until: string;
        };
        BoardDto: {
            /** @description Open cases, the newest first */
            cases: components["schemas"]["BoardEntryDto"][];
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
             * @description When it was opened
             * @example 2026-11-22T08:00:00.000Z
             */
            opened: string;
            /**
             * @description How many materials the matter asks for
             * @example 2
             */
            materials: number;
            /**
             * @description How many were brought
             * @example 0
             */
            brought: number;
            /** @description Consents that are waited for */
            consents: components["schemas"]["BoardConsentDto"][];
        };
        BookDto: {
            /**
             * @description Stream of the book, one for each subject's consents and releases
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
             * @description Signed note of the city: with which record the stream ended under that checkpoint. A later record below its size proves the city wrong.
             * @example mianzheng stream head v1
             *     city.example
             *     book-1XnA0vJm3sYk2qLzR8tWcg
             *     2
             *     …
             */
            head: string;
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
             * @description Why the paper was brought
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
             * @description Whom it was asked of
             * @example applicant
             */
            role: string;
            /**
             * @description Materials it is for
             * @example [
             *       "ZZ001"
             *     ]
             */
            materials: string[];
            /**
             * @description How it stands
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
             * @description Whether it is open
             * @example open
             * @enum {string}
             */
            status: "open" | "closed";
            /**
             * @description How it ended
             * @example null
             * @enum {string|null}
             */
            outcome: "accepted" | "rejected" | "withdrawn" | null;
            /** @description Who takes part */
            participants: components["schemas"]["CaseParticipantDto"][];
            /** @description What the matter asks for */
            requirements: components["schemas"]["RequirementDto"][];
            /** @description Consents asked for */
            consents: components["schemas"]["CaseConsentDto"][];
        };
        CaseParticipantDto: {
            /**
             * @description Role in the case
             * @example applicant
             */
            role: string;
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
            /** @description The newest record of its stream. */
            record: components["schemas"]["RecordDto"];
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
             * @description unchanged: it stood so already.
             * @example recorded
             * @enum {string}
             */
            state: "recorded" | "unchanged";
            record: components["schemas"]["RecordDto"];
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
        ClientView: {
            /**
             * @description The OAuth client id.
             * @example VwYdZzZk0n4mX8yq1rT7Cg
             */
            client: string;
            /**
             * @description What the client is.
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
            /** @description What it may issue. */
            authority: components["schemas"]["AuthorityDto"] | null;
            /**
             * @description What it may do.
             * @example [
             *       "matters:read"
             *     ]
             */
            scopes: ("clients:manage" | "catalogue:manage" | "certificates:issue" | "subjects:identify" | "subjects:erase" | "cases:open" | "releases:pull" | "matters:read" | "statistics:read" | "ledger:audit")[];
            /** @description Keys in use. */
            keys: components["schemas"]["ClientKeyView"][];
            /**
             * @description Whether it may call at all.
             * @example true
             */
            enabled: boolean;
        };
        CloseCaseDto: {
            /**
             * @description How the case ended
             * @example accepted
             * @enum {string}
             */
            outcome: "accepted" | "rejected" | "withdrawn";
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
             * @description The key that now speaks for the subject.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string;
        };
        CountsDto: {
            /**
             * @description Materials that a release answered
             * @example 12
             */
            exemptions: number;
            /**
             * @description Certificates handed over
             * @example 12
             */
            releases: number;
            /**
             * @description Certificates read again
             * @example 1
             */
            readings: number;
        };
        EnrolmentState: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            enrolment: string;
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
             * @description Thumbprint of the key that a phone offered; null until one did.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string | null;
            /**
             * @description Until when a phone may offer.
             * @example 2026-11-22T08:10:00.000Z
             */
            expires: string;
            /**
             * @description Until when the terminal may confirm; null until a phone offered a key.
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
             * @description One that expired or was withdrawn can be asked for anew, under another id.
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
             * @description Client id of who asked.
             * @example administrator
             */
            requestedBy: string;
            /**
             * @description Through whose hands the key came: who registered the client or last gave it a key, who did so for that one, and so on. Empty where the city itself admitted it.
             * @example []
             */
            requesterKeyFrom: string[];
            /**
             * @description Client id of who approved; null before somebody did.
             * @example second-administrator
             */
            approvedBy: string | null;
            /**
             * @description Through whose hands the key came: who registered the client or last gave it a key, who did so for that one, and so on. Empty where the city itself admitted it.
             * @example []
             */
            approverKeyFrom: string[];
            /**
             * @description Until when another administrator can approve: 30 days. Null for those asked for before requests ended.
             * @example 2026-12-22T08:00:00.000Z
             */
            expires: string | null;
            /**
             * @description Grounds of the legal holds that stand against it.
             * @example []
             */
            holds: ("litigation" | "investigation" | "retention-by-law")[];
            record: components["schemas"]["RecordOfErasure"] | null;
        };
        ExemptionDto: {
            /** @example ZZ001 */
            material: string;
            /** @example 居民身份证 */
            nameZh: string;
            /** @example true */
            exemptible: boolean;
            /**
             * @description Why it is not exemptible.
             * @example null
             * @enum {string|null}
             */
            reason: "no_rule" | "original_surrendered" | "original_inspected" | null;
            /** @description Of one role: alternatives. Of different roles: each needed, of those who take part. */
            answers: components["schemas"]["AnswerDto"][];
        };
        GrantConsentDto: {
            /**
             * @description Compact JWS of the enrolled key, typ consent-grant+jws, over RFC 8785 of {answer: "grant", capacity, case, consent, iat, noticeHash}
             * @example eyJ0eXAiOiJjb25zZW50LWdyYW50K2p3cyIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl
             */
            jws: string;
        };
        GrantedConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description How it stands
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
            /** @description The files that the SD-JWT names. */
            files?: components["schemas"]["HandedFileDto"][];
        };
        HandedFileDto: {
            /**
             * @description The claim that names the file: a field of kind image or file, or file.<name>.
             * @example file.original
             */
            name: string;
            /**
             * @description Where it lies, as POST /v1/files answered.
             * @example qf3H0m1V2bQ0v4yJ8m7TJw
             */
            blob: string;
            /**
             * @description Its key, as POST /v1/files answered.
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
             * @description The holder, under the name that this department knows
             * @example h3Yv0QmLxW8sPzR1tKdA5g
             */
            subject: string;
            /** @description For a watermark */
            purpose: components["schemas"]["PurposeDto"];
            /** @description What is answered */
            materials: components["schemas"]["MaterialReleasedDto"][];
            /** @description What is not, and why */
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
             * @description The opened fields, by their keys.
             * @example {
             *       "姓名": "测试甲"
             *     }
             */
            fields: {
                [key: string]: unknown;
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
             * @description How it stands
             * @example waiting
             * @enum {string}
             */
            state: "waiting" | "granted" | "refused" | "withdrawn" | "redeemed" | "withheld" | "expired";
            /**
             * @description Who asks
             * @example 人社
             */
            department: string;
            /**
             * @description At which window
             * @example window-3
             */
            window: string;
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /**
             * @description What for
             * @example 办理“灵活就业人员参保登记”
             */
            purpose: string;
            /** @description Which data */
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
            /** @description The text to show and to sign */
            notice: components["schemas"]["NoticeDto"];
        };
        HolderConsentsDto: {
            /** @description The newest first; at most 100 */
            consents: components["schemas"]["HolderConsentDto"][];
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
             * @description The number as the paper shows it; its check is tested
             * @example 11010519491231002X
             */
            number: string;
        };
        IdentifierOfSubject: {
            /**
             * @description Kind of number (GB/T 36903): 001 unified social credit code, 111 resident id number, 411–414 passports, 511 and 516 permits, 999 other.
             * @example 111
             * @enum {string}
             */
            kind: "001" | "111" | "411" | "412" | "413" | "414" | "511" | "516" | "999";
            /**
             * @description The number as the document shows it. The check of kinds 001 and 111 must hold.
             * @example 11010519491231002X
             */
            number: string;
        };
        IdentifySubjectBody: {
            identifier: components["schemas"]["IdentifierOfSubject"];
            /**
             * @description How the person was recognised: by document, by face, or in an authority's record.
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
             * @description Added to line numbers, where the content is a part of a larger file.
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
             * @description Types, matters, or materials of rules.
             * @example 479
             */
            added: number;
            /** @example 0 */
            changed: number;
            /** @example 0 */
            unchanged: number;
            /** @description Lines that were left out, and why. */
            refused: components["schemas"]["RefusedLineDto"][];
        };
        IssuedDto: {
            /**
             * @description The certificate, named by what was signed.
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
             * @description What is odd about its GB/T 36904 identifier.
             * @example [
             *       "identifier_type_local"
             *     ]
             */
            flags: string[];
            /**
             * @description unchanged: the same signed part had been handed in before.
             * @example recorded
             * @enum {string}
             */
            state: "recorded" | "unchanged";
            record: components["schemas"]["RecordDto"];
        };
        KeptFileDto: {
            /** @example qf3H0m1V2bQ0v4yJ8m7TJw */
            blob: string;
            /**
             * @description Given out once; the ledger keeps none.
             * @example 9bqz0Wm0i3cJ5m1xv2yQYw5xN7q0dQm5v0yXQm2cB4E
             */
            key: string;
            /** @example 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 */
            sha256: string;
            /** @example application/pdf */
            mediaType: string;
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
             * @description The stored bytes as UTF-8 text: RFC 8785 canonical JSON. Hash these, not a re-serialisation.
             * @example {"actor":{"client":"Yb2…"},"city":"city.example","data":{},"id":"…"}
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
             * @description Why the hold goes.
             * @example ended
             * @enum {string}
             */
            basis: "ended" | "placed-in-error";
        };
        MaterialDto: {
            /** @example ZZ001 */
            code: string;
            /** @example 居民身份证 */
            nameZh: string;
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
             * @description The authority's JWS, without disclosures
             * @example eyJ0eXAiOiJkYytzZC1qd3QiLCJhbGciOiJFZERTQSJ9.e30.c2lnbmF0dXJl
             */
            signed: string;
            /**
             * @description SD-JWT disclosures of the fields asked for; each one's digest stands in `signed`
             * @example [
             *       "WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3Iiwi5aeT5ZCNIiwi5rWL6K-V55SyIl0"
             *     ]
             */
            disclosures: string[];
            /**
             * @description The same as a plain map
             * @example {
             *       "姓名": "测试甲",
             *       "公民身份号码": "11010519491231002X"
             *     }
             */
            fields: {
                [key: string]: unknown;
            };
            /**
             * @description Fields asked for that the certificate does not have
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
        };
        MatterExemptionsDto: {
            /** @example SX0001 */
            matter: string;
            /** @example 灵活就业人员参保登记 */
            nameZh: string;
            /**
             * @description Whose rules hold: its own, or those of the basic matter.
             * @example SX0001
             */
            rulesOf: string;
            /**
             * @description 0 where there are no rules.
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
        MattersDto: {
            /**
             * @description All that were found, on every page.
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
             * @description When it ends: a minute at most
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
             * @description Why it has to be brought
             * @example holder_has_none
             * @enum {string}
             */
            reason: "holder_has_none" | "fields_absent" | "certificate_suspended" | "certificate_revoked" | "certificate_cancelled" | "certificate_expired" | "certificate_not_yet_valid";
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
             * @description The phone's public key as a JWK: Ed25519 or P-256.
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
        OfferedPhoneKey: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            enrolment: string;
            /**
             * @description RFC 7638 thumbprint of the offered key: the phone shows it, the clerk compares.
             * @example kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k
             */
            jkt: string;
        };
        OpenCaseDto: {
            /**
             * @description Code of the matter
             * @example SX0001
             */
            matter: string;
            /** @description Who takes part, one to ten */
            participants: components["schemas"]["ParticipantDto"][];
        };
        OpenEnrolmentBody: {
            identifier: components["schemas"]["IdentifierOfSubject"];
        };
        OpenedEnrolment: {
            /**
             * @description Id of the enrolment.
             * @example w0vF4cZtYyq9p4rT1dJZ3w
             */
            enrolment: string;
            /**
             * @description One-time code for the phone (128 bits). Show it as a QR code; it is kept nowhere.
             * @example xJ8kq2Vn0yZC7b1mR5tWdA
             */
            code: string;
            /**
             * @description Until when a phone may use it.
             * @example 2026-11-22T08:10:00.000Z
             */
            expires: string;
        };
        ParticipantDto: {
            /**
             * @description As what the person or organisation takes part; each role once
             * @example applicant
             * @enum {string}
             */
            role: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /** @description The number that the clerk read; either this or `code` */
            identifier?: components["schemas"]["IdentifierDto"];
            /**
             * @description The value of the QR code on the holder's phone; either this or `identifier`
             * @example q2m0bR7cV1xJ3kYt8wZ5dA
             */
            code?: string;
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
             * @description Whether it is the key that asks.
             * @example true
             */
            asking: boolean;
        };
        PhoneKeysOfHolder: {
            keys: components["schemas"]["PhoneKeyOfHolder"][];
        };
        PlaceLegalHoldBody: {
            /** @description Whom, by number. Either this or `subject`. */
            identifier?: components["schemas"]["IdentifierOfSubject"];
            /**
             * @description Whom, by the ledger's own subject id. Either this or `identifier`.
             * @example p5m1tN0c3uWvVQ2m4mXZpg
             */
            subject?: string;
            /**
             * @description On what ground the data must stay.
             * @example litigation
             * @enum {string}
             */
            basis: "litigation" | "investigation" | "retention-by-law";
        };
        /** @description RFC 9457. Programs switch on `code`, which is stable; texts may change. */
        Problem: {
            /**
             * Format: uri-reference
             * @example /problems/consent_spent
             */
            type: string;
            /** @example The present state does not allow this */
            title: string;
            /** @example 409 */
            status: number;
            /** @example consent_spent */
            code: string;
            /** @example this consent has been used */
            detail: string;
            /** @description What to do. */
            hint?: string;
            /** @description Ids and codes that say what happened to what; nothing personal. */
            facts?: {
                [key: string]: unknown;
            };
            /** @description The id under which the request is logged. */
            request: string;
        };
        PullReleaseDto: {
            /**
             * @description The consent token that the ledger minted for this terminal
             * @example eyJ0eXAiOiJjb25zZW50K2p3dCIsImFsZyI6IkVkRFNBIn0.e30.c2lnbmF0dXJl
             */
            token: string;
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
             * @description Why; a code, so that nothing personal is typed into the ledger.
             * @example maintenance
             * @enum {string}
             */
            reason: "lost" | "stolen" | "compromised" | "retired" | "maintenance" | "returned" | "other";
        };
        ReceiptDto: {
            /**
             * @description Proof that the record is in the sealed log: a C2SP tlog-proof, verified offline by `mianzheng verify receipt`; null where the seal took over a second
             * @example c2sp.org/tlog-proof@v1
             *     extra uU0nuZNNPg…
             *     index 7
             *     …
             */
            receipt: string | null;
            /**
             * @description Where it can be fetched at any time, under the then latest checkpoint
             * @example /v1/receipts/book-1XnA0vJm3sYk2qLzR8tWcg/2?hash=b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9
             */
            at: string;
        };
        ReceiptedDto: {
            /** @description What is handed over */
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
            /** @description Where in the ledger it stands */
            record: components["schemas"]["ReleaseRecordDto"];
            /** @description That it stands there for good */
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
        RecordsDto: {
            /** @example case-9aX4mY0q2bC7dE1fG3hI5j */
            stream: string;
            /** @description At most 1,000, in order; ask again from the next version. */
            records: components["schemas"]["LedgerRecordDto"][];
        };
        RefusedLineDto: {
            /**
             * @description Line of the file, the header being 1.
             * @example 17
             */
            line: number;
            /** @example SX0001 */
            code: string | null;
            /** @example field_unknown */
            reason: string;
            /**
             * @description The column, code or field that it is about.
             * @example 住址
             */
            detail: string;
        };
        RegisterClientDto: {
            /**
             * @description What the client is.
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
             * @description The window where it stands; terminals and kiosks must have one.
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
             * @description What it may do; all that its kind may where left out.
             * @example [
             *       "cases:open",
             *       "releases:pull",
             *       "matters:read"
             *     ]
             */
            scopes?: ("clients:manage" | "catalogue:manage" | "certificates:issue" | "subjects:identify" | "subjects:erase" | "cases:open" | "releases:pull" | "matters:read" | "statistics:read" | "ledger:audit")[] | null;
            /**
             * @description Public JWKs, Ed25519 or P-256, without the private part.
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
             * @description The record as it is stored, UTF-8 text: SHA-256(0x00 ‖ these bytes) is the hash. With `handedOver`, the salt and the receipt `verifyRelease` of the offline verifier needs nothing else
             * @example {"actor":{"client":"window-3-terminal"},"city":"city.example","data":{"case":"b0mC3rWkTq6L1sXvY9zH4g"},"id":"…"}
             */
            bytes: string;
            /**
             * @description What the record holds: SHA-256(salt ‖ RFC 8785 of `handedOver`), base64url
             * @example 2jmj7l5rSw0yVb_vlWAYkK_YBwk2jmj7l5rSw0yVb_w
             */
            commitment: string;
            /**
             * @description The salt, base64url: kept by nobody but the receiver
             * @example uH2mVt5sQ0yXb3zK8wLrC1eNfA7dJpGoTiMvYqSx4hE
             */
            salt: string;
        };
        RequestConsentDto: {
            /**
             * @description Whom to ask
             * @example applicant
             * @enum {string}
             */
            role: "applicant" | "spouse" | "child" | "seller" | "legal-representative" | "employee" | "legal-person" | "mortgagee" | "surveyor" | "designer" | "contractor" | "owner";
            /**
             * @description Codes of the materials to be answered; which fields, the rules of the case say
             * @example [
             *       "ZZ001"
             *     ]
             */
            materials: string[];
        };
        RequestErasureBody: {
            /** @description Whom, by number. Either this or `subject`. */
            identifier?: components["schemas"]["IdentifierOfSubject"];
            /**
             * @description Whom, by the ledger's own subject id. Either this or `identifier`.
             * @example p5m1tN0c3uWvVQ2m4mXZpg
             */
            subject?: string;
            /**
             * @description Why: the cases of article 47 of the Personal Information Protection Law.
             * @example consent-withdrawn
             * @enum {string}
             */
            reason: "purpose-ended" | "retention-ended" | "consent-withdrawn" | "unlawful" | "other-law";
        };
        RequestedErasure: {
            /**
             * @description Id of the erasure, for the administrator who approves.
             * @example w0vF4cZtYyq9p4rT1dJZ3w
             */
            erasure: string;
            /**
             * @description Until when another administrator can approve: 30 days. Null for those asked for before requests ended.
             * @example 2026-12-22T08:00:00.000Z
             */
            expires: string | null;
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
             * @description The fields that the matter needs of it, and no others
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
             * @description How it stands
             * @example exemptible
             * @enum {string}
             */
            state: "exemptible" | "waiting" | "granted" | "answered" | "to-be-brought" | "brought";
            /**
             * @description Why it has to be brought: no_rule, no_participant, consent_refused, consent_expired, consent_withdrawn, release_withheld, or, after a grant only, holder_has_none, fields_absent, certificate_*
             * @example null
             */
            reason: string | null;
            /** @description What would answer it: of each role that takes part, any one */
            answers: components["schemas"]["RequirementAnswerDto"][];
            /**
             * @description The consent that the state follows from
             * @example null
             */
            consent: string | null;
            /**
             * @description Whether a holder may be asked for it now
             * @example true
             */
            mayAsk: boolean;
            /** @description One for each participant from whom it is needed (both spouses show a card); the state above is that of the part furthest from an answer */
            parts: components["schemas"]["RequirementPartDto"][];
        };
        RequirementPartDto: {
            /**
             * @description Role of the participant
             * @example applicant
             */
            whose: string;
            /**
             * @description How it stands
             * @example exemptible
             * @enum {string}
             */
            state: "exemptible" | "waiting" | "granted" | "answered" | "to-be-brought" | "brought";
            /**
             * @description Why it has to be brought
             * @example null
             */
            reason: string | null;
            /**
             * @description The consent that the state follows from
             * @example null
             */
            consent: string | null;
            /**
             * @description Whether this participant may be asked now
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
             * @description Why; not-wanted where nothing is said.
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
             * @description The public JWK that takes the place of all others.
             * @example {
             *       "kty": "OKP",
             *       "crv": "Ed25519",
             *       "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
             *     }
             */
            jwk: {
                [key: string]: unknown;
            };
        };
        ShownCodeDto: {
            /**
             * @description Value of the QR code: opaque, for one use
             * @example q2m0bR7cV1xJ3kYt8wZ5dA
             */
            code: string;
            /**
             * @description When it ends: 60 seconds
             * @example 2026-11-22T08:01:00.000Z
             */
            expires: string;
        };
        StatementDto: {
            /**
             * @description Compact JWS, `typ: exemption-statement+jws`, by a key of `/log/statement-keys`: case, matter, rule version, and each material with the record that answered it
             * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImV4ZW1wdGlvbi1zdGF0ZW1lbnQrandzIn0.e30.c2lnbmF0dXJl
             */
            statement: string;
            /** @description The records that the statement names */
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
             * @description Materials that a release answered
             * @example 12
             */
            exemptions: number;
            /**
             * @description Certificates handed over
             * @example 12
             */
            releases: number;
            /**
             * @description Certificates read again
             * @example 1
             */
            readings: number;
            /**
             * @description Value of the dimension; of a window, its department before it: 人社/window-3
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
             * @example natural
             * @enum {string}
             */
            holder: "natural" | "legal" | "both";
            /**
             * @description ISO 8601 duration; null for no expiry.
             * @example P20Y
             */
            validity: string | null;
            fields: components["schemas"]["TypeFieldDto"][];
            /**
             * @description GB/T 36904 type code, where one is known.
             * @example 11100000000013127D001
             */
            nationalTypeCode: string | null;
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
             * @example code
             * @enum {string}
             */
            kind: "text" | "date" | "code" | "number" | "rows" | "image" | "file";
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
             * @example natural
             * @enum {string}
             */
            holder: "natural" | "legal" | "both";
            /**
             * @description ISO 8601 duration; null for no expiry.
             * @example P20Y
             */
            validity: string | null;
            fields: components["schemas"]["TypeFieldDto"][];
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
             * @description SHA-256 of what was signed: what the next version names as superseded.
             * @example m0v1jH5w3q2x0f7o6l4k9s8d7g6h5j4k3l2z1x0c9vA
             */
            digest: string;
            /**
             * @description Names alone.
             * @example [
             *       "姓名",
             *       "公民身份号码"
             *     ]
             */
            fields: string[];
            /**
             * @description How many holders it has.
             * @example 1
             */
            holders: number;
            /** @example [] */
            flags: string[];
        };
        WaitingConsentDto: {
            /**
             * @description Id of the consent
             * @example Zk3nT0bqVxS8hHqY2cJ4Rw
             */
            consent: string;
            /**
             * @description The same whoever was asked
             * @example waiting
             * @enum {string}
             */
            state: "waiting";
            /**
             * @description Until when the holder can answer
             * @example 2026-11-22T08:10:00.000Z
             */
            answerBy: string;
        };
        WalletPageDto: {
            certificates: components["schemas"]["HeldCertificateDto"][];
            /** @example 1 */
            page: number;
            /**
             * @description Certificates on all pages.
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
             * @description Whom it was asked of
             * @example applicant
             */
            role: string;
            /**
             * @description Materials it is for
             * @example [
             *       "ZZ001"
             *     ]
             */
            materials: string[];
            /**
             * @description How it stands
             * @example granted
             * @enum {string}
             */
            state: "waiting" | "granted" | "refused" | "withdrawn" | "redeemed" | "withheld" | "expired";
            /**
             * @description Until when the holder can answer
             * @example 2026-11-22T08:10:00.000Z
             */
            answerBy: string;
            /**
             * @description Until when it can be redeemed, once granted
             * @example 2026-11-22T08:12:30.000Z
             */
            redeemBy: string | null;
        };
        WithdrawnErasure: {
            /** @example w0vF4cZtYyq9p4rT1dJZ3w */
            erasure: string;
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
        /** @description Who calls is not proved */
        Unauthenticated: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/token_missing",
                 *       "title": "Who calls is not proved",
                 *       "status": 401,
                 *       "code": "token_missing",
                 *       "detail": "Who calls is not proved",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The caller may not do this */
        Refused: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/scope_missing",
                 *       "title": "The caller may not do this",
                 *       "status": 403,
                 *       "code": "scope_missing",
                 *       "detail": "The caller may not do this",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing for this caller */
        Absent: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/case_unknown",
                 *       "title": "There is no such thing for this caller",
                 *       "status": 404,
                 *       "code": "case_unknown",
                 *       "detail": "There is no such thing for this caller",
                 *       "request": "q3Yw0pXn7dRk"
                 *     }
                 */
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The present state does not allow this */
        Conflict: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/idempotency_key_reused",
                 *       "title": "The present state does not allow this",
                 *       "status": 409,
                 *       "code": "idempotency_key_reused",
                 *       "detail": "The present state does not allow this",
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
                [name: string]: unknown;
            };
            content: {
                /**
                 * @example {
                 *       "type": "/problems/rate_limit_reached",
                 *       "title": "Too many requests",
                 *       "status": 429,
                 *       "code": "rate_limit_reached",
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
            /** @description A part is not ready; its code says why */
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
    logCheckpoint: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                    "text/plain; charset=utf-8": unknown;
                };
            };
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
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example log city.example+9b2f…
                     *     quorum none
                     */
                    "text/plain; charset=utf-8": unknown;
                };
            };
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
                    "text/plain; charset=utf-8": unknown;
                };
            };
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
                "application/json": components["schemas"]["OpenCaseDto"];
            };
        };
        responses: {
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
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CloseCaseDto"];
            };
        };
        responses: {
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
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RequestConsentDto"];
            };
        };
        responses: {
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
                id: string;
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                id: string;
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                id: string;
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                id: string;
                code: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BringMaterialDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ImportCatalogueDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["HandInDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        /** @description NDJSON: {"sdJwt": "…", "files"?: […]} on each line. CSV: a column sd_jwt. At most 1,000 lines and 16 MiB. */
        requestBody: {
            content: {
                "application/x-ndjson": string;
                "text/csv": string;
            };
        };
        responses: {
            /** @description A line for each, in order: {"line", "state": "recorded" | "unchanged", "certificate", "flags"} or {"line", "state": "refused", "code", "detail", "facts"}. */
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
                "application/json": components["schemas"]["HandInDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
                "application/json": components["schemas"]["CancelDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
                "application/json": components["schemas"]["ReinstateDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
                "application/json": components["schemas"]["RevokeDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
                "application/json": components["schemas"]["SuspendDto"];
            };
        };
        responses: {
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
    identityRegister: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
                "Idempotency-Key": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RegisterClientDto"];
            };
        };
        responses: {
            201: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
                "application/json": components["schemas"]["ReasonDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
                "application/json": components["schemas"]["ReasonDto"];
            };
        };
        responses: {
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
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
                "application/json": components["schemas"]["RotateKeyDto"];
            };
        };
        responses: {
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
    privacyOpenEnrolment: {
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
                "application/json": components["schemas"]["OpenEnrolmentBody"];
            };
        };
        responses: {
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
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    privacyOfferPhoneKey: {
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
                "application/json": components["schemas"]["OfferPhoneKeyBody"];
            };
        };
        responses: {
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
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            503: components["responses"]["Unavailable"];
        };
    };
    privacyEnrolment: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
    privacyConfirmEnrolment: {
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
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfirmEnrolmentBody"];
            };
        };
        responses: {
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
                "application/json": components["schemas"]["RequestErasureBody"];
            };
        };
        responses: {
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
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
    batchKeep: {
        parameters: {
            query?: never;
            header: {
                /** @description 16 to 128 visible ASCII letters, the same for every retry. */
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
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
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
                stream: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                "application/json": components["schemas"]["PlaceLegalHoldBody"];
            };
        };
        responses: {
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
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LiftLegalHoldBody"];
            };
        };
        responses: {
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
    catalogueMatters: {
        parameters: {
            query?: {
                /** @description Words that must all be found in code, names, department, place, bundle or materials. */
                q?: string;
                /** @description Exactly this place. */
                place?: string;
                department?: string;
                level?: "municipal" | "district" | "town" | "village";
                audience?: "natural" | "legal";
                /** @description A bundle (一件事一次办). */
                bundle?: string;
                /** @description Page, from 1. */
                page?: number;
                /** @description Matters a page. */
                size?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                /** @description Code of a matter; at a place `SX0001.0031`. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                /** @description Code of a matter; at a place `SX0001.0031`. */
                code: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
    phoneConsentAccesses: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AccessesDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    receiptsBook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BookDto"];
                };
            };
            401: components["responses"]["Unauthenticated"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    statementStatement: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                case: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
    phoneConsentCode: {
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
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["ContentType"];
            429: components["responses"]["TooMany"];
            503: components["responses"]["Unavailable"];
        };
    };
    phoneConsentConsents: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HolderConsentsDto"];
                };
            };
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
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                consent: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["GrantConsentDto"];
            };
        };
        responses: {
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
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
                consent: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
    privacyOwnPhoneKeys: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
    privacyRevokePhoneKey: {
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
                jkt: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevokePhoneKeyBody"];
            };
        };
        responses: {
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
    receiptsReceipt: {
        parameters: {
            query: {
                /** @description The record's leaf hash, hexadecimal: who does not know it gets no receipt */
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
                    "text/plain; charset=utf-8": unknown;
                };
            };
            400: components["responses"]["Invalid"];
            404: components["responses"]["Absent"];
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
                "application/json": components["schemas"]["PullReleaseDto"];
            };
        };
        responses: {
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
                /** @description First day, Asia/Shanghai */
                from: string;
                /** @description Last day */
                to: string;
                /** @description What to count by */
                by?: "day" | "type" | "matter" | "department" | "window" | "town";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
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
    privacyIdentify: {
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
                "application/json": components["schemas"]["IdentifySubjectBody"];
            };
        };
        responses: {
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
}
