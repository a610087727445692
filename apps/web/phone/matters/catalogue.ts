import type { Schemas } from '#libs/api-client';
import { answered } from '../../shared/problems.tsx';
import { open, type Phone } from '../city.ts';

export interface SearchFor {
  readonly q: string;
  readonly size: number;
  readonly page?: number;
}

/** What there is to apply for. */
export interface Catalogue {
  search(query: SearchFor): Promise<Schemas['MattersDto']>;
  matter(code: string): Promise<Schemas['MatterForHoldersDto']>;
}

export const catalogueOf = ({ api }: Phone): Catalogue => ({
  search: (query) => answered(api.GET('/v1/phone/matters', { params: { query } })),
  matter: (code) => answered(api.GET('/v1/phone/matters/{code}', { params: { path: { code } } })),
});

/** Without a key: the city counts by address what comes. */
export const publicCatalogue: Catalogue = {
  search: (query) => answered(open.GET('/v1/public/matters', { params: { query } })),
  matter: (code) => answered(open.GET('/v1/public/matters/{code}', { params: { path: { code } } })),
};
