/** Trusted Types (W3C), as far as this page needs them; not every browser has them yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL: (url: string) => string };
}

const address = '/phone-worker.js';

/** The page's policy allows one name of a policy, and this one gives one address alone. */
function trustedAddress(): string {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  return (
    trustedTypes
      ?.createPolicy('phone-worker', { createScriptURL: () => address })
      .createScriptURL(address) ?? address
  );
}

/**
 * The page opens without network once its worker is there. Where there is no worker (private
 * windows), the page works all the same.
 */
export function registerWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  void navigator.serviceWorker
    .register(trustedAddress(), { scope: '/phone' })
    .catch(() => undefined);
}
