/**
 * The members of an object that rules read, in the order of canonical JSON; those of a record's
 * data, or of a member of it.
 */
type Shape = readonly (readonly [of: 'data' | `data.${string}` | 'record', ...members: string[]])[];

/**
 * The event types that rules read, and their members for each schema from 1 on: the minimum,
 * because they pass between threads. A new schema's shape names where the same values are, so that
 * the rules get them under the same names.
 */
export const told: ReadonlyMap<string, readonly Shape[]> = new Map<string, readonly Shape[]>([
  [
    'CaseOpened',
    [
      [['data', 'participants']],
      [
        ['data', 'participants', 'selfService'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'CaseOpenedOnline',
    [
      [
        ['data', 'caller', 'department', 'matter', 'matterName', 'participants'],
        ['data.proof', 'jkt', 'jws', 'method'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'CaseTaken',
    [
      [
        ['data', 'window'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'CaseReturned',
    [
      [
        ['data', 'window'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'CaseWithdrawn',
    [
      [
        ['data', 'caller'],
        ['record', 'time'],
      ],
    ],
  ],
  ['CaseClosed', [[['record', 'time']]]],
  [
    'ConsentRequested',
    [
      [
        ['data', 'action', 'asks', 'basis', 'case', 'consent', 'role'],
        ['data.match', 'commitment'],
        ['data.notice', 'hash'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'ConsentGranted',
    [
      [
        ['data', 'caller', 'capacity', 'consent', 'match'],
        ['data.proof', 'authenticatorData', 'clientDataJSON', 'jkt', 'jws', 'method', 'signature'],
        ['record', 'time'],
      ],
    ],
  ],
  ['ConsentRefused', [[['data', 'caller', 'consent']]]],
  ['ConsentWithdrawn', [[['data', 'caller', 'consent']]]],
  ['NumberMismatched', [[['data', 'caller', 'consent', 'ends']]]],
  ['ConsentEnded', [[['data', 'consent']]]],
  [
    'ConsentRedeemed',
    [
      [
        ['data', 'action', 'basis', 'case', 'caseVersion', 'consent', 'read'],
        ['record', 'time'],
      ],
    ],
  ],
  ['NothingReleased', [[['data', 'consent', 'ends', 'reading']]]],
  ['ReleaseWithheld', [[['data', 'consent', 'reading']]]],
  [
    'ReleaseReadAgain',
    [
      [
        ['data', 'consent', 'reading', 'used'],
        ['record', 'time'],
      ],
    ],
  ],
  ['PhoneKeyOffered', [[['data', 'jkt', 'jwk']]]],
  ['PhoneEnrolled', [[['data', 'jkt']]]],
  [
    'PhoneKeyRevoked',
    [
      [
        ['data', 'caller', 'jkt'],
        ['record', 'time'],
      ],
    ],
  ],
  ['PasskeyEnrolled', [[['data', 'credential', 'jkt', 'jwk', 'phone', 'rpId', 'statement']]]],
  [
    'PasskeyRevoked',
    [
      [
        ['data', 'caller', 'jkt'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'ClientRegistered',
    [
      [
        [
          'data',
          'authority',
          'department',
          'keys',
          'kind',
          'name',
          'scopes',
          'signIn',
          'town',
          'window',
        ],
        ['record', 'actor', 'operator', 'time'],
      ],
    ],
  ],
  [
    'ClientKeyRotated',
    [
      [
        ['data', 'added', 'approval', 'retired'],
        ['record', 'actor', 'operator', 'time'],
      ],
      [
        ['data', 'added', 'approval', 'retired'],
        ['record', 'actor', 'operator', 'time'],
      ],
    ],
  ],
  [
    'ExclusionRequested',
    [
      [
        ['data', 'by', 'events', 'exclusion', 'expires', 'requestedWith', 'stream'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  ['ExclusionWithdrawn', [[['data', 'exclusion']]]],
  [
    'ForeignEventsExcluded',
    [
      [
        [
          'data',
          'approvedWith',
          'by',
          'events',
          'exclusion',
          'reason',
          'requestedBy',
          'sealed',
          'stream',
        ],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'ErasureRequested',
    [
      [
        ['data', 'by', 'erasure', 'expires', 'requestedWith'],
        ['record', 'actor', 'operator', 'time'],
      ],
      [
        ['data', 'by', 'erasure', 'expires', 'requestedWith'],
        ['record', 'actor', 'operator', 'time'],
      ],
    ],
  ],
  ['ErasureWithdrawn', [[['data', 'erasure']]]],
  [
    'ErasureApproved',
    [
      [
        ['data', 'approvedWith', 'by', 'erasure'],
        ['record', 'actor', 'operator', 'time'],
      ],
      [
        ['data', 'approvedWith', 'by', 'erasure'],
        ['record', 'actor', 'operator', 'time'],
      ],
    ],
  ],
  ['SubjectErased', [[['data', 'erasure']]]],
  [
    'PagesPublished',
    [
      [
        ['data', 'files', 'set'],
        ['record', 'actor', 'time'],
      ],
    ],
  ],
  [
    'OperatorInvited',
    [
      [
        ['data', 'department', 'roles'],
        ['record', 'actor', 'operator', 'time'],
      ],
    ],
  ],
  [
    'OperatorPasskeyAdded',
    [
      [
        ['data', 'credential', 'transports'],
        ['record', 'actor', 'operator', 'time'],
      ],
    ],
  ],
  ['OperatorAccountBound', [[['record', 'actor', 'operator', 'time']]]],
  ['OperatorInvitedAgain', [[['record', 'actor', 'operator', 'time']]]],
  [
    'OperatorRolesChanged',
    [
      [
        ['data', 'roles'],
        ['record', 'actor', 'operator', 'time'],
      ],
    ],
  ],
  ['OperatorDisabled', [[['record', 'actor', 'operator', 'time']]]],
  ['OperatorEnabled', [[['record', 'actor', 'operator', 'time']]]],
  ['ClientDisabled', [[['record', 'actor', 'operator', 'time']]]],
  ['ClientEnabled', [[['record', 'actor', 'operator', 'time']]]],
  [
    'ClientTypesChanged',
    [
      [
        ['data', 'types'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'CertificateIssued',
    [
      [
        ['data', 'authority', 'demandedBy', 'type'],
        ['data.version', 'asOf', 'number', 'signed'],
        ['record', 'time'],
      ],
    ],
  ],
  [
    'CertificateAmended',
    [
      [
        ['data.version', 'asOf', 'number', 'signed'],
        ['record', 'time'],
      ],
    ],
  ],
]);
