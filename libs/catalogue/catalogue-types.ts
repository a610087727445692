import { IssuableTypes } from '#libs/identity';
import type { Catalogue } from './ports.js';

/**
 * Types for which authorities are registered, from the streams themselves: what was imported a
 * moment ago is there.
 */
export class CatalogueTypes extends IssuableTypes {
  constructor(private readonly catalogue: Catalogue) {
    super();
  }

  async has(type: string): Promise<boolean> {
    return (await this.catalogue.type(type)) !== null;
  }
}
