import { ValidateBy, type ValidationOptions } from 'class-validator';
import { textFault } from '#libs/kernel';

/**
 * One line of text in which every character is visible and read in the order shown; the message
 * names the code point. See `textFault`.
 */
export const IsPlainText = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isPlainText',
      validator: {
        validate: (value: unknown) => typeof value === 'string' && textFault(value) === null,
        defaultMessage: (given) => {
          const value: unknown = given?.value;
          const fault = typeof value === 'string' ? textFault(value) : null;
          return fault === null ? 'a text' : `without ${fault.codePoint} (character ${fault.at})`;
        },
      },
    },
    options,
  );
