import { Controller, Get, Header, Param, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeEndpoint, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bookOf } from '#libs/consent';
import { EventStore } from '#libs/event-store';
import type { PhoneCaller } from '#libs/identity';
import { utf8Text } from '#libs/kernel';
import { formatCheckpoint, parseTilePath, TileError, TILE_WIDTH } from '#libs/log';
import { ForAnyone, ForPhones, Requires, ThePhone } from '#libs/platform';
import { BookDto, ReceiptPathDto, ReceiptQueryDto } from './log.dto.js';
import { Leaves } from './ports.js';
import { Receipts } from './receipts.js';
import { TileUnknown } from './sealing.errors.js';
import { LogPolicy } from './log-policy.js';
import { PublishedStatementKeys } from './statement-keys.js';
import { TileReading } from './tile-reading.js';

const text = 'text/plain; charset=utf-8';
const bytes = 'application/octet-stream';
/** Tiles never change: whoever fetched one keeps it. */
const forEver = 'public, max-age=31536000, immutable';

/** C2SP tlog-tiles below `/log/`: what anybody needs to follow the log and check proofs against it. */
@ApiTags('log')
@Controller('log')
export class LogController {
  constructor(
    private readonly receipts: Receipts,
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

  @Get('policy')
  @ForAnyone()
  @Header('content-type', text)
  @ApiOperation({
    summary: 'The keys of log and witnesses, as a C2SP tlog-policy',
    description:
      'Compare it with one that came another way: a ledger that lies would lie here too.',
  })
  @ApiOkResponse({ content: { [text]: { example: 'log city.example+9b2f…\nquorum none\n' } } })
  trusted(): string {
    return this.policy.text;
  }

  @Get('statement-keys')
  @ForAnyone()
  @Header('content-type', text)
  @ApiOperation({
    summary: 'The keys by which the ledger signs exemption statements, signed by the log',
    description: 'A signed note of the log’s own key: who trusts that one needs no other.',
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

  /** Entry bundles are the records themselves: for auditors only. */
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
    // Nothing is shown that no published checkpoint covers.
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
  constructor(private readonly receipts: Receipts) {}

  @Get('receipts/:stream/:version')
  @ForAnyone()
  @Header('content-type', text)
  @ApiOperation({
    summary: 'The receipt of a record: a C2SP tlog-proof whose extra data are the leaf hash',
    description:
      'For whoever knows the hash, which the ledger told those whom the record concerns.',
  })
  @ApiOkResponse({
    content: { [text]: { example: 'c2sp.org/tlog-proof@v1\nextra uU0nuZNNPg…\nindex 7\n…' } },
  })
  receipt(@Param() path: ReceiptPathDto, @Query() { hash }: ReceiptQueryDto): Promise<string> {
    return this.receipts.of({ stream: path.stream, version: Number(path.version), hash });
  }

  @Get('phone/book')
  @ForPhones()
  @ApiOperation({
    summary: 'The own book whole, with the proof that it is whole',
    description:
      'What `verifyBook` of the offline verifier takes: nothing of it needs to be believed.',
  })
  @ApiOkResponse({ type: BookDto })
  async book(@ThePhone() { subject }: PhoneCaller): Promise<BookDto> {
    const book = await this.receipts.book(bookOf(subject));
    return {
      stream: book.stream,
      records: book.records.map(utf8Text),
      receipts: book.receipts.map(utf8Text),
      head: utf8Text(book.head),
    };
  }
}
