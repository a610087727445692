import { type EventStore, statesOf, upcasting } from '#libs/event-store';
import {
  type MatterEvent,
  matterSchemas,
  type TypeDefinition,
  type TypeEvent,
  typeSchemas,
} from './catalogue.events.js';
import { basicMatter, matterDecider, rulesFor } from './matter.decider.js';
import { Catalogue, type MatterWithRules } from './ports.js';
import { typeDecider } from './type.decider.js';

export const typeRules = { ...typeDecider, codec: upcasting<TypeEvent>(typeSchemas) };
export const matterRules = { ...matterDecider, codec: upcasting<MatterEvent>(matterSchemas) };

export const typeStream = (code: string) => `type-${code}`;
export const matterStream = (code: string) => `matter-${code}`;

/**
 * The catalogue as its streams say at the moment of asking: what was read before is kept, and only
 * what a stream has gained since is read.
 */
export class StreamCatalogue extends Catalogue {
  constructor(private readonly store: EventStore) {
    super();
  }

  async type(code: string): Promise<TypeDefinition | null> {
    const [{ state }] = await statesOf(this.store).look({
      stream: typeStream(code),
      rules: typeRules,
    });
    return state.status === 'defined' ? state.definition : null;
  }

  /**
   * A matter at a place follows the rules of its basic matter until it has rules of its own;
   * `ruleVersion` is that of whose hold.
   */
  async matter(code: string): Promise<MatterWithRules | null> {
    const look = (matter: string) => ({ stream: matterStream(matter), rules: matterRules });
    const [{ state: own }, { state: base }] = await statesOf(this.store).look(
      look(code),
      look(basicMatter(code)),
    );
    if (own.status === 'absent') return null;
    const rules = own.rules > 0 || base.status !== 'defined' ? own : base;
    return {
      matter: own.definition,
      ruleVersion: rules.rules,
      materials: rulesFor(own.definition, rules.materials),
    };
  }
}
