/** Under /online the phone's page is laid out for a desk, and begins with what to apply for. */
export const isOnline = location.pathname === '/online';
