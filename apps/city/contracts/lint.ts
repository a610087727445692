import { createConfig, lintFromString } from '@redocly/openapi-core';

/**
 * What the recommended rules of Redocly find wrong in an OpenAPI document, one line each; their
 * warnings are faults, too.
 */
export async function faultsOfOpenapi(text: string): Promise<readonly string[]> {
  const problems = await lintFromString({
    source: text,
    absoluteRef: 'openapi.json',
    config: await createConfig({ extends: ['recommended'] }),
  });
  return problems.map(
    ({ ruleId, message, location: [at] }) => `${at?.pointer ?? '#'}: ${message} (${ruleId})`,
  );
}
