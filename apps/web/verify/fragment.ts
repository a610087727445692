/**
 * What the address brought behind `#`: the digits of a printed code, which no server is sent. They
 * are taken out of the address, and so out of the history, before any other code of the page runs.
 */
let brought = take();

function take(): string {
  const { hash, pathname } = location;
  if (hash !== '') history.replaceState(null, '', pathname);
  return hash.slice(1);
}

/** Once: the digits, or an empty text. */
export function broughtDigits(): string {
  const digits = brought;
  brought = '';
  return digits;
}

/** A second code opened the page that is open already. */
export function onBrought(then: (digits: string) => void): () => void {
  const changed = () => {
    const digits = take();
    if (digits !== '') then(digits);
  };
  addEventListener('hashchange', changed);
  // One that came while the page was made ready.
  changed();
  return () => {
    removeEventListener('hashchange', changed);
  };
}
