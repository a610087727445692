import type { ReactNode } from 'react';

interface ShownProps {
  readonly title: string;
  readonly busy?: boolean;
  readonly mark?: 'done' | 'hindered' | 'over';
  readonly children: ReactNode;
}

/** One thing said in large letters, and what can be done about it. */
export function Shown({ title, busy = false, mark, children }: ShownProps) {
  return (
    <section className={['shown', mark].filter(Boolean).join(' ')} aria-busy={busy}>
      <h2 data-say="">{title}</h2>
      {typeof children === 'string' ? <p data-say="">{children}</p> : children}
      {busy ? <div className="busy" aria-hidden="true" /> : null}
    </section>
  );
}
