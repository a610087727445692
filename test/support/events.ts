import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { TestClient, TestPhone } from './client.js';

export interface Told {
  readonly event: string | undefined;
  readonly id: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A stream of events as any client reads it, with everything that it was told so far. */
export class EventReader {
  readonly told: Told[] = [];
  /** Comments: the beats of the connection. */
  beats = 0;
  #over = false;
  readonly #waiting = new Set<() => void>();
  readonly #closing = new AbortController();

  private constructor() {}

  /**
   * @param lastId of the event with which it resumes
   * @param through origin of the process that is asked, where it is not the public one
   * @throws where it is refused
   */
  static async open(
    caller: TestClient | TestPhone,
    { lastId, through }: { readonly lastId?: string | undefined; readonly through?: string } = {},
  ): Promise<EventReader> {
    const path = 'client' in caller ? '/v1/events' : '/v1/phone/events';
    const reader = new EventReader();
    const headers = lastId === undefined ? {} : { 'last-event-id': lastId };
    const sending = { headers, through };
    const response = await caller.open('GET', path, undefined, sending, reader.#closing.signal);
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    void reader.#read(response);
    await reader.sees('open');
    return reader;
  }

  async #read(response: Response): Promise<void> {
    const parser = createParser({
      onEvent: ({ event, id, data }: EventSourceMessage) => {
        this.told.push({ event, id, data: JSON.parse(data) as Told['data'] });
        this.#wake();
      },
      onComment: () => {
        this.beats++;
        this.#wake();
      },
    });
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? [])
        parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
    } catch {
      // cut off by either side
    }
    this.#over = true;
    this.#wake();
  }

  /** Waits for what holds of the stream; fails where it ended before. */
  async until(holds: (reader: this) => boolean): Promise<void> {
    while (!holds(this)) {
      if (this.#over) throw new Error(`the stream ended after ${JSON.stringify(this.told)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Waits for an event with these members. */
  async sees(event: string, members: Readonly<Record<string, unknown>> = {}): Promise<Told> {
    const found = () =>
      this.told.find(
        (one) =>
          one.event === event &&
          Object.entries(members).every(([name, value]) => one.data[name] === value),
      );
    await this.until(() => found() !== undefined);
    return found() as Told;
  }

  /** Waits until it has ended. @returns the code of its `end`; null where it was cut */
  async ended(): Promise<unknown> {
    while (!this.#over) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    const last = this.told.at(-1);
    return last?.event === 'end' ? last.data['code'] : null;
  }

  /** The last id that counts. */
  get lastId(): string | undefined {
    return this.told.findLast(({ id }) => id !== undefined)?.id;
  }

  close(): void {
    this.#closing.abort();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
