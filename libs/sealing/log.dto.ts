import { ApiProperty } from '@nestjs/swagger';
import {
  Matches,
  Validate,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';

export class ReceiptQueryDto {
  @ApiProperty({
    description: "The record's leaf hash, hexadecimal: who does not know it gets no receipt",
    example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9',
  })
  @Matches(/^[0-9a-f]{64}$/)
  hash!: string;
}

/** A version is four bytes in the database, which is asked for none that cannot be. */
@ValidatorConstraint({ name: 'isVersion' })
class IsVersion implements ValidatorConstraintInterface {
  validate(version: unknown): boolean {
    return /^(0|[1-9]\d{0,9})$/.test(String(version)) && Number(version) <= 2_147_483_647;
  }
  defaultMessage(): string {
    return 'version must be a whole number up to 2147483647';
  }
}

export class ReceiptPathDto {
  @ApiProperty({ description: 'Stream of the record', example: 'book-1XnA0vJm3sYk2qLzR8tWcg' })
  @Matches(/^[a-z]{1,20}-[\w.-]{1,100}$/)
  stream!: string;

  @ApiProperty({ description: 'Version in the stream', example: 2 })
  @Validate(IsVersion)
  version!: string;
}

export class BookDto {
  @ApiProperty({
    description: "Stream of the book, one for each subject's consents and releases",
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
      'Signed note of the city: with which record the stream ended under that checkpoint. A later record below its size proves the city wrong.',
    example: 'mianzheng stream head v1\ncity.example\nbook-1XnA0vJm3sYk2qLzR8tWcg\n2\n…',
  })
  head!: string;
}
