import { useState } from 'react';
import { useLanguage, useWords } from '../../shared/language.tsx';
import type { Choices, KioskActs } from '../kiosk-view.ts';
import type { Choice } from '../visit.ts';
import { words } from '../words.ts';

/** Choices of one screen: as many as there are keys for, and none below the edge. */
const perPage = 7;

interface ChoosingProps {
  readonly list: 'start' | 'proofs' | 'certificates' | 'matters';
  readonly choices: Choices;
  readonly acts: KioskActs;
}

export function Choosing({ list, choices, acts }: ChoosingProps) {
  return list === 'start' ? (
    <Start choices={choices} acts={acts} />
  ) : (
    <List key={list} list={list} choices={choices[list]} acts={acts} />
  );
}

function Start({ choices, acts }: Omit<ChoosingProps, 'list'>) {
  const text = useWords(words);
  const doors = [
    { list: 'certificates', title: text.certificates, more: text.certificatesFor },
    { list: 'proofs', title: text.proofs, more: text.proofsFor(choices.proofs.length) },
    { list: 'matters', title: text.matters, more: text.mattersFor(choices.matters.length) },
  ] as const;
  return (
    <section className="choosing">
      <h2 data-say="">{text.what}</h2>
      <div className="doors">
        {doors
          .filter(({ list }) => choices[list].length > 0)
          .map(({ list, title, more }) => (
            <button
              key={list}
              type="button"
              className="door"
              data-key=""
              onClick={() => {
                acts.open(list);
              }}
            >
              <b>{title}</b>
              <span>{more}</span>
            </button>
          ))}
      </div>
      {choices.often.length === 0 ? null : <h3>{text.often}</h3>}
      <Rows choices={choices.often} acts={acts} />
    </section>
  );
}

function List({
  list,
  choices,
  acts,
}: {
  readonly list: 'proofs' | 'certificates' | 'matters';
  readonly choices: readonly Choice[];
  readonly acts: KioskActs;
}) {
  const text = useWords(words);
  const [page, setPage] = useState(0);
  const pages = Math.max(1, Math.ceil(choices.length / perPage));
  const title = {
    proofs: text.proofsList,
    certificates: text.certificatesList,
    matters: text.mattersList,
  };
  return (
    <section className="choosing">
      <h2 data-say="">{title[list]}</h2>
      {choices.length === 0 ? <p>{text.none}</p> : null}
      <Rows choices={choices.slice(page * perPage, (page + 1) * perPage)} acts={acts} />
      <nav className="pages" aria-label={text.page(page + 1, pages)}>
        <button
          type="button"
          className="large"
          data-act="back"
          onClick={() => {
            if (page === 0) acts.open('start');
            else setPage(page - 1);
          }}
        >
          {page === 0 ? text.back : text.earlier}
        </button>
        {pages === 1 ? null : <p>{text.page(page + 1, pages)}</p>}
        {pages === 1 ? null : (
          <button
            type="button"
            className="large"
            data-act="more"
            disabled={page + 1 >= pages}
            onClick={() => {
              setPage(page + 1);
            }}
          >
            {text.later}
          </button>
        )}
      </nav>
    </section>
  );
}

function Rows({
  choices,
  acts,
}: {
  readonly choices: readonly Choice[];
  readonly acts: KioskActs;
}) {
  const text = useWords(words);
  const language = useLanguage();
  return (
    <ul className="rows">
      {choices.map((choice) => (
        <li key={choice.matter}>
          <button
            type="button"
            className="row"
            data-key=""
            onClick={() => {
              acts.choose(choice);
            }}
          >
            <b>{choice[language]}</b>
            {choice.reprintOnly ? <span>{text.reprint}</span> : null}
          </button>
        </li>
      ))}
    </ul>
  );
}
