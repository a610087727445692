import { canonicalize, type Decider } from '#libs/kernel';
import type { TypeDefinition, TypeEvent } from './catalogue.events.js';

/** Says what a certificate type is from now on. */
export interface DefineType {
  readonly kind: 'define-type';
  readonly definition: TypeDefinition;
}

export type TypeState =
  | { readonly status: 'absent' }
  | { readonly status: 'defined'; readonly definition: TypeDefinition };

/** Stream `type-<code>`. Defining a type as it is already changes nothing. */
export const typeDecider: Decider<DefineType, TypeState, TypeEvent> = {
  initialState: { status: 'absent' },

  decide({ definition }, state) {
    switch (state.status) {
      case 'absent':
        return [{ type: 'TypeDefined', data: definition }];
      case 'defined':
        return canonicalize(state.definition) === canonicalize(definition)
          ? []
          : [{ type: 'TypeChanged', data: definition }];
    }
  },

  evolve: (_state, { data }) => ({ status: 'defined', definition: data }),
};
