import { type ArgumentMetadata, type ValidationError, ValidationPipe } from '@nestjs/common';
import { InvalidError, isObject } from '#libs/kernel';

/** The request is not of the form that the route takes. `facts.members` names each wrong member and the rule that it breaks, never a value. */
export class RequestInvalid extends InvalidError<'request_invalid'> {}

/**
 * Nest's validation takes `null` for an empty object, and class-transformer passes over members named `constructor` without a word: both
 * are refused here, like everything else that a DTO does not name.
 */
class StrictValidation extends ValidationPipe {
  override transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') {
      if (value === null) throw requestInvalid(['body: isObject']);
      const at = constructorIn(value, '');
      if (at !== null) throw requestInvalid([`${at}: unknown member`]);
    }
    return super.transform(value, metadata);
  }
}

const requestInvalid = (members: string[]) =>
  new RequestInvalid(
    'request_invalid',
    'the request does not have the form that this route takes',
    { members },
  );

/** Where the first such member is; bytes have none. */
function constructorIn(value: unknown, path: string): string | null {
  if (Buffer.isBuffer(value) || (!Array.isArray(value) && !isObject(value))) return null;
  for (const [name, member] of Object.entries(value)) {
    const at = path === '' ? name.slice(0, 64) : `${path}.${name.slice(0, 64)}`;
    if (name === 'constructor') return at;
    const inside = constructorIn(member, at);
    if (inside !== null) return inside;
  }
  return null;
}

/** Refuses members that a DTO does not name, and values of another kind than it says. */
export const strictValidation = () =>
  new StrictValidation({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) =>
      requestInvalid(errors.flatMap((error) => named(error, '')).slice(0, 20)),
  });

function named(error: ValidationError, path: string): string[] {
  // The whole body being no object has no member to name.
  const name = (error.property as string | undefined) ?? '';
  const at = [path, name.slice(0, 64)].filter((part) => part !== '').join('.');
  const rules = Object.keys(error.constraints ?? {}).map((rule) =>
    rule === 'whitelistValidation' ? 'unknown member' : rule,
  );
  return [
    ...rules.map((rule) => (at === '' ? `body: ${rule}` : `${at}: ${rule}`)),
    ...(error.children ?? []).flatMap((child) => named(child, at)),
  ];
}
