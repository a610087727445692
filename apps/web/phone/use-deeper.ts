import { useCallback, useEffect, useState } from 'react';

/**
 * One screen over another, which the phone's own back button closes. History holds that something
 * is open, and not what.
 */
export function useDeeper<View>(): {
  readonly deeper: View | null;
  readonly go: (view: View) => void;
  readonly back: () => void;
} {
  const [deeper, setDeeper] = useState<View | null>(null);
  useEffect(() => {
    const closed = () => {
      setDeeper(null);
    };
    addEventListener('popstate', closed);
    return () => {
      removeEventListener('popstate', closed);
    };
  }, []);
  const go = useCallback((view: View) => {
    const { deeper: open } = (history.state ?? {}) as { readonly deeper?: boolean };
    if (open !== true) history.pushState({ deeper: true }, '');
    setDeeper(view);
  }, []);
  const back = useCallback(() => {
    const { deeper: open } = (history.state ?? {}) as { readonly deeper?: boolean };
    if (open === true) history.back();
    else setDeeper(null);
  }, []);
  return { deeper, go, back };
}
