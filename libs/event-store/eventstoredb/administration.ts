import { type CallOptions, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import type { UsersClient } from '@eventstore/db-client/generated/users_grpc_pb.js';
import messages from '@eventstore/db-client/generated/users_pb.js';
import type { DetailsResp } from '@eventstore/db-client/generated/users_pb.js';
import { isObject, type JsonObject, parseJson } from '#libs/kernel';
import { NONE, StoreUnavailable } from '../port.js';
import { Connection, meaningOf, NoAnswer } from './connection.js';
import { whyUnreachable } from './diagnosis.js';
import { nameOf } from './records.js';
import { endRequest, eventRequest, othersRequest, streamEndRequest } from './requests.js';
import { Session, unreachable } from './session.js';
import type { StoreAddress } from './url.js';

/** A user of the server. */
export interface StoreUser {
  readonly groups: readonly string[];
  readonly isDisabled: boolean;
}

/**
 * The last event of one of the server's own streams, as JSON, and its version; −1 where it has
 * none.
 */
export interface LastEvent {
  readonly version: number;
  readonly content: JsonObject | null;
}

/** Whether an error says that the server knows the user, and does not let it do this. */
export const isDenied = (error: unknown): boolean =>
  error instanceof StoreUnavailable &&
  (error.cause as Partial<ServiceError> | undefined)?.code === status.PERMISSION_DENIED;

/** The server's response to a user that reads the end of `$all`. */
export type Reception = 'may read' | 'may not' | 'not known';

const answerMs = 10_000;
const patienceMs = 5000;

/**
 * A user at the server, and what it may do there: other users, events of the server's own streams.
 */
export class Administration {
  readonly #connection: Connection;
  readonly #session: Session;

  constructor(private readonly address: StoreAddress) {
    this.#connection = new Connection(address);
    this.#session = new Session(address, {
      answerMs,
      readPatienceMs: patienceMs,
      silenceMs: answerMs,
    });
  }

  /** @throws StoreUnavailable where no node answers, with `facts.why` where the cause is known */
  async reception(): Promise<Reception> {
    try {
      await this.#session.read(endRequest(), 1);
      return 'may read';
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      const { cause } = error;
      if (cause instanceof NoAnswer) throw (await whyUnreachable(this.address, error)) ?? error;
      switch ((cause as Partial<ServiceError> | undefined)?.code) {
        case status.UNAUTHENTICATED:
          return 'not known';
        case status.PERMISSION_DENIED:
          return 'may not';
        default:
          throw error;
      }
    }
  }

  /** @returns null where there is no such user */
  async user(login: string): Promise<StoreUser | null> {
    const options = new messages.DetailsReq.Options();
    options.setLoginName(login);
    const request = new messages.DetailsReq();
    request.setOptions(options);
    return this.#ask<StoreUser | null>(([client, ...given], resolve, reject) => {
      const call = client.details(request, ...given);
      let found: StoreUser | null = null;
      call.on('data', (answer: DetailsResp) => {
        const user = answer.getUserDetails();
        if (user?.getLoginName() === login)
          found = { groups: user.getGroupsList(), isDisabled: user.getDisabled() };
      });
      call.on('end', () => {
        resolve(found);
      });
      call.on('error', (error: ServiceError) => {
        if (exceptionOf(error) === 'user-not-found') resolve(null);
        else reject(error);
      });
    });
  }

  async createUser(login: string, password: string, fullName: string): Promise<void> {
    const options = new messages.CreateReq.Options();
    options.setLoginName(login);
    options.setPassword(password);
    options.setFullName(fullName);
    const request = new messages.CreateReq();
    request.setOptions(options);
    await this.#ask<null>(([client, ...given], resolve, reject) => {
      client.create(request, ...given, answered(resolve, reject));
    });
  }

  async resetPassword(login: string, password: string): Promise<void> {
    const options = new messages.ResetPasswordReq.Options();
    options.setLoginName(login);
    options.setNewPassword(password);
    const request = new messages.ResetPasswordReq();
    request.setOptions(options);
    await this.#ask<null>(([client, ...given], resolve, reject) => {
      client.resetPassword(request, ...given, answered(resolve, reject));
    });
  }

  async lastOf(stream: string): Promise<LastEvent> {
    const [last] = await this.#session.read(streamEndRequest(stream), 1);
    if (last === undefined) return { version: NONE, content: null };
    const content = parseJson(Buffer.from(last.getData_asU8()).toString());
    return {
      version: Number(last.getStreamRevision()),
      content: isObject(content) ? content : null,
    };
  }

  /** @returns false where the stream no longer ends at `expected`, and nothing was written */
  async write(
    stream: string,
    expected: number,
    type: string,
    content: JsonObject,
  ): Promise<boolean> {
    const verdict = await this.#session.append(
      eventRequest(stream, expected, type, content),
      patienceMs,
    );
    switch (verdict.kind) {
      case 'written':
        return true;
      case 'moved':
        return false;
      case 'never':
        throw verdict.error;
      case 'busy':
      case 'not_ready':
      case 'unknown':
        throw unreachable();
    }
  }

  /**
   * A stream of another program on this server: neither the server's own, nor under the name of
   * `city`. Null where there is none.
   */
  async streamOfOthers(city: string): Promise<string | null> {
    const [found] = await this.#session.read(othersRequest(`${city}/`), 1);
    return found === undefined ? null : nameOf(found);
  }

  async close(): Promise<void> {
    await Promise.all([this.#session.end(), this.#connection.end()]);
  }

  async #ask<Answer>(
    work: (
      call: readonly [client: UsersClient, metadata: Metadata, options: CallOptions],
      resolve: (answer: Answer) => void,
      reject: (error: unknown) => void,
    ) => void,
  ): Promise<Answer> {
    try {
      return await this.#connection.users(
        answerMs,
        (...call) =>
          new Promise<Answer>((resolve, reject) => {
            work(call, resolve, reject);
          }),
      );
    } catch (error) {
      const meaning = meaningOf(error, true);
      throw meaning instanceof NoAnswer ? unreachable(meaning) : meaning;
    }
  }
}

const answered =
  (resolve: (done: null) => void, reject: (error: unknown) => void) =>
  (error: ServiceError | null): void => {
    if (error === null) resolve(null);
    else reject(error);
  };

const exceptionOf = ({ metadata }: Partial<ServiceError>): string | undefined =>
  metadata?.get('exception')[0]?.toString();
