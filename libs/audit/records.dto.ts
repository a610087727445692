import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';

/** From which version on to read. */
export class RecordsQueryDto {
  @ApiProperty({
    required: false,
    example: 0,
    description: 'First version to read; 0 is the first.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(2 ** 31 - 1)
  from?: number;
}

export class LedgerRecordDto {
  @ApiProperty({ example: 0 })
  version!: number;

  @ApiProperty({
    example: '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    description: 'RFC 6962 leaf hash of the bytes, hexadecimal.',
  })
  hash!: string;

  @ApiProperty({
    example:
      '{"actor":{"client":"Yb2…","operator":"k7J…"},"city":"city.example","data":{},"id":"…"}',
    description:
      'The stored bytes as UTF-8 text: RFC 8785 canonical JSON. Hash these, not a re-serialisation. `actor` has the `client` that acted and, if a member of staff was signed in at that terminal, `operator`, a random id.',
  })
  bytes!: string;
}

export class RecordsDto {
  @ApiProperty({ example: 'case-9aX4mY0q2bC7dE1fG3hI5j' })
  stream!: string;

  @ApiProperty({
    type: [LedgerRecordDto],
    description: 'At most 1,000, in order; continue with the next version.',
  })
  records!: LedgerRecordDto[];
}
