/** The page under /online: the phone's, laid out for a desk, which begins with what to apply for. */
export const isOnline = location.pathname === '/online';
