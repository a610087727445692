import sharedMessages from '@eventstore/db-client/generated/shared_pb.js';
import statusMessages from '@eventstore/db-client/generated/status_pb.js';
import messages from '@eventstore/db-client/generated/streams_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
  ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import googleAny from 'google-protobuf/google/protobuf/any_pb.js';
import googleEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { DoubleEvent, NewDoubleEvent } from './log.js';

/** The double's answers, in the server's own definitions. */

export function eventMessage(event: DoubleEvent): ReadResp {
  const identifier = new sharedMessages.StreamIdentifier();
  identifier.setStreamName(Buffer.from(event.stream));
  const id = new sharedMessages.UUID();
  id.setString(event.id);
  const recorded = new messages.ReadResp.ReadEvent.RecordedEvent();
  recorded.setId(id);
  recorded.setStreamIdentifier(identifier);
  recorded.setStreamRevision(String(event.revision));
  recorded.setCommitPosition(String(event.position));
  recorded.setPreparePosition(String(event.position));
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('content-type', event.contentType)
    .set('created', '0');
  recorded.setData(event.data);
  recorded.setCustomMetadata(event.metadata);
  const read = new messages.ReadResp.ReadEvent();
  read.setEvent(recorded);
  read.setCommitPosition(String(event.position));
  const response = new messages.ReadResp();
  response.setEvent(read);
  return response;
}

export function streamNotFound(name: string): ReadResp {
  const identifier = new sharedMessages.StreamIdentifier();
  identifier.setStreamName(Buffer.from(name));
  const notFound = new messages.ReadResp.StreamNotFound();
  notFound.setStreamIdentifier(identifier);
  const response = new messages.ReadResp();
  response.setStreamNotFound(notFound);
  return response;
}

export function confirmation(): ReadResp {
  const confirmed = new messages.ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId('double');
  const response = new messages.ReadResp();
  response.setConfirmation(confirmed);
  return response;
}

export function checkpoint(position: bigint): ReadResp {
  const at = new messages.ReadResp.Checkpoint();
  at.setCommitPosition(String(position));
  at.setPreparePosition(String(position));
  const response = new messages.ReadResp();
  response.setCheckpoint(at);
  return response;
}

export function caughtUp(): ReadResp {
  const response = new messages.ReadResp();
  response.setCaughtUp(new messages.ReadResp.CaughtUp());
  return response;
}

export function proposed(request: BatchAppendReq): NewDoubleEvent[] {
  return request.getProposedMessagesList().map((message) => ({
    id: message.getId()?.getString() ?? '',
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: message.getData_asU8().slice(),
    metadata: message.getCustomMetadata_asU8().slice(),
  }));
}

function answerTo(request: BatchAppendReq): BatchAppendResp {
  const response = new messages.BatchAppendResp();
  response.setCorrelationId(request.getCorrelationId());
  response.setStreamIdentifier(request.getOptions()?.getStreamIdentifier());
  return response;
}

export function written(
  request: BatchAppendReq,
  revision: number,
  position: bigint,
): BatchAppendResp {
  const at = new sharedMessages.AllStreamPosition();
  at.setCommitPosition(String(position));
  at.setPreparePosition(String(position));
  const success = new messages.BatchAppendResp.Success();
  success.setCurrentRevision(String(revision));
  success.setPosition(at);
  const response = answerTo(request);
  response.setSuccess(success);
  return response;
}

export function wrongVersion(request: BatchAppendReq, current: number): BatchAppendResp {
  const wrong = new sharedMessages.WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new googleEmpty.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  return refused(request, 'WrongExpectedVersion', wrong.serializeBinary());
}

/**
 * An error of the server: the name of one of its messages, or, without details, a text such as
 * "Server Is Not Ready".
 */
export function refused(
  request: BatchAppendReq,
  name: string,
  details: Uint8Array = new Uint8Array(),
): BatchAppendResp {
  const any = new googleAny.Any();
  const named = /^[A-Za-z]+$/.test(name);
  any.pack(details, named ? `event_store.client.${name}` : 'google.protobuf.Empty');
  const status = new statusMessages.Status();
  status.setMessage(name);
  status.setDetails(any);
  const response = answerTo(request);
  response.setError(status);
  return response;
}
