import { Body, Controller, Headers, HttpCode, Post, StreamableFile } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { CommandContext } from '#libs/event-store';
import type { ClientCaller } from '#libs/identity';
import { Requires, TheClient, TheCommand } from '#libs/identity/http';
import { TakesRawBody } from '#libs/platform';
import { maxBatchBytes, readCsv, readNdjson, watchBatch } from './batch-lines.js';
import { KeptFileDto } from './certificate.dto.js';
import { IssueBatch } from './commands/issue-batch.js';
import { KeepFile } from './commands/keep-file.js';
import { fileMediaTypes } from './content.js';
import { maxFileBytes } from './files.js';
import { idempotencyKey } from './idempotency-header.js';

const mediaTypeOf = (header: string): string => header.split(';', 1)[0]?.trim().toLowerCase() ?? '';

/** What issuing authorities hand in by the bulk, and files: bodies that are not JSON. */
@ApiTags('certificates')
@Controller('v1')
@Requires('certificates:issue')
export class BatchController {
  constructor(private readonly commands: CommandBus) {}

  @Post('certificates/batch')
  @HttpCode(200)
  @TakesRawBody(['application/x-ndjson', 'text/csv'], maxBatchBytes, watchBatch)
  @ApiOperation({
    summary:
      'Submit a batch of certificates and new versions; the reply has one line for each line',
  })
  @ApiHeader(idempotencyKey)
  @ApiConsumes('application/x-ndjson', 'text/csv')
  @ApiBody({
    description:
      'NDJSON: {"sdJwt": "…", "files"?: […], "certificate"?: "…"} on each line; `certificate` for a later version, where its number does not name it. CSV: a column sd_jwt. At most 1,000 lines and 16 MiB.',
    schema: { type: 'string' },
    // One of each type: the document gives each what is its own.
    examples: {
      'application/x-ndjson': { value: '{"sdJwt":"eyJhbGciOi…~WyJz…~"}\n' },
      'text/csv': { value: 'sd_jwt\neyJhbGciOi…~WyJz…~\n' },
    },
  })
  @ApiProduces('application/x-ndjson')
  @ApiOkResponse({
    description:
      'A line for each, in order: {"line", "state": "recorded" | "unchanged", "certificate", "version", "record", "flags"} or {"line", "state": "refused", "code", "detail", "hint", "hintZh", "facts"}, what to do being said in English and in Chinese. `record` is the leaf hash of the record that holds it.',
    schema: {
      type: 'string',
      example:
        '{"line":1,"state":"recorded","certificate":"qf3H0m1V2bQ0v4yJ8m7TJw","version":1,"record":"b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184","flags":[]}\n',
    },
  })
  async batch(
    @TheClient() caller: ClientCaller,
    @TheCommand() context: CommandContext,
    @Headers('content-type') type: string,
    @Body() body: Buffer,
  ): Promise<StreamableFile> {
    const lines = mediaTypeOf(type) === 'text/csv' ? readCsv(body) : readNdjson(body);
    const results = await this.commands.execute(new IssueBatch(context, caller, lines));
    const answer = results.map((result) => `${JSON.stringify(result)}\n`).join('');
    return new StreamableFile(Buffer.from(answer), { type: 'application/x-ndjson' });
  }

  @Post('files')
  @TakesRawBody(fileMediaTypes, maxFileBytes)
  @ApiOperation({ summary: 'Store an encrypted file for a certificate that will refer to it' })
  @ApiHeader(idempotencyKey)
  @ApiConsumes(...fileMediaTypes)
  @ApiBody({
    description: 'The file’s bytes, at most 10 MB.',
    schema: { type: 'string', format: 'binary' },
  })
  @ApiCreatedResponse({ type: KeptFileDto })
  keep(
    @TheClient() caller: ClientCaller,
    @Headers('content-type') type: string,
    @Body() body: Buffer,
  ): Promise<KeptFileDto> {
    return this.commands.execute(new KeepFile(caller, mediaTypeOf(type), body));
  }
}
