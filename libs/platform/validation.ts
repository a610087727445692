import { type ValidationError, ValidationPipe } from '@nestjs/common';
import { InvalidError } from '#libs/kernel';

/** The request is not of the form that the route takes. `facts.members` names each wrong member and the rule that it breaks, never a value. */
export class RequestInvalid extends InvalidError<'request_invalid'> {}

/** Refuses members that a DTO does not name, and values of another kind than it says. */
export const strictValidation = () =>
  new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) =>
      new RequestInvalid(
        'request_invalid',
        'the request does not have the form that this route takes',
        { members: errors.flatMap((error) => named(error, '')).slice(0, 20) },
      ),
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
