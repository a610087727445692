import { useEffect, useRef } from 'react';

/** By `KeyboardEvent.key`. */
export type Keys = Readonly<Record<string, (() => void) | undefined>>;

const single = new Set(['/', '?']);
const storageKey = 'single-keys';

/** Whether `/` and `?` act (WCAG 2.1.4): the choice is kept for this browser. */
export const singleKeysAct = (): boolean => localStorage.getItem(storageKey) !== 'off';
export function chooseSingleKeys(act: boolean): void {
  if (act) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, 'off');
}

/**
 * The keys of the page. Letters never act; `/` and `?` do outside of text fields; nothing acts
 * under an open dialog, which has its own Esc.
 */
export function useKeys(keys: Keys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const { key } = event;
      if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      if (!(key in latest.current)) return;
      // F7 would ask to switch on caret browsing, F3 and others search, even where nothing acts.
      if (/^F\d/.test(key)) event.preventDefault();
      if (document.querySelector('dialog[open]') !== null) return;
      if (single.has(key) && (!singleKeysAct() || isTextField(event.target))) return;
      if (event.repeat) return;
      const act = latest.current[key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    document.addEventListener('keydown', pressed);
    return () => {
      document.removeEventListener('keydown', pressed);
    };
  }, []);
}

const isTextField = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches('input:not([type=checkbox]):not([type=radio]), textarea, [contenteditable]');
