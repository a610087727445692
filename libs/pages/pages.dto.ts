import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';

const set = 'uU0nuZNNPgilLlLX2n2r-sSE7-N6U4DukIj3rOLvzek';

export class PagesSetPathDto {
  @ApiProperty({ description: 'Name of the set', example: set })
  @Matches(/^[A-Za-z0-9_-]{43}$/)
  set!: string;
}

export class PageOfSetDto {
  @ApiProperty({ description: 'Path in the build', example: 'phone/index.html' })
  path!: string;
  @ApiProperty({
    description: 'SHA-256 of its bytes, base64url',
    example: 'LPJNul-wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ',
  })
  hash!: string;
}

export class PagesRecordDto {
  @ApiProperty({ description: 'Stream of the record', example: 'pages-published' })
  stream!: string;
  @ApiProperty({ description: 'Version in the stream', example: 3 })
  version!: number;
  @ApiProperty({
    description: 'Leaf hash of the record, hexadecimal',
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  hash!: string;
  @ApiProperty({
    description: 'The record as it is stored',
    example: '{"actor":{"client":"city"},…',
  })
  bytes!: string;
}

export class RecordedPagesDto {
  @ApiProperty({
    description:
      'Name of the set: SHA-256, base64url, of a line `HASH PATH` for each file, in the order of the paths',
    example: set,
  })
  set!: string;
  @ApiProperty({ description: 'Version of the product that published it', example: '0.2.0' })
  productVersion!: string;
  @ApiProperty({ description: 'Its files, in the order of their paths', type: [PageOfSetDto] })
  files!: readonly PageOfSetDto[];
  @ApiProperty({ description: 'The record `PagesPublished` that names them', type: PagesRecordDto })
  record!: PagesRecordDto;
  @ApiProperty({
    description: 'The receipt of the record: a C2SP tlog-proof whose extra data are the leaf hash',
    example: 'c2sp.org/tlog-proof@v1\nextra uU0nuZNNPg…\nindex 7\n…',
  })
  receipt!: string;
}
