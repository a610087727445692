/**
 * What a one-time link carries behind `#`: a fragment never reaches a server. It is taken out of
 * the address at once, so that it stands in no history and on no screenshot.
 */
export function takeFragment(): URLSearchParams {
  const fragment = new URLSearchParams(location.hash.slice(1));
  if (location.hash !== '') history.replaceState(null, '', location.pathname + location.search);
  return fragment;
}
