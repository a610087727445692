import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { answered } from '../shared/trouble.ts';
import { Dialog } from '../window/parts/dialog.tsx';
import { readEntry, shanghaiDay } from '../window/who.ts';
import { Field, TextField } from './parts/field.tsx';
import { useCommand } from './use-command.ts';

type Reason = Schemas['RequestErasureBody']['reason'];
type Basis = Schemas['PlaceLegalHoldBody']['basis'];

export const erasureReasonWords: {
  readonly zh: Readonly<Record<Reason, string>>;
  readonly en: Readonly<Record<Reason, string>>;
} = {
  zh: {
    'consent-withdrawn': '本人撤回同意',
    'purpose-ended': '目的已实现或无法实现',
    'retention-ended': '保存期限已满或停止服务',
    unlawful: '违法处理',
    'other-law': '其他法律规定',
  },
  en: {
    'consent-withdrawn': 'the person takes the consent back',
    'purpose-ended': 'its purpose is reached, or out of reach',
    'retention-ended': 'kept long enough, or the service ended',
    unlawful: 'held unlawfully',
    'other-law': 'another law',
  },
};
export const basisWords: {
  readonly zh: Readonly<Record<Basis, string>>;
  readonly en: Readonly<Record<Basis, string>>;
} = {
  zh: { litigation: '诉讼', investigation: '调查', 'retention-by-law': '法定保存期限' },
  en: {
    litigation: 'litigation',
    investigation: 'investigation',
    'retention-by-law': 'retention by law',
  },
};

const zh = {
  erasure: '申请删除个人数据',
  hold: '设置保全',
  whom: '身份证号、统一社会信用代码或主体编号',
  whomHint: '号码只用于查找，不写入记录。',
  reason: '原因（个人信息保护法第四十七条）',
  basis: '依据',
  erasureAct: '申请删除',
  holdAct: '设置保全',
  cancel: '取消',
};
const en: typeof zh = {
  erasure: 'Ask for the erasure of a person’s data',
  hold: 'Place a hold',
  whom: 'Identity number, social credit code, or subject id',
  whomHint: 'A number is for finding alone, and is not recorded.',
  reason: 'Reason (Personal Information Protection Law, article 47)',
  basis: 'Ground',
  erasureAct: 'Ask for the erasure',
  holdAct: 'Place the hold',
  cancel: 'Cancel',
};

type Whom = Pick<Schemas['RequestErasureBody'], 'identifier' | 'subject'>;

/** A number by its kind, or the ledger's own id; null where it is neither. */
export function whomIn(text: string, today: string): Whom | null {
  const typed = text.trim();
  if (/^[\w-]{22}$/.test(typed)) return { subject: typed };
  for (const kind of ['natural', 'legal'] as const) {
    const entry = readEntry(typed, kind, today);
    if (entry.is === 'number') return { identifier: { kind: entry.kind, number: entry.number } };
  }
  return null;
}

/** Asks for an erasure, or places a hold, of one person. */
export function AskDialog({
  what,
  onClose,
}: {
  readonly what: 'erasure' | 'hold';
  readonly onClose: () => void;
}) {
  const words = useWords({ zh, en });
  const reasons = useWords(erasureReasonWords);
  const bases = useWords(basisWords);
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState<Reason>('consent-withdrawn');
  const [basis, setBasis] = useState<Basis>('litigation');
  const whom = whomIn(typed, shanghaiDay(new Date()));
  const ask = useCommand<Whom>(async (of, header, api) => {
    const params = { header };
    await answered<unknown>(
      what === 'erasure'
        ? api.POST('/v1/erasures', { params, body: { ...of, reason } })
        : api.POST('/v1/legal-holds', { params, body: { ...of, basis } }),
    );
    onClose();
  });
  const choice = <Value extends string>(
    label: string,
    value: Value,
    names: Readonly<Record<Value, string>>,
    onChange: (value: Value) => void,
  ) => (
    <Field label={label}>
      {(id) => (
        <select
          id={id}
          className="field"
          value={value}
          onChange={({ currentTarget }) => {
            onChange(currentTarget.value as Value);
          }}
        >
          {(Object.keys(names) as Value[]).map((one) => (
            <option key={one} value={one}>
              {names[one]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <Dialog title={words[what]} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (whom !== null) ask.press(whom);
        }}
      >
        <TextField
          label={words.whom}
          hint={words.whomHint}
          value={typed}
          mono
          onChange={(value) => {
            ask.forget();
            setTyped(value);
          }}
        />
        {what === 'erasure'
          ? choice(words.reason, reason, reasons, setReason)
          : choice(words.basis, basis, bases, setBasis)}
        {ask.trouble === null ? null : <TroubleNotice trouble={ask.trouble} />}
        <div className="buttons">
          <button type="button" className="button" onClick={onClose}>
            {words.cancel}
          </button>
          <button type="submit" className="button primary" disabled={whom === null || ask.busy}>
            {what === 'erasure' ? words.erasureAct : words.holdAct}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
