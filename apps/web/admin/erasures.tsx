import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { Status, type Tone } from '../shared/status.tsx';
import { answered } from '../shared/trouble.ts';
import { AskDialog, basisWords, erasureReasonWords } from './ask-dialog.tsx';
import { timeOf } from './format.ts';
import { handWords, useHands } from './hands.tsx';
import { useAdmin } from './session.tsx';
import { useAnswer, useCommand } from './use-command.ts';

type Erasure = Schemas['ErasureState'];

const zh = {
  how: '删除个人数据须两位互相独立的管理员：一位申请，另一位在自己的管理终端上批准。批准后密钥即销毁，不能恢复；账本仍可验证。有保全的不能删除。',
  ask: '申请删除',
  hold: '设置保全',
  open: '待批准和执行中的删除',
  noErasures: '没有待批准的删除申请。',
  holds: '现行保全',
  noHolds: '没有保全。',
  subject: '主体编号',
  reason: '原因',
  askedBy: '申请人',
  state: '状态',
  acts: '操作',
  states: {
    requested: '待另一位管理员批准',
    expired: '已过 30 天，失效',
    withdrawn: '已撤回',
    approved: '已批准，执行中',
    erased: '已删除',
  } satisfies Record<Erasure['state'], string>,
  until: (time: string) => `${time} 前可批准`,
  held: '有保全，不能批准',
  approve: '批准并删除',
  sure: '再按一次：永久删除',
  withdraw: '撤回申请',
  basis: '依据',
  lift: '解除',
  lifted: '解除：依据已结束',
  mistaken: '解除：设置有误',
  you: '您',
};
const en: typeof zh = {
  how: 'An erasure needs two administrators who are independent: one asks, the other approves at a terminal of the own. The key is then destroyed, for good; the ledger still verifies. What is on hold is not erased.',
  ask: 'Ask for an erasure',
  hold: 'Place a hold',
  open: 'Erasures that wait or are being carried out',
  noErasures: 'No erasure waits for an approval.',
  holds: 'Holds that stand',
  noHolds: 'There is no hold.',
  subject: 'Subject',
  reason: 'Reason',
  askedBy: 'Asked by',
  state: 'State',
  acts: 'Actions',
  states: {
    requested: 'waits for another administrator',
    expired: 'lapsed after 30 days',
    withdrawn: 'withdrawn',
    approved: 'approved, being carried out',
    erased: 'erased',
  },
  until: (time) => `can be approved until ${time}`,
  held: 'on hold: cannot be approved',
  approve: 'Approve and erase',
  sure: 'Press again: erase for good',
  withdraw: 'Withdraw',
  basis: 'Ground',
  lift: 'Lift',
  lifted: 'Lift: the ground has ended',
  mistaken: 'Lift: placed in error',
  you: 'you',
};

const tones: Readonly<Record<Erasure['state'], Tone>> = {
  requested: 'amber',
  expired: 'slate',
  withdrawn: 'slate',
  approved: 'blue',
  erased: 'green',
};

/** Erasures by two administrators, and legal holds. */
export function Erasures() {
  const words = useWords({ zh, en });
  const [asking, setAsking] = useState<'erasure' | 'hold' | null>(null);
  const erasures = useAnswer(['erasures'], (api) => answered(api.GET('/v1/erasures')), {
    every: 10_000,
  });
  const holds = useAnswer(['holds'], (api) => answered(api.GET('/v1/legal-holds')));
  return (
    <>
      <div className="tools">
        <button
          type="button"
          className="button primary"
          onClick={() => {
            setAsking('erasure');
          }}
        >
          {words.ask}
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            setAsking('hold');
          }}
        >
          {words.hold}
        </button>
        <p className="quiet">{words.how}</p>
      </div>
      <section className="sheet" aria-label={words.open}>
        <h2>{words.open}</h2>
        {erasures.trouble === null ? null : <TroubleNotice trouble={erasures.trouble} />}
        {erasures.data?.erasures.length === 0 ? <p>{words.noErasures}</p> : null}
        {erasures.data === null || erasures.data.erasures.length === 0 ? null : (
          <table>
            <thead>
              <tr>
                <th scope="col">{words.subject}</th>
                <th scope="col">{words.reason}</th>
                <th scope="col">{words.askedBy}</th>
                <th scope="col">{words.state}</th>
                <th scope="col">{words.acts}</th>
              </tr>
            </thead>
            <tbody>
              {erasures.data.erasures.map((erasure) => (
                <ErasureRow key={erasure.erasure} erasure={erasure} />
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section className="sheet" aria-label={words.holds}>
        <h2>{words.holds}</h2>
        {holds.trouble === null ? null : <TroubleNotice trouble={holds.trouble} />}
        {holds.data?.holds.length === 0 ? <p>{words.noHolds}</p> : null}
        {holds.data === null || holds.data.holds.length === 0 ? null : (
          <table>
            <thead>
              <tr>
                <th scope="col">{words.subject}</th>
                <th scope="col">{words.basis}</th>
                <th scope="col">{words.acts}</th>
              </tr>
            </thead>
            <tbody>
              {holds.data.holds.map((hold) => (
                <HoldRow key={hold.hold} hold={hold} />
              ))}
            </tbody>
          </table>
        )}
      </section>
      {asking === null ? null : (
        <AskDialog
          what={asking}
          onClose={() => {
            setAsking(null);
          }}
        />
      )}
    </>
  );
}

function ErasureRow({ erasure: found }: { readonly erasure: Erasure }) {
  const words = useWords({ zh, en });
  const reasons = useWords(erasureReasonWords);
  const hand = useWords(handWords);
  const language = useLanguage();
  const { session } = useAdmin();
  const hands = useHands();
  const { erasure, subject, reason, state, requestedBy, requestedByOperator, expires } = found;
  const isMine = requestedByOperator === session.operator;
  const [sure, setSure] = useState(false);
  const approve = useCommand<string>(async (id, header, api) => {
    const params = { header, path: { id } };
    await answered(api.POST('/v1/erasures/{id}/approve', { params }));
  });
  const withdraw = useCommand<string>(async (id, header, api) => {
    const params = { header, path: { id } };
    await answered(api.POST('/v1/erasures/{id}/withdraw', { params }));
  });
  const trouble = approve.trouble ?? withdraw.trouble;
  const who = hands([
    ...(requestedByOperator === null ? [] : [`operator:${requestedByOperator}`]),
    requestedBy,
  ]);
  return (
    <tr>
      <th scope="row" className="mono small">
        {subject}
      </th>
      <td>{reasons[reason]}</td>
      <td>{isMine ? `${words.you}${hand.colon}${who}` : who}</td>
      <td>
        <Status tone={tones[state]}>{words.states[state]}</Status>
        {state === 'requested' ? (
          <small className="quiet block">{words.until(timeOf(expires, language))}</small>
        ) : null}
        {found.holds.length > 0 ? <Status tone="amber">{words.held}</Status> : null}
      </td>
      <td>
        {state !== 'requested' ? null : isMine ? (
          <button
            type="button"
            className="button"
            disabled={withdraw.busy}
            onClick={() => {
              withdraw.press(erasure);
            }}
          >
            {words.withdraw}
          </button>
        ) : (
          <button
            type="button"
            className={sure ? 'button danger' : 'button'}
            disabled={approve.busy || found.holds.length > 0}
            onClick={() => {
              if (sure) approve.press(erasure);
              setSure(!sure);
            }}
          >
            {sure ? words.sure : words.approve}
          </button>
        )}
        {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      </td>
    </tr>
  );
}

function HoldRow({
  hold: { hold, subject, basis },
}: {
  readonly hold: Schemas['StandingLegalHold'];
}) {
  const words = useWords({ zh, en });
  const bases = useWords(basisWords);
  const lift = useCommand<Schemas['LiftLegalHoldBody']['basis']>(async (why, header, api) => {
    const params = { header, path: { id: hold } };
    await answered(api.POST('/v1/legal-holds/{id}/lift', { params, body: { basis: why } }));
  });
  return (
    <tr>
      <th scope="row" className="mono small">
        {subject}
      </th>
      <td>{bases[basis]}</td>
      <td>
        <div className="acts">
          {(['ended', 'placed-in-error'] as const).map((why) => (
            <button
              key={why}
              type="button"
              className="button"
              disabled={lift.busy}
              onClick={() => {
                lift.press(why);
              }}
            >
              {why === 'ended' ? words.lifted : words.mistaken}
            </button>
          ))}
        </div>
        {lift.trouble === null ? null : <TroubleNotice trouble={lift.trouble} />}
      </td>
    </tr>
  );
}
