import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventStore } from '#libs/event-store';
import { Requires } from '#libs/identity/http';
import { formatCheckpoint, isTrialOrigin, parseTilePath, TILE_WIDTH, TileError } from '#libs/log';
import { ForAnyone } from '#libs/platform';
import { LogOriginDto, ReceiptPathDto, ReceiptQueryDto } from './log.dto.js';
import { Leaves } from './ports.js';
import { LogReceipts } from './log-receipts.js';
import { TileUnknown } from './sealing.errors.js';
import { LogPolicy } from './log-policy.js';
import { PublishedStatementKeys } from './statement-keys.js';
import { TileReading } from './tile-reading.js';

const text = 'text/plain; charset=utf-8';
const bytes = 'application/octet-stream';
/** Tiles never change, so that clients may cache them for good. */
const forEver = 'public, max-age=31536000, immutable';

/** C2SP tlog-tiles below `/log/`: all that is needed to follow the log and verify proofs. */
@ApiTags('log')
@Controller('log')
export class LogController {
  constructor(
    private readonly receipts: LogReceipts,
    private readonly reading: TileReading,
    private readonly policy: LogPolicy,
    private readonly published: PublishedStatementKeys,
    private readonly store: EventStore,
    private readonly leaves: Leaves,
  ) {}

  @Get('checkpoint')
  @ForAnyone()
  @Header('content-type', text)
  @ApiOperation({ summary: 'The latest checkpoint: a C2SP signed note of origin, size and root' })
  @ApiOkResponse({
    content: { [text]: { example: 'city.example\n7\nCsUYapGG…\n\n— city.example …\n' } },
  })
  async checkpoint(): Promise<string> {
    return formatCheckpoint(await this.receipts.checkpoint());
  }

  @Get('origin')
  @ForAnyone()
  @ApiOperation({
    summary: 'The origin of the log, and whether it is that of a trial',
    description:
      'What a page says of a trial before anything else. An origin never changes: a trial is one for ever.',
  })
  @ApiOkResponse({ type: LogOriginDto })
  origin(): LogOriginDto {
    return { origin: this.store.city, trial: isTrialOrigin(this.store.city) };
  }

  @Get('policy')
  @ForAnyone()
  @ApiOperation({
    summary: 'The keys of log and witnesses, as a C2SP tlog-policy',
    description:
      'Compare it with a copy from another source: a dishonest ledger could show a false policy here.',
  })
  @ApiOkResponse({ content: { [text]: { example: 'log city.example+9b2f…\nquorum none\n' } } })
  async trusted(@Res() reply: FastifyReply): Promise<void> {
    await reply.header('content-type', text).send(Buffer.from(this.policy.octets));
  }

  @Get('statement-keys')
  @ForAnyone()
  @Header('content-type', text)
  @ApiOperation({
    summary: 'Statement keys: the keys that sign exemption statements, as a note signed by the log',
    description:
      'A note signed by the key of the log, which is the only key that a verifier must trust.',
  })
  @ApiOkResponse({
    content: {
      [text]: {
        example:
          'mianzheng statement keys v1\ncity.example\nuU0nuZNNPg… CsUYapGG…\n\n— city.example …\n',
      },
    },
  })
  statementKeys(): string {
    return this.published.text;
  }

  /** Entry bundles are the records themselves, for auditors only. */
  @Get('tile/entries/*')
  @Requires('ledger:audit')
  @ApiExcludeEndpoint()
  async entries(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const tile = this.parse(request.url.replace('/tile/entries/', '/tile/0/'));
    const { size } = await this.receipts.checkpoint();
    const first = tile.index * TILE_WIDTH;
    if (first + tile.width > size) throw unknown();
    const before = await this.leaves.before(first);
    if (before === null) throw unknown();
    const records = await this.store.readAll(before, tile.width);
    const entries = records.flatMap((record) => [lengthOf(record.bytes), record.bytes]);
    await reply.header('content-type', bytes).send(Buffer.concat(entries));
  }

  @Get('tile/*')
  @ForAnyone()
  @ApiExcludeEndpoint()
  async tile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const tile = this.parse(request.url);
    const { size } = await this.receipts.checkpoint();
    // Only what a published checkpoint covers is served.
    if ((tile.index * TILE_WIDTH + tile.width) * TILE_WIDTH ** tile.level > size) throw unknown();
    const found = await this.reading.tile(tile);
    if (found === null) throw unknown();
    await reply
      .header('content-type', bytes)
      .header('cache-control', forEver)
      .send(Buffer.from(found));
  }

  private parse(url: string) {
    const [path = ''] = url.split('?');
    try {
      return parseTilePath(path.replace(/^\/log\//, ''));
    } catch (cause) {
      if (cause instanceof TileError) throw unknown(cause);
      throw cause;
    }
  }
}

const unknown = (cause?: unknown) =>
  new TileUnknown('tile_unknown', 'the log has no such tile', {}, { cause });

/** tlog-tiles: each entry is preceded by its length in two bytes. */
function lengthOf(entry: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  if (entry.length > 0xffff) throw unknown();
  length.writeUInt16BE(entry.length);
  return length;
}

@ApiTags('log')
@Controller('v1')
export class ReceiptsController {
  constructor(private readonly receipts: LogReceipts) {}

  @Get('receipts/:stream/:version')
  @ForAnyone()
  @Header('content-type', text)
  @ApiOperation({
    summary: 'The receipt of a record: a C2SP tlog-proof whose extra data are the leaf hash',
    description:
      'Requires the hash of the record, which is given only to the parties of the record.',
  })
  @ApiOkResponse({
    content: { [text]: { example: 'c2sp.org/tlog-proof@v1\nextra uU0nuZNNPg…\nindex 7\n…' } },
  })
  receipt(@Param() path: ReceiptPathDto, @Query() { hash }: ReceiptQueryDto): Promise<string> {
    return this.receipts.of({ stream: path.stream, version: Number(path.version), hash });
  }
}
