import { type ReactNode, useId } from 'react';

/** A label with its control, and what belongs into it. */
export function Field({
  label,
  hint,
  children,
}: {
  readonly label: string;
  readonly hint?: string;
  /** Gets the ids of the control and of its hint. */
  readonly children: (id: string, hint: string | undefined) => ReactNode;
}) {
  const id = useId();
  const hintId = hint === undefined ? undefined : `${id}-hint`;
  return (
    <div className="field-of">
      <label htmlFor={id}>{label}</label>
      {children(id, hintId)}
      {hint === undefined ? null : (
        <small id={hintId} className="quiet">
          {hint}
        </small>
      )}
    </div>
  );
}

/** The usual one: a line of text. */
export function TextField({
  label,
  hint,
  value,
  onChange,
  list,
  mono = false,
}: {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Values that are offered while typing. */
  readonly list?: readonly string[];
  readonly mono?: boolean;
}) {
  const listId = useId();
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      {(id, hintId) => (
        <>
          <input
            id={id}
            aria-describedby={hintId}
            className={mono ? 'field mono' : 'field'}
            autoComplete="off"
            spellCheck={false}
            value={value}
            {...(list === undefined ? {} : { list: listId })}
            onChange={(event) => {
              onChange(event.currentTarget.value);
            }}
          />
          {list === undefined ? null : (
            <datalist id={listId}>
              {list.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Field>
  );
}
