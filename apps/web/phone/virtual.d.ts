declare module 'virtual:phone-files' {
  /** Paths of the page and of all that it can load, as the build wrote them. */
  export const files: string[];
  /** A hash of their names and contents. */
  export const set: string;
}
