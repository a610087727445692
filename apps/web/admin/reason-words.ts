import type { Schemas } from '#libs/api-client';

type Reason = Schemas['ReasonDto']['reason'];

/** Why a client or an operator is disabled or enabled: codes, so that no text gets into records. */
export const reasonWords: {
  readonly zh: Readonly<Record<Reason, string>>;
  readonly en: Readonly<Record<Reason, string>>;
} = {
  zh: {
    lost: '遗失',
    stolen: '被盗',
    compromised: '密钥或账户泄露',
    retired: '停用、离岗',
    maintenance: '维护',
    returned: '已恢复、已返岗',
    other: '其他',
  },
  en: {
    lost: 'lost',
    stolen: 'stolen',
    compromised: 'key or account leaked',
    retired: 'retired, left',
    maintenance: 'maintenance',
    returned: 'back again',
    other: 'other',
  },
};

export const reasons = Object.keys(reasonWords.zh) as Reason[];
export type { Reason };
