import type { INestApplicationContext } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { InternalError } from '#libs/kernel';
import { ACCESS } from '#libs/platform';

/** Routes without access metadata; `facts.routes` names them as `Controller.method`. */
export class RouteWithoutAccess extends InternalError<'route_without_access'> {}

/** Nest's name for the metadata by which a method is a route. */
const routePath = 'path';

/**
 * Refuses to start a program that has a route without access metadata (`Requires`, `ForPhones`,
 * `ForAnyone`). The guard would keep such a route closed; here its author hears of it first.
 * @throws RouteWithoutAccess
 */
export function refuseForgottenLocks(app: INestApplicationContext): void {
  const routes = [...app.get(ModulesContainer).values()]
    .flatMap(({ controllers }) => [...controllers.values()])
    .flatMap(({ metatype }) => (typeof metatype === 'function' ? unlocked(metatype) : []));
  if (routes.length > 0)
    throw new RouteWithoutAccess(
      'route_without_access',
      `routes say nowhere who they are for: ${routes.join(', ')}`,
      { routes },
    );
}

// eslint-disable-next-line @typescript-eslint/no-unsafe-function-type -- a controller is any class
function unlocked(controller: Function): string[] {
  if (Reflect.hasMetadata(ACCESS, controller)) return [];
  const prototype = controller.prototype as Record<string, unknown>;
  return methodNames(prototype)
    .filter((name) => {
      const method = prototype[name];
      return (
        typeof method === 'function' &&
        Reflect.hasMetadata(routePath, method) &&
        !Reflect.hasMetadata(ACCESS, method)
      );
    })
    .map((name) => `${controller.name}.${name}`);
}

function methodNames(prototype: object): string[] {
  const names = new Set<string>();
  for (
    let at: object | null = prototype;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object | null
  )
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
  return [...names];
}
