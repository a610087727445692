import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { TroubleNotice } from '../../shared/problems.tsx';
import { Status } from '../../shared/status.tsx';
import type { Matter } from '../desk-state.ts';
import { exemptionsQuery, type Names } from '../names.ts';
import type { Press } from '../press.ts';
import { useSession } from '../session.tsx';
import { stateWords } from '../state-words.ts';
import type { Opening } from '../use-desk.ts';
import { isQueueNumber, participantOf, type Role, rolesOf } from '../who.ts';
import { words } from '../words.ts';
import { HolderEntry, type Known } from './holder-entry.tsx';
import { CaseHead, FieldsOf } from './materials.tsx';

/** A matter was chosen: who is it for? What is typed here stays in this component alone. */
export function NewCase({
  matter,
  names,
  open,
  offline,
}: {
  readonly matter: Matter;
  readonly names: Names;
  readonly open: Press<Opening>;
  readonly offline: boolean;
}) {
  const text = useWords(words);
  const states = useWords(stateWords);
  const language = useLanguage();
  const { api } = useSession();
  const { data: exemptions } = useQuery(exemptionsQuery(api, matter.code));
  const [known, setKnown] = useState<ReadonlyMap<Role, Known>>(new Map());
  const [entered, setEntered] = useState(false);
  const [queue, setQueue] = useState('');
  const queueIsWrong = queue !== '' && !isQueueNumber(queue);
  const materials = exemptions?.materials ?? [];
  const roles = rolesOf(materials, matter.audience);
  const send = (of: ReadonlyMap<Role, Known>) => {
    if (queueIsWrong) return;
    open.press({
      participants: [...of].map(([role, entry]) => participantOf(role, entry)),
      queueNumber: queue === '' ? null : queue,
    });
  };
  const knownIs = (role: Role, entry: Known | null) => {
    open.forget();
    const next = new Map(known);
    if (entry === null) next.delete(role);
    else next.set(role, entry);
    setKnown(next);
    setEntered(entry !== null);
  };
  // With one participant the entry is all there is to say; a scanner may be faster than the rules.
  useEffect(() => {
    if (!entered || exemptions === undefined) return;
    setEntered(false);
    if (roles.length === 1) send(known);
  });
  const free = materials.filter(({ exemptible }) => exemptible).length;
  return (
    <>
      <CaseHead
        line={[
          language === 'zh' ? matter.department : (matter.departmentEn ?? matter.department),
          text.level[matter.level] ?? matter.level,
          matter.place ?? '',
          exemptions === undefined ? '' : text.caseLine(exemptions.ruleVersion),
          matter.code,
        ]}
        name={language === 'zh' ? matter.nameZh : matter.nameEn}
        counts={
          exemptions === undefined
            ? []
            : [
                [String(free), text.freeCount],
                [String(materials.length - free), text.bringCount],
              ]
        }
      />
      <section className="who" aria-label={text.whoTitle}>
        <h3>{text.whoTitle}</h3>
        <p>{text.whoHint}</p>
        {roles.map((role, n) => (
          <HolderEntry
            key={role}
            role={role}
            optional={n > 0}
            known={known.get(role) ?? null}
            focused={!known.has(role) && roles.slice(0, n).every((before) => known.has(before))}
            onKnown={(entry) => {
              knownIs(role, entry);
            }}
          />
        ))}
        <div className="entry">
          <label className="role" htmlFor="queue">
            {text.queue}
            <small>{text.optional}</small>
          </label>
          <div className="typed">
            <input
              id="queue"
              className="field mono queue"
              type="text"
              autoComplete="off"
              spellCheck={false}
              maxLength={8}
              aria-invalid={queueIsWrong}
              aria-describedby={queueIsWrong ? 'queue-hint' : undefined}
              value={queue}
              onChange={(event) => {
                open.forget();
                setQueue(event.target.value.trim().toUpperCase());
              }}
            />
            {queueIsWrong ? (
              <p id="queue-hint" className="bad">
                {text.queueWrong}
              </p>
            ) : null}
          </div>
        </div>
        {roles.length > 1 || open.trouble !== null || known.size > 0 ? (
          <button
            type="button"
            className="button primary"
            disabled={!known.has(roles[0]) || open.busy || offline || queueIsWrong}
            onClick={() => {
              send(known);
            }}
          >
            {open.busy ? text.caseLoading : text.openCase}
          </button>
        ) : null}
        {open.trouble === null ? null : <TroubleNotice trouble={open.trouble} />}
      </section>
      {exemptions?.indicative === true ? <p className="notice amber">{text.indicative}</p> : null}
      <div className="sheet asked-for">
        <table>
          <thead>
            <tr>
              <th scope="col">{text.material}</th>
              <th scope="col">{text.state}</th>
              <th scope="col">{text.basis}</th>
            </tr>
          </thead>
          <tbody>
            {materials.map((material) => (
              <tr key={material.material}>
                <th scope="row">
                  {language === 'zh' ? material.nameZh : (material.nameEn ?? material.nameZh)}
                  <small className="mono">{material.material}</small>
                </th>
                <td>
                  <Status tone={material.exemptible ? 'blue' : 'slate'}>
                    {states.material[material.exemptible ? 'exemptible' : 'to-be-brought']}
                  </Status>
                </td>
                <td>
                  {material.exemptible ? (
                    <FieldsOf answers={material.answers} names={names} roles={roles.length > 1} />
                  ) : (
                    states.reason[material.reason ?? 'no_rule']
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
