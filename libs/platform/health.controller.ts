import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ForAnyone } from './access.js';
import { Readiness } from './readiness.js';

/** For those who operate the process, and for what stands in front of it. */
@ApiTags('health')
@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  @Get('health/live')
  @ForAnyone()
  @ApiOperation({ summary: 'The process runs', operationId: 'live' })
  @ApiResponse({ status: 200, schema: { type: 'object', example: { live: true } } })
  live() {
    return { live: true };
  }

  @Get('health/ready')
  @ForAnyone()
  @ApiOperation({ summary: 'Requests may be sent to this process', operationId: 'ready' })
  @ApiResponse({
    status: 200,
    description: 'Every part is ready',
    schema: {
      type: 'object',
      example: { ready: true, parts: { database: 'ok', clock: 'ok', projections: 'ok' } },
    },
  })
  @ApiResponse({
    status: 503,
    description: 'A part is not ready; its code says why',
    schema: {
      type: 'object',
      example: { ready: false, parts: { database: 'unreachable', clock: 'unreachable' } },
    },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const found = await this.readiness.look();
    if (!found.ready) reply.status(HttpStatus.SERVICE_UNAVAILABLE);
    return found;
  }
}
