declare module 'virtual:problems-zh' {
  /** By code: what it means, in Chinese. */
  const texts: Readonly<Record<string, string>>;
  export default texts;
}

declare module 'virtual:problems-en' {
  /** By code: what it means, in English. */
  const texts: Readonly<Record<string, string>>;
  export default texts;
}
