import type { ReactNode } from 'react';

/** A button with the key that does the same. */
export function KeyButton({
  name,
  onPress,
  children,
  primary = false,
  disabled = false,
}: {
  /** As on the keyboard: `F4`. */
  readonly name: string;
  readonly onPress: () => void;
  readonly children: ReactNode;
  readonly primary?: boolean;
  readonly disabled?: boolean;
}) {
  return (
    <button
      type="button"
      className={primary ? 'button primary' : 'button'}
      aria-keyshortcuts={name}
      disabled={disabled}
      onClick={onPress}
    >
      {children}
      <kbd className="key" aria-hidden="true">
        {name}
      </kbd>
    </button>
  );
}
