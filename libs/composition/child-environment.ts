/**
 * Environment variables that every program may inherit, for Node and the system. None of them is a
 * secret.
 */
const forAll = [
  'PATH',
  'HOME',
  'LANG',
  'LC_ALL',
  'TZ',
  'TMPDIR',
  'NODE_ENV',
  'NODE_EXTRA_CA_CERTS',
  'LOG_LEVEL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_TRACES_SAMPLER_ARG',
];

/**
 * The environment of a child program: the common variables, the named settings, and the given ones.
 * A setting that is on no list is not passed on, whatever secret it may be.
 * @param names settings of this process that are passed on
 * @param told null for settings to be removed
 */
export function childEnvironment(
  env: NodeJS.ProcessEnv,
  names: readonly string[],
  told: Readonly<Record<string, string | null>>,
): Record<string, string> {
  const passed = [...forAll, ...names].map((name) => [name, env[name]] as const);
  return Object.fromEntries(
    [...passed, ...Object.entries(told)].filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string' && told[entry[0]] !== null,
    ),
  );
}
