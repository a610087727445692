import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { EventStore } from '#libs/event-store';
import { Requires } from '#libs/identity/http';
import { InvalidError, utf8Text } from '#libs/kernel';
import { RecordsDto, RecordsQueryDto } from './records.dto.js';

/** The text is not the name of a stream. */
export class StreamNameInvalid extends InvalidError<'stream_name_invalid'> {}

const atMost = 1000;

/**
 * What an auditor sees: the stored bytes of records, and their hashes. They contain no personal
 * data in clear, and only auditors get them by stream.
 */
@ApiTags('ledger')
@Controller('v1/ledger')
export class RecordsController {
  constructor(private readonly store: EventStore) {}

  @Get('streams/:stream/records')
  @Requires('ledger:audit')
  @ApiOperation({ summary: 'Records of one stream, as stored' })
  @ApiOkResponse({ type: RecordsDto })
  async records(
    @Param('stream') stream: string,
    @Query() query: RecordsQueryDto,
  ): Promise<RecordsDto> {
    if (!/^[a-z]{1,20}-[\w.-]{1,100}$/.test(stream))
      throw new StreamNameInvalid('stream_name_invalid', 'this is not the name of a stream');
    const records = await this.store.readStream(stream, query.from ?? 0, atMost);
    return {
      stream,
      records: records.map(({ bytes, hash, body }) => ({
        version: body.version,
        hash,
        bytes: utf8Text(bytes),
      })),
    };
  }
}
