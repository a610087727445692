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

declare module 'virtual:type-names' {
  /** By code of a certificate type: its Chinese and its English name. */
  const names: Readonly<Record<string, readonly [zh: string, en: string]>>;
  export default names;
}
