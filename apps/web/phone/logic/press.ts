import { newCommand } from '#libs/api-client';
import { RequestFailed, troubleOf } from '../../shared/trouble.ts';

/** What was signed is taken within a minute of its time; a retry after that signs anew. */
export const signedHolds = 45_000;

/**
 * One press of a button, with its Idempotency-Key and with what was signed for it. While it is not
 * known whether the city has it, pressing again sends exactly the same again.
 */
export class Press {
  readonly header = newCommand();
  #body: Promise<unknown> | null = null;
  #open = true;

  constructor(private readonly made: number) {}

  /** Formed by the first attempt that comes so far, and sent by all. */
  body<Body>(form: () => Promise<Body>): Promise<Body> {
    this.#body ??= form().catch((error: unknown) => {
      this.#body = null;
      throw error;
    });
    return this.#body as Promise<Body>;
  }

  /** Whether the city took or refused it; false while that is not known. */
  get isAnswered(): boolean {
    return !this.#open;
  }

  /** Whether the next attempt is the same command. */
  canBeSentAgain(now: number): boolean {
    return this.#open && now - this.made < signedHolds;
  }

  /**
   * The answer to a request of this press. What nobody answered, and what the city could not do
   * just now, leaves the press open.
   * @throws RequestFailed
   */
  async send<Data>(
    call: Promise<{ readonly data?: Data; readonly error?: unknown; readonly response: Response }>,
  ): Promise<Data> {
    const { data, error, response } = await call.catch((cause: unknown) => {
      throw new RequestFailed(troubleOf(cause));
    });
    if (response.status < 500) this.#open = false;
    if (error !== undefined) throw new RequestFailed(troubleOf(error));
    return data as Data;
  }
}

/** The press to go on with: the one before while it is open, and a new one else. */
export const pressAfter = (before: Press | null, now: number): Press =>
  before?.canBeSentAgain(now) === true ? before : new Press(now);
