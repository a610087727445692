import type { JsonValue } from '#libs/kernel';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { Status } from '../../shared/status.tsx';
import type { Case } from '../asking.ts';
import type { Released as ReleasedData } from '../desk-state.ts';
import { linesOf } from '../field-value.ts';
import type { Names } from '../names.ts';
import { stateWords } from '../state-words.ts';
import { clockTime } from '../time.ts';
import { words } from '../words.ts';
import { Watermark } from './watermark.tsx';

/** What a release brought: each certificate under its watermark, and only with its signature. */
export function Released({
  released,
  found,
  names,
}: {
  readonly released: ReleasedData;
  readonly found: Case;
  readonly names: Names;
}) {
  const text = useWords(words);
  const states = useWords(stateWords);
  const language = useLanguage();
  const { handedOver, readAgainUntil } = released.reply;
  return (
    <section className="released" aria-label={text.releasedTitle}>
      <div className="released-head">
        <h3>{text.releasedTitle}</h3>
        <p className="quiet">
          {text.until} <b className="mono">{clockTime(readAgainUntil)}</b> {text.onlyHere}
        </p>
      </div>
      {handedOver.materials.map((one) => {
        const word = released.words.find(
          ({ material, type }) => material === one.material && type === one.type,
        );
        return (
          <article key={`${one.material} ${one.type}`} className="certificate">
            <h4>
              {names.material(one.material, one.nameZh)[language]}{' '}
              <Status tone={word?.ok === true ? 'green' : 'red'}>
                {word?.ok === true ? text.signatureOk : text.signatureBad}
              </Status>
            </h4>
            {word?.ok === true ? (
              <>
                <dl>
                  {Object.entries(one.fields as Record<string, JsonValue>).map(([key, value]) => (
                    <div key={key}>
                      <dt>{names.field(one.type, key)[language]}</dt>
                      <dd lang="zh-CN">
                        {linesOf(value).map((line, n) => (
                          <span key={n} className={/^[\dX*.-]+$/.test(line) ? 'mono' : undefined}>
                            {line}
                          </span>
                        ))}
                        {linesOf(value).length === 0 ? text.empties : null}
                      </dd>
                    </div>
                  ))}
                </dl>
                {one.absentFields.length === 0 ? null : (
                  <p className="quiet">
                    {text.fieldAbsent(
                      one.absentFields
                        .map((key) => names.field(one.type, key)[language])
                        .join('、'),
                    )}
                  </p>
                )}
                <Watermark text={handedOver.purpose[language]} />
              </>
            ) : (
              <p role="alert">
                {text.signatureBadHow} <span className="mono">{word?.code}</span>
              </p>
            )}
          </article>
        );
      })}
      {handedOver.missing.map(({ material, reason }) => (
        <p key={material} className="notice amber">
          {names.material(material, nameOf(found, material))[language]}
          {text.colon}
          {states.reason[reason]}
        </p>
      ))}
    </section>
  );
}

const nameOf = ({ requirements }: Case, code: string): string =>
  requirements.find(({ material }) => material === code)?.nameZh ?? code;
