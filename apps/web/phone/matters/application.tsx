import { useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { useLook } from '../../shared/live.ts';
import { answered, TroubleNotice, troubleFrom, type Trouble } from '../../shared/problems.tsx';
import { Status, type Tone } from '../../shared/status.tsx';
import type { Phone } from '../city.ts';
import { windowName } from '../logic/names.ts';
import { Offline } from '../offline.tsx';
import { Screen } from '../screen.tsx';
import { usePress } from '../use-press.ts';
import { en as codesEn, zh as codesZh } from './words.ts';

type Application = Schemas['ApplicationDto'];
type Requirement = Application['requirements'][number];

const zh = {
  title: '我的办件',
  loading: '正在读取…',
  absent: '没有这件办件。',
  stage: {
    opened: '已提交，等待接办',
    taken: '窗口已接办',
    asked: '窗口请您同意',
    answered: '已答复，窗口正在办理',
    papers: '有材料请带来',
    done: '已办结',
    withdrawn: '已撤回',
  } satisfies Record<Application['stage'], string>,
  stageText: {
    opened: '部门的窗口接办后，会在这里显示。您可以离开本页。',
    taken: '窗口需要用您的证照时，会在这里请您同意，请留意。',
    asked: '请在 10 分钟内答复；不作答复视为不同意，窗口可以再请求。',
    answered: '您不用做什么。',
    papers: '下列标“请带来”的材料，请交到窗口。',
    done: '',
    withdrawn: '您已撤回，没有再提供任何信息。',
  } satisfies Record<Application['stage'], string>,
  outcome: { accepted: '窗口已受理。', rejected: '窗口不予受理。', withdrawn: '' } as Record<
    string,
    string
  >,
  steps: '进度',
  step: { opened: '提交', taken: '接办', asked: '请求', answered: '答复', done: '办结' } as Record<
    string,
    string
  >,
  answer: '去答复',
  free: (n: number) => `${n} 份已免提交`,
  state: {
    exemptible: '可免提交',
    waiting: '请您同意',
    granted: '已同意',
    answered: '已免提交',
    'to-be-brought': '请带来',
    brought: '已交纸质',
  } as Record<string, string>,
  materials: '材料',
  withdraw: '撤回申请',
  sure: '撤回后，这件办件随即结束。要办理须重新申请。',
  confirm: '确认撤回',
  keep: '不撤回',
  sending: '正在送出…',
  number: '办件编号',
};
const en: typeof zh = {
  title: 'My case',
  loading: 'Loading…',
  absent: 'There is no such case.',
  stage: {
    opened: 'Sent: no window has taken it yet',
    taken: 'A window has taken it',
    asked: 'The window asks you to agree',
    answered: 'Answered: the window goes on',
    papers: 'Some papers are to be brought',
    done: 'Done',
    withdrawn: 'Withdrawn',
  },
  stageText: {
    opened: 'When a window of the department takes it, this page says so. You may leave it.',
    taken: 'When the window needs your certificates it asks you here; keep an eye on it.',
    asked: 'Please answer within 10 minutes. No answer counts as no, and the window can ask again.',
    answered: 'There is nothing for you to do.',
    papers: 'Bring what is marked “Please bring” to the window.',
    done: '',
    withdrawn: 'You withdrew it; nothing more was handed over.',
  },
  outcome: {
    accepted: 'The window accepted it.',
    rejected: 'The window did not accept it.',
    withdrawn: '',
  },
  steps: 'Progress',
  step: { opened: 'Sent', taken: 'Taken', asked: 'Asked', answered: 'Answered', done: 'Done' },
  answer: 'Answer',
  free: (n) => `${n} exempted`,
  state: {
    exemptible: 'Can be exempted',
    waiting: 'Please answer',
    granted: 'You agreed',
    answered: 'Exempted',
    'to-be-brought': 'Please bring',
    brought: 'Paper noted',
  },
  materials: 'Materials',
  withdraw: 'Withdraw it',
  sure: 'The case ends with that. To go on you have to apply again.',
  confirm: 'Withdraw',
  keep: 'Keep it',
  sending: 'Sending…',
  number: 'Case',
};

const tones: Readonly<Record<string, Tone>> = {
  opened: 'blue',
  taken: 'blue',
  asked: 'amber',
  answered: 'green',
  papers: 'amber',
  done: 'green',
  withdrawn: 'slate',
};
const materialTones: Readonly<Record<string, Tone>> = {
  exemptible: 'blue',
  waiting: 'amber',
  granted: 'green',
  answered: 'green',
  'to-be-brought': 'slate',
  brought: 'slate',
};

/** One online case: how far it is, what is to be answered or brought, and its withdrawal. */
export function ApplicationScreen({
  phone,
  id,
  onRequest,
  onBack,
}: {
  readonly phone: Phone;
  readonly id: string;
  readonly onRequest: (consent: string) => void;
  readonly onBack: () => void;
}) {
  const words = useWords({ zh, en });
  const [found, setFound] = useState<Application | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const over = found?.stage === 'done' || found?.stage === 'withdrawn';
  const absent = trouble?.code === 'case_absent';
  const look = async () => {
    try {
      const params = { path: { case: id } };
      setFound(await answered(phone.api.GET('/v1/phone/cases/{case}', { params })));
      setTrouble(null);
    } catch (thrown) {
      setTrouble(troubleFrom(thrown));
      throw thrown;
    }
  };
  const liveness = useLook(phone.live, look, !over && !absent);
  return (
    <Screen title={words.title} onBack={onBack}>
      {absent ? (
        <p role="alert" className="notice amber">
          {words.absent}
        </p>
      ) : (
        <Offline liveness={liveness} />
      )}
      {found === null ? (
        absent ? null : (
          <p role="status">{words.loading}</p>
        )
      ) : (
        <Shown phone={phone} found={found} onRequest={onRequest} onChanged={setFound} />
      )}
    </Screen>
  );
}

function Shown({
  phone,
  found,
  onRequest,
  onChanged,
}: {
  readonly phone: Phone;
  readonly found: Application;
  readonly onRequest: (consent: string) => void;
  readonly onChanged: (found: Application) => void;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const { stage } = found;
  const waiting = found.consents.find(({ state }) => state === 'waiting');
  return (
    <>
      <div>
        <h2>{language === 'zh' ? found.matterName : found.matterNameEn}</h2>
        <p className="second">
          {language === 'zh' ? found.department : (found.departmentEn ?? found.department)}
          {found.window === null ? null : ` ${windowName(found.window, language)}`}
        </p>
      </div>
      <div role="status" className="stack">
        <p>
          <Status tone={tones[stage] ?? 'slate'}>{words.stage[stage]}</Status>
        </p>
        <p>
          {words.stageText[stage]}
          {stage === 'done' ? words.outcome[found.outcome ?? ''] : null}
        </p>
      </div>
      <Steps stage={stage} />
      {waiting === undefined ? null : (
        <button
          type="button"
          className="big primary"
          onClick={() => {
            onRequest(waiting.consent);
          }}
        >
          {words.answer}
        </button>
      )}
      <h3>
        {words.materials}
        {found.answered === 0 ? null : (
          <span className="second small"> {words.free(found.answered)}</span>
        )}
      </h3>
      <ul className="materials">
        {found.requirements.map((requirement) => (
          <Material
            key={requirement.material}
            requirement={requirement}
            isOver={stage === 'withdrawn'}
          />
        ))}
      </ul>
      <p className="second small">
        {words.number} <span className="mono">{found.case}</span>
      </p>
      {stage === 'done' || stage === 'withdrawn' ? null : (
        <Withdraw phone={phone} id={found.case} onWithdrawn={onChanged} />
      )}
    </>
  );
}

const steps = ['opened', 'taken', 'asked', 'answered', 'done'] as const;

/** How far the case is, as a row of steps; a screen reader hears the one that it is at. */
function Steps({ stage }: { readonly stage: Application['stage'] }) {
  const words = useWords({ zh, en });
  if (stage === 'withdrawn') return null;
  const at = steps.findIndex((step) => step === (stage === 'papers' ? 'answered' : stage));
  return (
    <ol className="steps" aria-label={words.steps}>
      {steps.map((step, n) => (
        <li
          key={step}
          className={n < at || stage === 'done' ? 'past' : undefined}
          aria-current={n === at ? 'step' : undefined}
        >
          {words.step[step]}
        </li>
      ))}
    </ol>
  );
}

function Material({
  requirement,
  isOver,
}: {
  readonly requirement: Requirement;
  /** Nothing of it can be exempted, or has to be brought, any more. */
  readonly isOver: boolean;
}) {
  const words = useWords({ zh, en });
  const codes = useWords({ zh: codesZh, en: codesEn });
  const language = useLanguage();
  const { nameZh, nameEn, state, reason } = requirement;
  return (
    <li>
      <div className="between">
        <h3>{language === 'zh' ? nameZh : (nameEn ?? nameZh)}</h3>
        {isOver && state !== 'answered' ? null : (
          <Status tone={materialTones[state] ?? 'slate'}>{words.state[state] ?? state}</Status>
        )}
      </div>
      {reason === null || isOver ? null : (
        <p className="second">{codes.reason[reason] ?? codes.invalid}</p>
      )}
    </li>
  );
}

function Withdraw({
  phone,
  id,
  onWithdrawn,
}: {
  readonly phone: Phone;
  readonly id: string;
  readonly onWithdrawn: (found: Application) => void;
}) {
  const words = useWords({ zh, en });
  const [sure, setSure] = useState(false);
  const { busy, trouble, press } = usePress(async (pressed) => {
    const params = { path: { case: id }, header: pressed.header };
    onWithdrawn(await pressed.send(phone.api.POST('/v1/phone/cases/{case}/withdraw', { params })));
  });
  if (!sure)
    return (
      <button
        type="button"
        className="link foot"
        onClick={() => {
          setSure(true);
        }}
      >
        {words.withdraw}
      </button>
    );
  return (
    <div className="stack">
      <p role="alert" className="notice amber">
        {words.sure}
      </p>
      {trouble === null ? null : <TroubleNotice trouble={trouble} />}
      <div className="equal">
        <button
          type="button"
          className="big"
          disabled={busy}
          onClick={() => {
            setSure(false);
          }}
        >
          {words.keep}
        </button>
        <button type="button" className="big danger" disabled={busy} onClick={press}>
          {busy ? words.sending : words.confirm}
        </button>
      </div>
    </div>
  );
}
