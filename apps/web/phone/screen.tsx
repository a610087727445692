import { type ReactNode, useEffect, useRef } from 'react';
import { LanguageSwitch, useWords } from '../shared/language.tsx';

const zh = { back: '返回' };
const en: typeof zh = { back: 'Back' };

/** One full screen. Its heading takes the focus, so that a screen reader begins there. */
export function Screen({
  title,
  aside,
  onBack,
  children,
}: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly onBack?: () => void;
  readonly children: ReactNode;
}) {
  const words = useWords({ zh, en });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, []);
  return (
    <div className="screen">
      <header className="top">
        {onBack === undefined ? null : (
          <button type="button" className="link" onClick={onBack}>
            {words.back}
          </button>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {aside}
        <LanguageSwitch />
      </header>
      <main>{children}</main>
    </div>
  );
}
