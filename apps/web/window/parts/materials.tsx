import { useLanguage, useWords } from '../../shared/language.tsx';
import { Status } from '../../shared/status.tsx';
import { askable, countOf, type Requirement } from '../asking.ts';
import type { OpenCase } from '../desk-state.ts';
import type { Names } from '../names.ts';
import { materialTone, stateWords } from '../state-words.ts';
import { words } from '../words.ts';

/** Name and numbers of a case. */
export function CaseHead({
  line,
  name,
  counts,
}: {
  readonly line: readonly string[];
  readonly name: string;
  /** A number or two, and what they count; the first is what need not be brought. */
  readonly counts: readonly (readonly [number: string, text: string])[];
}) {
  return (
    <div className="case-head">
      <div>
        <p className="quiet">{line.filter((part) => part !== '').join(' · ')}</p>
        <h2>{name}</h2>
      </div>
      {counts.length === 0 ? null : (
        <p className="counts">
          {counts.map(([number, text], n) => (
            <span key={text}>
              <b className={n === 0 ? 'mono good' : 'mono'}>{number}</b> {text}
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

/** Which fields of which certificate answer a material. */
export function FieldsOf({
  answers,
  names,
  roles,
}: {
  readonly answers: Requirement['answers'];
  readonly names: Names;
  /** Whether the role is told, where several take part. */
  readonly roles: boolean;
}) {
  const text = useWords(words);
  const states = useWords(stateWords);
  const language = useLanguage();
  return answers.map(({ type, whose, fields }, n) => {
    const issuer = names.issuer(type);
    return (
      <p key={`${type} ${whose}`} className="fields">
        {n === 0 || answers[n - 1]?.whose !== whose ? null : `${text.orElse} `}
        {text.only}{' '}
        {fields
          .map((key) => names.field(type, key)[language])
          .join(language === 'zh' ? '、' : ', ')}
        {roles ? text.ofRole(states.role[whose] ?? whose) : null}
        <small>
          {names.type(type)[language]}
          {issuer === null ? null : ` · ${text.issuedBy(issuer[language])}`}
        </small>
      </p>
    );
  });
}

/** The materials of an open case, how each stands and why. */
export function Materials({
  place,
  names,
  locked,
  onTick,
  onPaper,
}: {
  readonly place: OpenCase;
  readonly names: Names;
  /** While a request waits nothing else is chosen. */
  readonly locked: boolean;
  readonly onTick: (material: string, on: boolean) => void;
  readonly onPaper: (material: string) => void;
}) {
  const text = useWords(words);
  const language = useLanguage();
  const { found, ticked } = place;
  const can = askable(found);
  const count = countOf(found);
  const all = can.length > 0 && can.every((material) => ticked.includes(material));
  return (
    <>
      <CaseHead
        line={[
          found.queueNumber ?? '',
          found.origin === 'online' ? text.online : '',
          (language === 'en' ? found.matterDepartmentEn : null) ?? found.matterDepartment ?? '',
          text.caseLine(found.ruleVersion),
          found.matter,
        ]}
        name={language === 'zh' ? found.matterName : found.matterNameEn}
        counts={[
          [`${count.answered}/${count.of}`, text.answeredCount],
          [String(count.bring), text.bringCount],
        ]}
      />
      <div className="sheet">
        <table>
          <thead>
            <tr>
              <td>
                <input
                  type="checkbox"
                  aria-label={text.tickAll}
                  checked={all}
                  disabled={locked || can.length === 0}
                  onChange={(event) => {
                    for (const material of can) onTick(material, event.target.checked);
                  }}
                />
              </td>
              <th scope="col">{text.material}</th>
              <th scope="col">{text.state}</th>
              <th scope="col">{text.basis}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {found.requirements.map((requirement) => (
              <Row
                key={requirement.material}
                requirement={requirement}
                names={names}
                ticked={ticked.includes(requirement.material)}
                locked={locked}
                roles={found.participants.length > 1 || requirement.reason === 'no_participant'}
                onTick={onTick}
                onPaper={onPaper}
              />
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

function Row({
  requirement,
  names,
  ticked,
  locked,
  roles,
  onTick,
  onPaper,
}: {
  readonly requirement: Requirement;
  readonly names: Names;
  readonly ticked: boolean;
  readonly locked: boolean;
  readonly roles: boolean;
  readonly onTick: (material: string, on: boolean) => void;
  readonly onPaper: (material: string) => void;
}) {
  const text = useWords(words);
  const states = useWords(stateWords);
  const language = useLanguage();
  const { material, nameZh, state, reason, mayAsk } = requirement;
  const name = names.material(material, nameZh)[language];
  const asked = state === 'waiting' || state === 'granted' || state === 'answered';
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={text.tick(name)}
          checked={(ticked && mayAsk) || asked}
          disabled={!mayAsk || locked}
          onChange={(event) => {
            onTick(material, event.target.checked);
          }}
        />
      </td>
      <th scope="row">
        {name}
        <small className="mono">{material}</small>
      </th>
      <td>
        <Status tone={materialTone[state] ?? 'slate'}>{states.material[state]}</Status>
      </td>
      <td>
        {requirement.answers.length > 0 && state !== 'brought' ? (
          <FieldsOf answers={requirement.answers} names={names} roles={roles} />
        ) : null}
        {reason === null ? null : <p className="why">{states.reason[reason]}</p>}
      </td>
      <td>
        {state === 'to-be-brought' ? (
          <button
            type="button"
            className="button small"
            aria-label={`${text.note}: ${name}`}
            onClick={() => {
              onPaper(material);
            }}
          >
            {text.note}
          </button>
        ) : null}
      </td>
    </tr>
  );
}
