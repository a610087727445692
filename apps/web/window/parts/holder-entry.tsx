import { useId, useLayoutEffect, useRef, useState } from 'react';
import { useWords } from '../../shared/language.tsx';
import { Scanner } from '../../shared/scan.tsx';
import { stateWords } from '../state-words.ts';
import { type Entry, holderKind, masked, readEntry, type Role, shanghaiDay } from '../who.ts';
import { words } from '../words.ts';

export type Known = Extract<Entry, { is: 'number' | 'code' }>;

/**
 * One participant: a hand scanner types the code and Enter, a clerk the number and Enter, or the
 * camera sees the code.
 */
export function HolderEntry({
  role,
  known,
  focused,
  optional = false,
  numberAlone = false,
  onKnown,
}: {
  readonly role: Role;
  readonly known: Known | null;
  readonly focused: boolean;
  readonly optional?: boolean;
  /** A number that is complete counts without Enter, and a phone's code is none. */
  readonly numberAlone?: boolean;
  /** null where the clerk wants to enter another. */
  readonly onKnown: (entry: Known | null) => void;
}) {
  const text = useWords(words);
  const { role: roles } = useWords(stateWords);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [camera, setCamera] = useState(false);
  // Before the field is seen: a scanner types at once, and into whatever has the focus.
  useLayoutEffect(() => {
    if (focused) field.current?.focus();
  }, [focused]);
  const kind = holderKind(role);
  const read = (from: string): Entry => {
    const found = readEntry(from, kind, shanghaiDay(new Date()));
    return numberAlone && found.is === 'code' ? { is: 'wrong', fault: 'shape' } : found;
  };
  const entry = read(typed);
  const take = (taken: Entry) => {
    if (taken.is !== 'number' && taken.is !== 'code') return;
    setTyped('');
    setCamera(false);
    onKnown(taken);
  };
  if (known !== null)
    return (
      <div className="entry known">
        <span className="role">{roles[role]}</span>
        <span className="mono">
          {known.is === 'number' ? masked(known.number) : `✓ ${text.codeOk}`}
        </span>
        <button
          type="button"
          className="button"
          onClick={() => {
            onKnown(null);
          }}
        >
          {text.change}
        </button>
      </div>
    );
  const hint = hintOf(entry, kind, text, numberAlone);
  return (
    <div className="entry">
      <label className="role" htmlFor={id}>
        {roles[role]}
        {optional ? <small>{text.optional}</small> : null}
      </label>
      <div className="typed">
        <input
          ref={field}
          id={id}
          className="field mono"
          type="text"
          inputMode="text"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          aria-describedby={`${id}-hint`}
          aria-invalid={entry.is === 'wrong'}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            const found = read(event.target.value);
            if (numberAlone && found.is === 'number') take(found);
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
            event.preventDefault();
            take(entry);
          }}
        />
        <p id={`${id}-hint`} aria-live="polite" className={hint.tone}>
          {hint.text}
        </p>
      </div>
      {numberAlone ? null : (
        <button
          type="button"
          className="button"
          aria-pressed={camera}
          onClick={() => {
            setCamera((on) => !on);
          }}
        >
          {camera ? text.cameraOff : text.camera}
        </button>
      )}
      {camera ? (
        <Scanner
          onText={(seen) => {
            take(read(seen));
          }}
        />
      ) : null}
    </div>
  );
}

function hintOf(
  entry: Entry,
  kind: 'natural' | 'legal',
  text: typeof words.zh,
  numberAlone: boolean,
): { readonly tone: string; readonly text: string } {
  switch (entry.is) {
    case 'empty':
      if (numberAlone) return { tone: 'quiet', text: text.whoNumber };
      return { tone: 'quiet', text: kind === 'natural' ? text.whoNatural : text.whoLegal };
    case 'typing':
      return { tone: 'quiet', text: entry.left === 0 ? '…' : text.left(entry.left) };
    case 'wrong':
      return {
        tone: 'bad',
        text: { check: text.faultCheck, birth: text.faultBirth, shape: text.faultShape }[
          entry.fault
        ],
      };
    case 'number':
      return { tone: 'good', text: `✓ ${text.numberOk} ↵` };
    case 'code':
      return { tone: 'good', text: `✓ ${text.codeOk} ↵` };
  }
}
