import { Controller, Get, Headers, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, ClientCaller, PhoneCaller } from '#libs/identity';
import {
  ForPhones,
  Requires,
  type Standing,
  TheClient,
  ThePhone,
  TheStanding,
} from '#libs/identity/http';
import { StaysOpen } from '#libs/platform';
import { EventStreams } from './event-streams.js';

const lastEventId = {
  name: 'Last-Event-ID',
  description:
    'The `id` of the last event received. What was recorded since then is told first, where `resumed` of the event `open` says so; otherwise what is shown is to be read anew. Ids of other callers count as none.',
  required: false,
  example: '2mE0YpXqC1u7RkTz5vQbH8sWd3LfJ6nA9gMiOoUyKePxZtBc',
} as const;

const form = [
  'Server-sent events (WHATWG HTML, section 9.2). The first is `open`, the last `end`, whose `code` is that of a problem: after `token_expired`, `event_stream_closed` and `event_stream_replaced` another stream may be asked for.',
  'Events hold ids and states, never data: what they name is read by its own route. Each is told at least once, and only while its caller may read it.',
  'A comment comes every two seconds; a connection without one for longer is lost.',
].join(' ');

@ApiTags('events')
@Controller('v1')
export class NoticeController {
  constructor(private readonly streams: EventStreams) {}

  @Get('events')
  @Requires('matters:read')
  @StaysOpen()
  @ApiOperation({
    summary: 'Events of the caller’s cases',
    operationId: 'events',
    description: `${form} \`consent\` has \`case\`, \`consent\` and \`state\`, at the moment of the record; \`case\` has \`case\` and \`change\` (opened, taken, returned, brought, closed, consent), once the board has it. Of a case that was opened online all windows of its department are told until one has taken it. A terminal or kiosk is told of its window’s cases, a department’s system of its department’s, with the scope \`cases:open\`.`,
  })
  @ApiHeader(lastEventId)
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string' } })
  client(
    @TheClient() caller: ClientCaller,
    @TheStanding() standing: Standing,
    @Headers('last-event-id') lastId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    this.#open({ caller, standing, lastId }, request, reply);
  }

  @Get('phone/events')
  @ForPhones()
  @StaysOpen()
  @ApiTags('phone')
  @ApiOperation({
    summary: 'Events of the holder’s book',
    operationId: 'phoneEvents',
    description: `${form} \`consent\` has \`consent\` and \`state\`, for each record of the holder’s book; \`case\` has \`case\` and \`change\`, for the holder’s online cases.`,
  })
  @ApiHeader(lastEventId)
  @ApiProduces('text/event-stream')
  @ApiOkResponse({ schema: { type: 'string' } })
  phone(
    @ThePhone() caller: PhoneCaller,
    @TheStanding() standing: Standing,
    @Headers('last-event-id') lastId: string | undefined,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): void {
    this.#open({ caller, standing, lastId }, request, reply);
  }

  #open(asked: Asked, { method }: FastifyRequest, reply: FastifyReply): void {
    // A proxy that collects an answer before it passes it on would keep every event.
    void reply.headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    if (method === 'HEAD') {
      void reply.send();
      return;
    }
    void reply.send(this.streams.open(asked.caller, asked.standing, asked.lastId));
  }
}

interface Asked {
  readonly caller: Caller;
  readonly standing: Standing;
  readonly lastId: string | undefined;
}
