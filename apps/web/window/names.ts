import { useQueries, useQuery } from '@tanstack/react-query';
import type { LedgerClient, Schemas } from '#libs/api-client';
import type { Named } from '../shared/display.ts';
import { answered } from '../shared/trouble.ts';
import { useSession } from './session.tsx';

type TypeDto = Schemas['TypeDto'];

/** Names of the catalogue; the Chinese one stands in for an English one that is missing. */
export interface Names {
  readonly material: (code: string, zh: string) => Named;
  readonly type: (code: string) => Named;
  readonly issuer: (type: string) => Named | null;
  readonly field: (type: string, key: string) => Named;
}

const forever = { staleTime: Infinity, gcTime: Infinity } as const;

export const exemptionsQuery = (api: LedgerClient, code: string) => ({
  queryKey: ['exemptions', code],
  queryFn: () => answered(api.GET('/v1/matters/{code}/exemptions', { params: { path: { code } } })),
  ...forever,
});

/** Of one matter: its materials, and the types that answer them. */
export function useNames(matter: string | null): Names {
  const { api } = useSession();
  const { data: exemptions } = useQuery({
    ...exemptionsQuery(api, matter ?? ''),
    enabled: matter !== null,
  });
  const codes = [
    ...new Set(exemptions?.materials.flatMap(({ answers }) => answers.map(({ type }) => type))),
  ];
  const types = useQueries({
    queries: codes.map((code) => ({
      queryKey: ['type', code],
      queryFn: () => answered(api.GET('/v1/types/{code}', { params: { path: { code } } })),
      ...forever,
    })),
  });
  const known = new Map<string, TypeDto>();
  for (const { data } of types) if (data !== undefined) known.set(data.code, data);
  return {
    material: (code, zh) => ({
      zh,
      en: exemptions?.materials.find(({ material }) => material === code)?.nameEn ?? zh,
    }),
    type: (code) => {
      const type = known.get(code);
      return { zh: type?.nameZh ?? code, en: type?.nameEn ?? code };
    },
    issuer: (code) => {
      const type = known.get(code);
      return type === undefined
        ? null
        : { zh: type.department, en: type.departmentEn ?? type.department };
    },
    field: (code, key) => ({
      zh: key,
      en: known.get(code)?.fields.find((field) => field.key === key)?.nameEn ?? key,
    }),
  };
}
