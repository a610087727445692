/** Whether this is the page that is one file, opened from a disk: no city is behind it. */
export const isOneFile = location.protocol === 'file:';
