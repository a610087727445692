import { ApiProperty } from '@nestjs/swagger';

export class StatementRecordDto {
  @ApiProperty({
    description: 'Stored bytes of the record, as UTF-8 text',
    example: '{"actor":{"client":"Yb2…"},"city":"city.example","data":{},"id":"…"}',
  })
  bytes!: string;

  @ApiProperty({
    description: 'Proof that it is in the sealed log: a C2SP tlog-proof',
    example: 'c2sp.org/tlog-proof@v1\nextra uU0nuZNNPg…\nindex 7\n…',
  })
  receipt!: string;
}

export class StatementDto {
  @ApiProperty({
    description:
      'Compact JWS, `typ: exemption-statement+jws`, by a key of `/log/statement-keys`: case, matter, rule version, and each material with the record that answered it',
    example: 'eyJhbGciOiJFZERTQSIsInR5cCI6ImV4ZW1wdGlvbi1zdGF0ZW1lbnQrandzIn0.e30.c2lnbmF0dXJl',
  })
  statement!: string;

  @ApiProperty({
    description: 'The records that the statement refers to',
    type: () => [StatementRecordDto],
  })
  records!: readonly StatementRecordDto[];
}
