/**
 * The map by which HAProxy routes: `METHOD:path` as a regular expression, and the service that
 * answers. A key has no space in it, because HAProxy ends it there.
 * @param served for each service its routes, as contracts/services.json has them
 */
export function proxyMap(served: Readonly<Record<string, readonly string[]>>): string {
  const lines = Object.entries({ ...served, ledger: [...contract, ...(served['ledger'] ?? [])] })
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([service, routes]) => routes.map((route) => `${keyOf(route)} ${service}\n`));
  return `# Generated from contracts/services.json by npm run contracts.\n${lines.join('')}`;
}

/** The ledger shows the contract of all services together. */
const contract = ['GET /openapi.json'];

function keyOf(route: string): string {
  const [method = '', path = ''] = route.split(' ');
  const pattern = path
    .split('/')
    .map((part) =>
      part.startsWith(':') ? '[^/]+' : part === '*' ? '.+' : part.replaceAll('.', '\\.'),
    )
    .join('/');
  return `^${method === 'GET' ? '(GET|HEAD)' : method}:${pattern}$`;
}
