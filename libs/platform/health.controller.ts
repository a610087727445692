import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ForAnyone } from './open-door.js';
import { Readiness } from './readiness.js';

/** For operators of the process, and for load balancers. */
@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('health/live')
  @ForAnyone()
  @ApiOperation({ summary: 'Liveness: whether the process runs', operationId: 'live' })
  @ApiResponse({ status: 200, schema: { type: 'object', example: { live: true } } })
  live() {
    return { live: true };
  }

  @Get('health/ready')
  @ForAnyone()
  @ApiOperation({
    summary: 'Readiness: whether requests may be sent to this process',
    operationId: 'ready',
  })
  @ApiResponse({
    status: 200,
    description: 'Every part is ready',
    schema: {
      type: 'object',
      example: {
        ready: true,
        parts: { database: 'ok', writes: 'ok', clock: 'ok', event_store: 'ok', projections: 'ok' },
      },
    },
  })
  @ApiResponse({
    status: 503,
    description:
      'A part is not ready: `parts` has its code, and `where` the stream and position, if known',
    schema: {
      type: 'object',
      example: {
        ready: false,
        parts: { database: 'ok', clock: 'ok', log: 'sealing_refused' },
        where: { log: 'stream book-9aX4mY0q2bC7dE1fG3hI5j, version 5, position 40185' },
      },
    },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const found = await this.readiness.look();
    if (!found.ready) reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return found;
  }
}
