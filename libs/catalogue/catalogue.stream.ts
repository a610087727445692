import { type Codec, type EventStore, NONE, upcasting } from '#libs/event-store';
import type { Decider } from '#libs/kernel';
import {
  type MatterEvent,
  matterSchemas,
  type TypeDefinition,
  type TypeEvent,
  typeSchemas,
} from './catalogue.events.js';
import { basicMatter, matterDecider, type MatterState, rulesFor } from './matter.decider.js';
import { Catalogue, type MatterWithRules } from './ports.js';
import { typeDecider, type TypeState } from './type.decider.js';

export const typeRules = { ...typeDecider, codec: upcasting<TypeEvent>(typeSchemas) };
export const matterRules = { ...matterDecider, codec: upcasting<MatterEvent>(matterSchemas) };

export const typeStream = (code: string) => `type-${code}`;
export const matterStream = (code: string) => `matter-${code}`;

/**
 * Streams that are kept at most; the oldest is dropped first. A city has some 13,000 matters, of a
 * few kilobytes each.
 */
const kept = 20_000;

/**
 * The catalogue as its streams say at the moment of asking. What was read before is kept; only what
 * a stream has gained since is read.
 */
export class StreamCatalogue extends Catalogue {
  readonly #types: StreamCache<TypeState, TypeEvent>;
  readonly #matters: StreamCache<MatterState, MatterEvent>;

  constructor(store: EventStore) {
    super();
    this.#types = new StreamCache(store, typeRules);
    this.#matters = new StreamCache(store, matterRules);
  }

  async type(code: string): Promise<TypeDefinition | null> {
    const state = await this.#types.now(typeStream(code));
    return state.status === 'defined' ? state.definition : null;
  }

  /**
   * A matter at a place follows the rules of its basic matter until it has rules of its own;
   * `ruleVersion` is that of whose hold.
   */
  async matter(code: string): Promise<MatterWithRules | null> {
    const basic = basicMatter(code);
    const [own, base] = await Promise.all([
      this.#matters.now(matterStream(code)),
      basic === code ? null : this.#matters.now(matterStream(basic)),
    ]);
    if (own.status === 'absent') return null;
    const rules = own.rules > 0 || base?.status !== 'defined' ? own : base;
    return {
      matter: own.definition,
      ruleVersion: rules.rules,
      materials: rulesFor(own.definition, rules.materials),
    };
  }
}

/**
 * States of streams by name, brought up to date from the store at each look. A stream that does not
 * exist is not kept.
 */
class StreamCache<State, Event extends { readonly type: string; readonly data: unknown }> {
  readonly #states = new Map<string, { readonly state: State; readonly version: number }>();

  constructor(
    private readonly store: EventStore,
    private readonly rules: Pick<Decider<never, State, Event>, 'initialState' | 'evolve'> & {
      codec: Codec<Event>;
    },
  ) {}

  async now(stream: string): Promise<State> {
    const known = this.#states.get(stream) ?? { state: this.rules.initialState, version: NONE };
    const news = await this.store.readStream(stream, known.version + 1);
    if (news.length === 0) return known.state;
    let { state } = known;
    for (const { body } of news)
      state = this.rules.evolve(state, this.rules.codec.upcast(body.type, body.schema, body.data));
    const version = known.version + news.length;
    // A concurrent read may have got further.
    if ((this.#states.get(stream)?.version ?? NONE) < version) {
      this.#states.set(stream, { state, version });
      if (this.#states.size > kept) {
        const oldest = this.#states.keys().next();
        if (oldest.done === false) this.#states.delete(oldest.value);
      }
    }
    return state;
  }
}
