import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type RefObject, useDeferredValue, useEffect, useId, useState } from 'react';
import { useLanguage, useWords } from '../../shared/language.tsx';
import { mayBeNumberOrCode } from '../../shared/search-text.ts';
import { answered } from '../../shared/trouble.ts';
import type { Matter } from '../desk-state.ts';
import { useSession } from '../session.tsx';
import { words } from '../words.ts';

const shown = 8;

/**
 * Finds a matter by words: a combobox as the ARIA Authoring Practices describe it. ↓ and ↑ move,
 * Enter takes the one that is marked, or the first; Esc empties. A key pressed before the answer is
 * there waits for it: an earlier answer is never chosen from.
 */
export function Search({
  field,
  onChoose,
}: {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly onChoose: (matter: Matter) => void;
}) {
  const text = useWords(words);
  const language = useLanguage();
  const { api } = useSession();
  const list = useId();
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [wanted, setWanted] = useState(false);
  const isNumber = mayBeNumberOrCode(typed);
  const query = useDeferredValue(isNumber ? '' : typed.trim());
  const { data, isPlaceholderData } = useQuery({
    queryKey: ['matters', query],
    queryFn: ({ signal }) =>
      answered(api.GET('/v1/matters', { params: { query: { q: query, size: shown } }, signal })),
    enabled: query !== '',
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const found = query === '' ? [] : (data?.matters ?? []);
  const current = data !== undefined && !isPlaceholderData && query === typed.trim();
  const expanded = open && (isNumber || (query !== '' && data !== undefined));
  const choose = (matter: Matter | undefined) => {
    if (matter === undefined) return;
    setTyped('');
    setOpen(false);
    setActive(-1);
    onChoose(matter);
  };
  useEffect(() => {
    if (!wanted || !current) return;
    setWanted(false);
    choose(found[Math.max(active, 0)]);
  });
  const move = (by: number) => {
    setOpen(true);
    setActive((now) => Math.min(Math.max(now + by, 0), shown - 1));
  };
  return (
    <div className="search" role="search">
      <input
        ref={field}
        type="text"
        role="combobox"
        className="field"
        aria-label={text.search}
        aria-expanded={expanded}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={expanded && active in found ? `${list}-${active}` : undefined}
        aria-keyshortcuts="/"
        placeholder={text.searchHint}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(-1);
          setWanted(false);
          setOpen(true);
        }}
        onFocus={() => {
          setOpen(true);
        }}
        onBlur={() => {
          setOpen(false);
          if (isNumber) setTyped('');
        }}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'ArrowDown') move(1);
          else if (event.key === 'ArrowUp') move(-1);
          else if (event.key === 'Enter' && typed.trim() !== '') setWanted(true);
          else if (event.key === 'Escape') {
            setTyped('');
            setWanted(false);
            setOpen(false);
          } else return;
          event.preventDefault();
        }}
      />
      <kbd className="key" aria-hidden="true">
        /
      </kbd>
      <div className="found" hidden={!expanded}>
        <ul id={list} role="listbox" aria-label={text.search}>
          {found.map((matter, n) => (
            <li
              key={matter.code}
              id={`${list}-${n}`}
              role="option"
              aria-selected={n === active}
              onPointerDown={(event) => {
                event.preventDefault();
                choose(matter);
              }}
            >
              <span className="name">{language === 'zh' ? matter.nameZh : matter.nameEn}</span>
              <span className="mono">{matter.code}</span>
              <span className="quiet">
                {[
                  language === 'zh'
                    ? matter.department
                    : (matter.departmentEn ?? matter.department),
                  text.level[matter.level] ?? matter.level,
                  matter.place,
                  text.materialsOf(matter.materials.length),
                ]
                  .filter((part) => part !== null)
                  .join(' · ')}
              </span>
            </li>
          ))}
        </ul>
        {found.length === 0 ? (
          <p className="quiet">{isNumber ? text.searchNumber : text.searchNothing}</p>
        ) : null}
        {data !== undefined && data.total > found.length && found.length > 0 ? (
          <p className="quiet">{text.searchMore(data.total)}</p>
        ) : null}
      </div>
    </div>
  );
}
