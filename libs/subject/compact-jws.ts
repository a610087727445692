/** The format of a compact JWS; its content is checked where it is used. */
export const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;
