import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../shared/language.tsx';
import { TroubleNotice } from '../shared/problems.tsx';
import { Status, type Tone } from '../shared/status.tsx';
import { answered } from '../shared/trouble.ts';
import { handWords, useHands } from './hands.tsx';
import { timeOf } from './format.ts';
import { useAdmin } from './session.tsx';
import { useAnswer } from './use-command.ts';

type Health = Schemas['LogHealthDto'];

const zh = {
  state: {
    ok: '存证正常',
    slow: '存证延迟',
    'witnesses-missing': '见证不足',
    damaged: '存证异常，已停止存证',
  } satisfies Record<Health['state'], string>,
  unknown: '存证状态未知',
  log: '存证、见证与数据',
  sealed: '已存证',
  records: (n: number) => `${n} 条记录`,
  at: '最近见证时间',
  never: '还没有',
  waiting: '等待存证',
  nothing: '没有',
  seconds: (n: number) => `${n} 秒`,
  witnesses: '见证部门',
  cosigned: '已见证',
  silent: '未见证',
  quorum: '法定见证数',
  met: '已满足',
  notMet: '未满足：取证信息暂缓给出',
  damage: '异常',
  none: '无',
  since: (code: string, time: string) => `${code}，自 ${time} 起`,
  store: '事件存储',
  parts: '各部分',
  part: {
    database: '数据库',
    writes: '数据库写入',
    clock: '本机时钟',
    event_store: '事件库',
    disk: '磁盘空间',
    log: '存证日志',
    projections: '查询表',
  } as Record<string, string>,
  ok: '正常',
  administrators: '管理员',
  administratorsHow:
    '删除个人数据、补登机构密钥需要两位互相独立的管理员：彼此没有登记过对方的终端或密钥，也没有邀请过对方。',
  you: '您自己',
  independent: '可与您共同批准',
  dependent: '与您不独立',
  why: '共同控制者',
  byKey: '用密钥',
  byPasskey: '用通行密钥',
  alone:
    '还没有与您独立的第二管理员。请其本人生成密钥，按运维手册“第二管理员”把公钥放在账本所在机器，再由其本人在自己的浏览器打开本页。',
  nameErased: '（姓名已删除）',
  limits: '限额（在系统设置中修改）',
  limit: '限额',
  value: '值',
  requestsPerSecond: '每个客户端每秒请求',
  holdersPerWindowAndDay: '每个窗口每天涉及人数',
  holdersPerDepartmentAndDay: '每个部门每天涉及人数',
  questionsPerHolderAndHour: '同一窗口每小时对一人的请求',
  casesPerHolderAndDay: '每人每天网上申请件数',
  signInHours: '工作人员登录最长（小时）',
  relyingParty: '通行密钥所属域名（RP ID）',
};
const en: typeof zh = {
  state: {
    ok: 'Log in order',
    slow: 'Log is late',
    'witnesses-missing': 'Witnesses missing',
    damaged: 'Log damaged: nothing is sealed',
  },
  unknown: 'State of the log unknown',
  log: 'Log, witnesses and data',
  sealed: 'Sealed',
  records: (n) => `${n} records`,
  at: 'Last cosigned',
  never: 'not yet',
  waiting: 'Waiting for a seal',
  nothing: 'none',
  seconds: (n) => `${n} s`,
  witnesses: 'Witnesses',
  cosigned: 'cosigned',
  silent: 'silent',
  quorum: 'Quorum',
  met: 'met',
  notMet: 'not met: data are withheld for now',
  damage: 'Damage',
  none: 'none',
  since: (code, time) => `${code}, since ${time}`,
  store: 'Event store',
  parts: 'Parts',
  part: {
    database: 'Database',
    writes: 'Writes to the database',
    clock: 'Clock of this machine',
    event_store: 'Event store',
    disk: 'Room on the disk',
    log: 'Log',
    projections: 'Tables for queries',
  },
  ok: 'in order',
  administrators: 'Administrators',
  administratorsHow:
    'An erasure, and a new key of an authority, need two administrators who are independent: neither enrolled the other’s terminal or key, or invited the other.',
  you: 'yourself',
  independent: 'can approve with you',
  dependent: 'not independent of you',
  why: 'what controls both',
  byKey: 'by a key',
  byPasskey: 'by a passkey',
  alone:
    'There is no second administrator who is independent of you. Have that person make a key, put its public half on the ledger’s machine (operations manual, A second administrator), and open this page in a browser of their own.',
  nameErased: '(name erased)',
  limits: 'Limits (changed in the settings of the system)',
  limit: 'Limit',
  value: 'Value',
  requestsPerSecond: 'Requests of a client in a second',
  holdersPerWindowAndDay: 'Persons of a window in a day',
  holdersPerDepartmentAndDay: 'Persons of a department in a day',
  questionsPerHolderAndHour: 'Questions of a window about one person in an hour',
  casesPerHolderAndDay: 'Cases that a person opens online in a day',
  signInHours: 'Longest sign-in of staff, in hours',
  relyingParty: 'Name to which passkeys belong (RP ID)',
};

const tones: Readonly<Record<Health['state'], Tone>> = {
  ok: 'green',
  slow: 'amber',
  'witnesses-missing': 'amber',
  damaged: 'red',
};

const useHealth = () =>
  useAnswer(['health'], (api) => answered(api.GET('/v1/ledger/health')), { every: 10_000 });

/** In the bar of every section. */
export function HealthSign() {
  const words = useWords({ zh, en });
  const { data, trouble } = useHealth();
  // What was so before the network went is not told as if it were so now.
  const state = trouble === null ? data?.state : undefined;
  return (
    <p className="log" role="status">
      <Status tone={state === undefined ? 'slate' : tones[state]}>
        {state === undefined ? words.unknown : words.state[state]}
      </Status>
    </p>
  );
}

/** The state of log, witnesses and feeds; administrators; limits. */
export function Overview() {
  const words = useWords({ zh, en });
  const { isAdministrator } = useAdmin();
  const { data, trouble } = useHealth();
  return (
    <>
      <section className="sheet" aria-label={words.log}>
        <h2>{words.log}</h2>
        {trouble === null ? null : <TroubleNotice trouble={trouble} />}
        {data === null ? null : <HealthFacts health={data} />}
      </section>
      {isAdministrator ? <Administrators /> : null}
      {isAdministrator ? <Limits /> : null}
    </>
  );
}

function HealthFacts({ health }: { readonly health: Health }) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const { sealedAt, waitingSeconds, damage } = health;
  return (
    <dl className="facts">
      <div>
        <dt>{words.sealed}</dt>
        <dd>{words.records(health.records)}</dd>
      </div>
      <div>
        <dt>{words.at}</dt>
        <dd>{sealedAt === null ? words.never : timeOf(sealedAt, language)}</dd>
      </div>
      <div>
        <dt>{words.waiting}</dt>
        <dd>{waitingSeconds === 0 ? words.nothing : words.seconds(waitingSeconds)}</dd>
      </div>
      <div>
        <dt>{words.witnesses}</dt>
        <dd>
          {health.witnesses.length === 0 ? words.none : null}
          {health.witnesses.map(({ name, cosigned }) => (
            <span key={name} className="line">
              <span className="mono">{name}</span>{' '}
              <Status tone={cosigned ? 'green' : 'amber'}>
                {cosigned ? words.cosigned : words.silent}
              </Status>
            </span>
          ))}
        </dd>
      </div>
      <div>
        <dt>{words.quorum}</dt>
        <dd>
          <Status tone={health.quorum ? 'green' : 'amber'}>
            {health.quorum ? words.met : words.notMet}
          </Status>
        </dd>
      </div>
      <div>
        <dt>{words.damage}</dt>
        <dd>
          {damage === null ? (
            <Status tone="green">{words.none}</Status>
          ) : (
            <Status tone="red">{words.since(damage.code, timeOf(damage.since, language))}</Status>
          )}
        </dd>
      </div>
      <div>
        <dt>{words.store}</dt>
        <dd>{health.store === 'postgres' ? 'PostgreSQL' : 'EventStoreDB'}</dd>
      </div>
      <div>
        <dt>{words.parts}</dt>
        <dd>
          {health.parts.map(({ part, state }) => (
            <span key={part} className="line">
              {words.part[part] ?? <span className="mono">{part}</span>}{' '}
              <Status tone={state === 'ok' ? 'green' : 'amber'}>
                {state === 'ok' ? words.ok : state}
              </Status>
            </span>
          ))}
        </dd>
      </div>
    </dl>
  );
}

function Administrators() {
  const words = useWords({ zh, en });
  const hands = useHands();
  const hand = useWords(handWords);
  const { data, trouble } = useAnswer(['administrators'], (api) =>
    answered(api.GET('/v1/administrators')),
  );
  if (trouble !== null) return <TroubleNotice trouble={trouble} />;
  if (data === null) return null;
  const { administrators } = data;
  const alone = !administrators.some(
    ({ isCaller, sharedControl }) => !isCaller && sharedControl.length === 0,
  );
  return (
    <section className="sheet" aria-label={words.administrators}>
      <h2>{words.administrators}</h2>
      <p className="quiet">{words.administratorsHow}</p>
      {alone ? <p className="notice amber">{words.alone}</p> : null}
      <ul className="rows">
        {administrators.map(({ client, operator, name, department, isCaller, sharedControl }) => (
          <li key={client ?? operator}>
            <span>
              <strong>{name ?? words.nameErased}</strong>{' '}
              <small className="quiet">
                {department} · {client === null ? words.byPasskey : words.byKey}
              </small>
            </span>
            {isCaller ? (
              <Status tone="blue">{words.you}</Status>
            ) : sharedControl.length === 0 ? (
              <Status tone="green">{words.independent}</Status>
            ) : (
              <span>
                <Status tone="slate">{words.dependent}</Status>{' '}
                <small className="quiet">
                  {words.why}
                  {hand.colon}
                  {hands(sharedControl)}
                </small>
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

const limits = [
  'holdersPerWindowAndDay',
  'holdersPerDepartmentAndDay',
  'questionsPerHolderAndHour',
  'casesPerHolderAndDay',
  'requestsPerSecond',
  'signInHours',
  'relyingParty',
] as const;

function Limits() {
  const words = useWords({ zh, en });
  const { data, trouble } = useAnswer(['limits'], (api) => answered(api.GET('/v1/limits')));
  if (trouble !== null) return <TroubleNotice trouble={trouble} />;
  if (data === null) return null;
  return (
    <section className="sheet" aria-label={words.limits}>
      <h2>{words.limits}</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">{words.limit}</th>
            <th scope="col">{words.value}</th>
          </tr>
        </thead>
        <tbody>
          {limits.map((limit) => (
            <tr key={limit}>
              <th scope="row">{words[limit]}</th>
              <td className="mono">{data[limit]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
