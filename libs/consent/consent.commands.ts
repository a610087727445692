import type { ActingFor } from '#libs/identity';
import type { Instant } from '#libs/kernel';
import type { NumberMatch } from '#libs/verify';
import type {
  Action,
  Ask,
  Capacity,
  ConsentRedeemed,
  ConsentRequested,
  GrantProof,
  NothingReleased,
  ReleaseReadAgain,
  ReleaseWithheld,
} from './consent.events.js';
import type { AtTerminal } from './usable.js';

/** A release as its command forms it; the rest follows from the book. */
export type Redemption = Omit<ConsentRedeemed['data'], 'action' | 'basis' | 'readAgainUntil'>;

export type ConsentCommand =
  | {
      readonly kind: 'request';
      readonly request: ConsentRequested['data'];
      /** What the case and its caller permit. */
      readonly permitted: Action;
      readonly now: Instant;
    }
  | {
      readonly kind: 'grant';
      readonly by: ActingFor;
      readonly consent: string;
      readonly signed: {
        readonly consent: string;
        readonly case: string;
        readonly noticeHash: string;
        readonly capacity: Capacity;
        readonly digits: string | null;
      };
      readonly proof: GrantProof;
      /** What the window shows; null where it shows no number. */
      readonly match: NumberMatch | null;
      readonly now: Instant;
    }
  | {
      readonly kind: 'refuse';
      readonly by: ActingFor;
      readonly consent: string;
      readonly now: Instant;
    }
  | { readonly kind: 'withdraw'; readonly by: ActingFor; readonly consent: string }
  /** The applicant withdrew the case: what waits is refused, what was granted withdrawn. */
  | {
      readonly kind: 'withdraw-case';
      readonly by: ActingFor;
      readonly case: string;
      readonly now: Instant;
    }
  /**
   * The paper was brought: the material's pending consents in the case end, and so does reading
   * again.
   */
  | {
      readonly kind: 'end-brought';
      readonly case: string;
      readonly material: string;
      readonly now: Instant;
    }
  /** The requesting terminal withdraws its request, before anything was released by it. */
  | {
      readonly kind: 'withdraw-request';
      readonly by: AtTerminal;
      readonly case: string;
      readonly consent: string;
      readonly now: Instant;
    }
  /**
   * The holder revoked a phone's key, or a passkey: what they granted ends, unless it was released
   * and can no longer be read again.
   */
  | { readonly kind: 'end-key'; readonly jkts: readonly string[]; readonly now: Instant }
  | {
      readonly kind: 'redeem';
      readonly by: AtTerminal;
      /**
       * What the rules recorded in the case permit to request of this participant, derived again.
       */
      readonly allowed: readonly Ask[];
      /** What the terminal wants the data for. */
      readonly action: Action;
      readonly redemption: Redemption;
      readonly now: Instant;
    }
  /** Nothing can be released, or read again, and the terminal will be told why. */
  | {
      readonly kind: 'release-nothing';
      readonly by: AtTerminal;
      readonly case: string;
      readonly again: boolean;
      readonly nothing: Omit<NothingReleased['data'], 'reading' | 'ends'>;
      readonly now: Instant;
    }
  | { readonly kind: 'withhold'; readonly withheld: ReleaseWithheld['data'] }
  | {
      readonly kind: 'read-again';
      readonly by: AtTerminal;
      readonly reading: Pick<ReleaseReadAgain['data'], 'consent' | 'commitment' | 'place'>;
      readonly case: string;
      readonly now: Instant;
    };
