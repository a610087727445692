declare module 'virtual:problems' {
  /** By code: what it means in Chinese and in English. */
  const texts: Readonly<Record<string, readonly [zh: string, en: string]>>;
  export default texts;
}
