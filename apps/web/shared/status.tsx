import type { ReactNode } from 'react';

export type Tone = 'green' | 'amber' | 'slate' | 'red' | 'blue';

/** A shape a tone, so that a status is told without its colour. */
const shapes: Readonly<Record<Tone, string>> = {
  green: '✓',
  amber: '○',
  slate: '■',
  red: '●',
  blue: 'i',
};

/** A status: word, shape and colour. */
export function Status({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={`status ${tone}`}>
      <span aria-hidden="true">{shapes[tone]}</span>
      {children}
    </span>
  );
}
