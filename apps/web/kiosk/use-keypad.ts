import { useEffect } from 'react';

/** What a key of the keypad presses, by `data-act` of its button. */
const acts: Readonly<Record<string, string>> = {
  Enter: 'main',
  Backspace: 'back',
  '*': 'back',
  '+': 'more',
  '#': 'help',
  '/': 'help',
  '-': 'leave',
  Escape: 'leave',
};

/**
 * The main path by a keypad: 1 to 9 press the choices of the screen in their order, or the digits
 * of a PIN; Enter goes on, * goes back, + turns the page, # calls for help, - leaves, and 0 says
 * everything again.
 * @param onSayAgain what 0 does where no digit is asked for
 */
export function useKeypad(onSayAgain: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
      // A scanner types into its field: what it sends is a code, and no keypad's.
      if (event.target instanceof HTMLInputElement) return;
      const within = document.querySelector('dialog[open]') ?? document;
      const button = buttonFor(event.key, within);
      if (button === null && event.key !== '0') return;
      event.preventDefault();
      if (button === null) onSayAgain();
      else button.click();
    };
    addEventListener('keydown', pressed);
    return () => {
      removeEventListener('keydown', pressed);
    };
  }, [onSayAgain]);
}

function buttonFor(key: string, within: ParentNode): HTMLButtonElement | null {
  if (/^\d$/.test(key)) {
    const digit = within.querySelector<HTMLButtonElement>(`button[data-digit="${key}"]`);
    if (digit !== null || key === '0') return digit;
    return within.querySelectorAll<HTMLButtonElement>('button[data-key]')[Number(key) - 1] ?? null;
  }
  const act = acts[key];
  if (act === undefined) return null;
  const button = within.querySelector<HTMLButtonElement>(`button[data-act="${act}"]`);
  return button?.disabled === true ? null : button;
}
