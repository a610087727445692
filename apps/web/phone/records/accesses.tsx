import { useCallback, useEffect, useState } from 'react';
import type { Schemas } from '#libs/api-client';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { answered, type Trouble, TroubleNotice, troubleFrom } from '../../shared/problems.tsx';
import type { Phone } from '../city.ts';
import { type AccessList, grouped, withPage } from '../logic/accesses.ts';
import { namesOf } from '../logic/names.ts';
import { Group } from './access-group.tsx';
import { WholeList } from './whole-list.tsx';

type Consent = Schemas['HolderConsentDto'];

const zh = {
  loading: '正在读取…',
  none: '还没有人用过您的证照',
  noneText: '每次请求、同意和使用都会记在这里，不能删改。',
  again: '重新读取',
  earlier: '更早的记录',
};
const en: typeof zh = {
  loading: 'Loading…',
  none: 'Nobody has used your certificates yet',
  noneText:
    'Every request, answer and use is recorded here and can be neither changed nor removed.',
  again: 'Load again',
  earlier: 'Earlier records',
};

interface Read {
  readonly list: AccessList;
  readonly consents: readonly Consent[];
}

/** The third tab: who used what, when, for which case, on what basis, and that this is all. */
export function Accesses({
  phone,
  lost,
}: {
  readonly phone: Phone;
  /** Told above already. */
  readonly lost: boolean;
}) {
  const words = useWords({ zh, en });
  const language = useLanguage();
  const [read, setRead] = useState<Read | null>(null);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const load = useCallback(() => {
    setTrouble(null);
    Promise.all([
      answered(phone.api.GET('/v1/phone/accesses')),
      answered(phone.api.GET('/v1/phone/consents')),
    ]).then(
      ([page, { consents }]) => {
        setRead((before) => ({ list: withPage(before?.list ?? null, page), consents }));
      },
      (thrown: unknown) => {
        setTrouble(troubleFrom(thrown));
      },
    );
  }, [phone]);
  useEffect(load, [load]);
  // Each use is in the list as it happens.
  useEffect(() => phone.live.listen(load), [phone, load]);
  const more = async (list: AccessList): Promise<AccessList> => {
    if (list.earlier === null) return list;
    const query = { before: list.earlier };
    const page = await answered(phone.api.GET('/v1/phone/accesses', { params: { query } }));
    const longer = withPage(list, page);
    setRead((before) => (before === null ? before : { ...before, list: longer }));
    return longer;
  };
  const all = async (list: AccessList): Promise<AccessList> =>
    list.earlier === null ? list : all(await more(list));
  const names = namesOf(read?.consents ?? [], language);
  const accesses = read?.list.accesses ?? [];
  return (
    <>
      <div role="status">
        {read === null && trouble === null ? <p>{words.loading}</p> : null}
        {read !== null && accesses.length === 0 ? (
          <div className="empty">
            <p className="strong">{words.none}</p>
            <p className="second">{words.noneText}</p>
          </div>
        ) : null}
      </div>
      {trouble === null || (lost && trouble.code === 'offline' && read === null) ? null : (
        <TroubleNotice trouble={trouble} />
      )}
      {read === null || accesses.length === 0 ? null : (
        <>
          <WholeList phone={phone} all={async () => (await all(read.list)).accesses} />
          <ul className="rows">
            {grouped(accesses).map((group) => (
              <Group key={group.consent} phone={phone} group={group} names={names} />
            ))}
          </ul>
          {read.list.earlier === null ? null : (
            <button
              type="button"
              className="big"
              onClick={() => {
                more(read.list).catch((thrown: unknown) => {
                  setTrouble(troubleFrom(thrown));
                });
              }}
            >
              {words.earlier}
            </button>
          )}
        </>
      )}
      <button type="button" className="link foot" onClick={load}>
        {words.again}
      </button>
    </>
  );
}
