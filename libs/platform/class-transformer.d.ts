/**
 * The metadata that `@Type` records: the package has types for them, but does not export their
 * path.
 */
declare module 'class-transformer/cjs/storage.js' {
  export const defaultMetadataStorage: {
    findTypeMetadata(
      target: object,
      property: string,
    ): { readonly typeFunction: () => unknown } | undefined;
  };
}
