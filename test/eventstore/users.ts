import {
  Metadata,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  status,
} from '@grpc/grpc-js';
import messages from '@eventstore/db-client/generated/users_pb.js';
import type {
  CreateReq,
  CreateResp,
  DetailsReq,
  DetailsResp,
  ResetPasswordReq,
  ResetPasswordResp,
} from '@eventstore/db-client/generated/users_pb.js';
import type { Access } from './access.js';

/** As the server answers a call that it does not let through; its name stands in the metadata. */
export function refusal(code: status, exception: string, details: string): Error {
  const metadata = new Metadata();
  metadata.set('exception', exception);
  return Object.assign(new Error(details), { code, details, metadata });
}

/** Why a caller may not, as the server says it; null where it may. */
export function refusalOf(
  access: Access | undefined,
  metadata: Metadata,
  action: 'read' | 'write' | 'delete',
  stream: string,
): Error | null {
  if (access === undefined) return null;
  const caller = access.caller(metadata);
  if (caller === null) return notKnown();
  if (caller === undefined && access.isOpen) return null;
  return caller !== undefined && access.may(caller, action, stream) ? null : denied();
}

const notKnown = () =>
  Object.assign(new Error('not known'), {
    code: status.UNAUTHENTICATED,
    details: 'Unauthenticated',
  });
const denied = () => refusal(status.PERMISSION_DENIED, 'access-denied', 'Access Denied');
const notFound = (login: string) =>
  refusal(status.NOT_FOUND, 'user-not-found', `User '${login}' is not found.`);

type Asked<Request, Answer> = (
  call: ServerUnaryCall<Request, Answer>,
  answer: sendUnaryData<Answer>,
) => void;

/** The service by which administrators manage users: as much of it as a ledger asks for. */
export function usersService(access: Access | undefined): {
  create: Asked<CreateReq, CreateResp>;
  resetPassword: Asked<ResetPasswordReq, ResetPasswordResp>;
  details: (call: ServerWritableStream<DetailsReq, DetailsResp>) => void;
} {
  const unless = (metadata: Metadata): Error | null => {
    const caller = access?.caller(metadata);
    if (caller === null) return notKnown();
    return caller?.groups.includes('$admins') === true ? null : denied();
  };
  return {
    create: (call, answer) => {
      const options = call.request.getOptions();
      const login = options?.getLoginName() ?? '';
      const refused = unless(call.metadata);
      if (refused !== null || access === undefined) answer(refused);
      else if (access.user(login) !== null)
        answer(refusal(status.FAILED_PRECONDITION, 'user-conflict', 'Conflict.'));
      else {
        const { password, fullName, groupsList } = options?.toObject() ?? noUser;
        access.create(login, password, fullName, groupsList);
        answer(null, new messages.CreateResp());
      }
    },
    resetPassword: (call, answer) => {
      const options = call.request.getOptions();
      const login = options?.getLoginName() ?? '';
      const refused = unless(call.metadata);
      const user = access?.user(login) ?? null;
      if (refused !== null || access === undefined) answer(refused);
      else if (user === null) answer(notFound(login));
      else {
        access.resetPassword(user, options?.getNewPassword() ?? '');
        answer(null, new messages.ResetPasswordResp());
      }
    },
    details: (call) => {
      const login = call.request.getOptions()?.getLoginName() ?? '';
      const refused = unless(call.metadata);
      const user = access?.user(login) ?? null;
      if (refused !== null || user === null) {
        call.emit('error', refused ?? notFound(login));
        return;
      }
      const details = new messages.DetailsResp.UserDetails();
      details.setLoginName(user.loginName);
      details.setFullName(user.fullName);
      details.setGroupsList([...user.groups]);
      details.setDisabled(user.isDisabled);
      const response = new messages.DetailsResp();
      response.setUserDetails(details);
      call.write(response);
      call.end();
    },
  };
}

const noUser = { password: '', fullName: '', groupsList: [] };
