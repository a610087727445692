import type { KeptPage } from './surroundings.ts';

/** Trusted Types (W3C), as far as these pages need them; not every browser has them yet. */
interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL: (url: string) => string };
}

/** Where the city serves a page's worker. */
export const workerAddress = (page: KeptPage): string => `/${page}-worker.js`;

/** The page's policy allows one name of a policy, and this one gives one address alone. */
function trustedAddress(page: KeptPage): string {
  const address = workerAddress(page);
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  return (
    trustedTypes
      ?.createPolicy(`${page}-worker`, { createScriptURL: () => address })
      .createScriptURL(address) ?? address
  );
}

/**
 * The page opens without network once its worker is there. Where there is no worker (private
 * windows), the page works all the same.
 * @param scopes addresses of the page
 */
export function registerWorker(page: KeptPage, scopes: readonly string[]): void {
  if (!('serviceWorker' in navigator)) return;
  const address = trustedAddress(page);
  for (const scope of scopes)
    void navigator.serviceWorker.register(address, { scope }).catch(() => undefined);
}
