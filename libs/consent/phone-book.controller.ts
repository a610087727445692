import { Controller, Get } from '@nestjs/common';
import {
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { EventStore } from '#libs/event-store';
import type { Principal } from '#libs/identity';
import { ForPhones, ThePrincipal } from '#libs/identity/http';
import { isObject, type JsonObject, utf8Text } from '#libs/kernel';
import { readRecord } from '#libs/log';
import { ProvenStreams } from '#libs/sealing';
import { bookOf, readSubject, type SubjectState } from '#libs/subject';

export class BookDto {
  @ApiProperty({
    description: 'Stream of the book, which holds a subject’s consents and releases',
    example: 'book-1XnA0vJm3sYk2qLzR8tWcg',
  })
  stream!: string;

  @ApiProperty({
    description: 'Stored bytes of every record from version 0 on, as UTF-8 text',
    type: [String],
    example: ['{"actor":{"client":"Yb2…"},"city":"city.example","data":{},"id":"…"}'],
  })
  records!: readonly string[];

  @ApiProperty({
    description: 'For each record a C2SP tlog-proof; all under one checkpoint',
    type: [String],
    example: ['c2sp.org/tlog-proof@v1\nextra uU0nuZNNPg…\nindex 7\n…'],
  })
  receipts!: readonly string[];

  @ApiProperty({
    description:
      'Signed note of the log: the last record of the stream under that checkpoint. A later record below its size proves the statement false.',
    example: 'mianzheng stream head v1\ncity.example\nbook-1XnA0vJm3sYk2qLzR8tWcg\n2\n…',
  })
  head!: string;

  @ApiProperty({
    description:
      'Public JWKs of the keys that granted in it, the keys of phones and passkeys. Each has the thumbprint that its grants name',
    type: 'array',
    items: { type: 'object', additionalProperties: true },
    example: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
  })
  keys!: readonly Readonly<Record<string, unknown>>[];
}

@ApiTags('log')
@Controller('v1')
export class PhoneBookController {
  constructor(
    private readonly streams: ProvenStreams,
    private readonly store: EventStore,
  ) {}

  @Get('phone/book')
  @ForPhones()
  @ApiOperation({
    operationId: 'phoneBook',
    summary: 'The holder’s complete book, with a proof of completeness',
    description:
      'Input of `verifyBook` of the offline verifier, which trusts nothing in it without proof.',
  })
  @ApiOkResponse({ type: BookDto })
  @ApiNotFoundResponse({
    description: 'The book has no record yet',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  })
  async book(@ThePrincipal() { subject }: Principal): Promise<BookDto> {
    const stream = bookOf(subject);
    const [head] = await this.store.streamHeads([stream]);
    const book = await this.streams.whole(stream, head ? { stream, ...head } : undefined);
    const holder = await readSubject(this.store, subject);
    return {
      stream: book.stream,
      records: book.records.map(utf8Text),
      receipts: book.receipts.map(utf8Text),
      head: utf8Text(book.head),
      keys: grantingKeys(book.records, holder),
    };
  }
}

/** Those of the holder's keys, revoked or not, that the grants in these records name. */
function grantingKeys(records: readonly Uint8Array[], holder: SubjectState): JsonObject[] {
  if (holder.status === 'absent') return [];
  const known = new Map<string, { readonly jwk: JsonObject }>([...holder.keys, ...holder.passkeys]);
  const granted = records
    .map((bytes) => readRecord(bytes))
    .filter(({ type }) => type === 'ConsentGranted')
    .map(({ data: { proof } }) => (isObject(proof) ? proof['jkt'] : null));
  return [...new Set(granted)].flatMap((jkt) => {
    const key = typeof jkt === 'string' ? known.get(jkt) : undefined;
    return key === undefined ? [] : [key.jwk];
  });
}
