import type { ActingAdministrator } from '#libs/identity';

/** A key as the record of an administrator's act names it: the city itself admitted it. */
export const actingKeyOf = (
  client: string,
  registrars: readonly string[] = [],
): ActingAdministrator => ({
  kid: `key of ${client}`,
  registrars,
  clientVersion: 0,
  operator: null,
});
