import type { INestApplicationContext, Type } from '@nestjs/common';
import { CommandBus, QueryBus } from '@nestjs/cqrs';
import { inSpan } from '#libs/tracing';

type Execute = (request: object, ...rest: unknown[]) => Promise<unknown>;

/**
 * Runs each command and query in a span with the name of its class; its members are not recorded.
 */
export function traceBuses(app: INestApplicationContext): void {
  for (const token of [CommandBus, QueryBus] as Type<{ execute: Execute }>[]) {
    const bus = found(app, token);
    if (bus === null) continue;
    const execute = bus.execute.bind(bus);
    bus.execute = (request, ...rest) =>
      inSpan(request.constructor.name, {}, () => execute(request, ...rest));
  }
}

/** Programs without commands have no bus. */
function found<Bus>(app: INestApplicationContext, token: Type<Bus>): Bus | null {
  try {
    return app.get(token, { strict: false });
  } catch {
    return null;
  }
}
